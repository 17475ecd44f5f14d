import {
  type ComparedExperiment,
  changeText,
  type IdentityChange,
  type MetricDifference,
  type ResultsDifference,
} from '../../api/compare.js';
import { countText } from '../../api/text.js';
import type { Column } from '../table-formats.js';
import { metricLabel, type Numbers, verdict } from './numbers.js';

/** An experiment's heading: `sparse (experiments/sparse.ae)`. */
export function headingOf({ name, new: now, old, status }: ComparedExperiment): string {
  const file = (now ?? old)?.place?.file;
  const where = file === undefined ? '' : ` (${file})`;
  return `${name}${where}${status === 'added' ? ': new' : status === 'removed' ? ': gone' : ''}`;
}

/** The experiment's changes, one a line. */
export function experimentLines({ changes, text, old, new: now }: ComparedExperiment): readonly string[] {
  if (changes.length > 0) return changes.map(changeText);
  if (old?.compiled === null || now?.compiled === null) return [];
  switch (text) {
    case 'none':
      return [];
    case 'comments':
      return ['only comments differ; no result depends on them'];
    case 'layout':
      return ['only the layout of the text differs; no result depends on it'];
    case 'wording':
      return ['it is written differently and means the same; no result depends on it'];
  }
}

export function identityLine({ what, from, to, counts }: IdentityChange): string {
  return `${what}: ${shortHash(from)} → ${shortHash(to)}${counts ? '' : ' (beside the identity)'}`;
}

/** Abbreviates a hash. */
function shortHash(text: string | null): string {
  return (text ?? 'none').replace(/[0-9a-f]{64}/g, (hash) => hash.slice(0, 12));
}

/** `results, rho=0.05 (3 seeds, paired)` */
export function resultsHeading({ params, seeds }: ResultsDifference): string {
  const several = seeds.length === 0 ? 'no seed in common' : `${countText(seeds.length, 'seed')}, paired`;
  const count = seeds.length === 1 ? `seed ${seeds[0]}` : several;
  return `results${params.length > 0 ? `, ${params.join(' ')}` : ''} (${count})`;
}

/** Notes below a table of results. */
export function resultsNotes({
  sameWeights,
  seeds,
  metrics,
  words,
  onlyOld,
  onlyNew,
}: ResultsDifference): readonly string[] {
  const same = sameWeights.length === seeds.length && seeds.length > 0;
  const tested = metrics.some(({ identical }) => !identical);
  return [
    ...(same ? ['the weights are the same to the last bit'] : []),
    ...(!same && !tested ? ['the weights differ, every metric is the same'] : []),
    ...(onlyOld.length > 0 ? [`no longer measured: ${onlyOld.join(', ')}`] : []),
    ...(onlyNew.length > 0 ? [`measured for the first time: ${onlyNew.join(', ')}`] : []),
    ...words,
  ];
}

export function metricColumns(numbers: Numbers): readonly Column<MetricDifference>[] {
  return [
    { heading: 'metric', key: 'metric', text: metricLabel, value: ({ metric }) => metric },
    { heading: 'old', key: 'old', text: ({ old }) => numbers.side(old), value: ({ old }) => old.mean },
    { heading: 'new', key: 'new', text: ({ new: now }) => numbers.side(now), value: ({ new: now }) => now.mean },
    {
      heading: 'difference',
      key: 'difference',
      text: (row) => numbers.difference(row),
      value: (row) => row.difference,
    },
    { heading: 'relative', key: 'relative', text: (row) => numbers.relative(row), value: (row) => row.relative },
    { heading: '', key: 'p', text: verdict, value: ({ adjustedP }) => adjustedP },
  ];
}

/** The rows to show; with `onlyChanged`, those not bit-identical. */
export function shownMetrics({ metrics }: ResultsDifference, onlyChanged: boolean): readonly MetricDifference[] {
  return onlyChanged ? metrics.filter(({ identical }) => !identical) : metrics;
}
