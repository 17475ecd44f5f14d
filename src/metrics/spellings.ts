import { termLabel } from './definitions.js';
import { presentName } from './former-names.js';
import { type DataPart, partMetric, readMetric } from './metric-name.js';
import { partRank } from './usual-metric.js';

/** Prefixes of metric names in Keras, Lightning and their loggers. */
const partsElsewhere: ReadonlyMap<string, DataPart> = new Map([
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['train', 'train'],
  ['training', 'train'],
  ['test', 'test'],
]);

/** Translates another library's name (`val_loss`, `train/mse`); null for any other text. */
export function metricElsewhere(name: string): string | null {
  const [, before = '', quantity = ''] = /^([a-z]+)[._/](.+)$/.exec(name) ?? [];
  const part = partsElsewhere.get(before);
  if (part === undefined) return null;
  const own = partMetric(part, quantity);
  return own === name ? null : own;
}

/** Finds the metric meant by another library's name, or by a bare quantity; null if there is none. */
export function metricMeant(name: string, metrics: readonly string[]): string | null {
  const own = metricElsewhere(name) ?? name;
  const known = [own, presentName(own)].find((one) => metrics.includes(one));
  if (known !== undefined) return known;
  const { scope, quantity } = readMetric(own);
  const measured = scope.kind === 'part' ? quantity : own;
  const alike = metrics.filter(
    (metric) => metric === measured || termLabel(readMetric(metric).quantity) === termLabel(measured),
  );
  // Same order as for the default metric: validation, test, train.
  return [...alike].sort((a, b) => partRank(a) - partRank(b))[0] ?? null;
}
