import type { ComparedExperiment, Comparison, RunDifference } from '../../api/compare.js';
import { printable, renderDiagnostics } from '../../api/compiler.js';
import { formatTable } from '../table-formats.js';
import { Numbers } from './numbers.js';
import {
  experimentLines,
  headingOf,
  identityLine,
  metricColumns,
  resultsHeading,
  resultsNotes,
  shownMetrics,
} from './sections.js';
import { shortened, sparkline } from './sparkline.js';

export interface RenderOptions {
  readonly precision: number;
  readonly onlyChanged: boolean;
}

/** Formats a comparison for a terminal. */
export function comparisonText(comparison: Comparison, options: RenderOptions): string {
  const changed = comparison.experiments.filter(({ status }) => status !== 'same');
  const same = comparison.experiments.filter(({ status }) => status === 'same').map(({ name }) => name);
  const title = printable(`${comparison.old} → ${comparison.new}`);
  if (comparison.experiments.length === 0) return `${title}\n\nthere are no experiments\n`;
  const unchanged =
    same.length === 0 || (options.onlyChanged && changed.length > 0)
      ? []
      : [`unchanged: ${printable(same.join(', '))}\n`];
  return [`${title}\n`, ...changed.map((each) => experimentText(each, options)), ...unchanged].join('\n');
}

function experimentText(experiment: ComparedExperiment, { precision, onlyChanged }: RenderOptions): string {
  const { identity, results, notes, runs } = experiment;
  const metrics = metricColumns(new Numbers(precision));
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
  const lines = [
    ...part('experiment', experimentLines(experiment)),
    ...part('identity', identity.map(identityLine)),
    ...results.flatMap((result) => {
      const rows = shownMetrics(result, onlyChanged);
      const table = rows.length === 0 ? [] : formatTable(metrics, rows, 'text').trimEnd().split('\n');
      return part(resultsHeading(result), [...table, ...resultsNotes(result)]);
    }),
    ...part('runs', runs.flatMap(runLines)),
    ...notes.map((note) => `note: ${note}`),
    ...diagnosticsOf(experiment),
  ];
  return `${printable(headingOf(experiment))}\n${lines.map((line) => `  ${printable(line)}\n`).join('')}`;
}

/** The diagnostics of versions that do not compile. */
export function diagnosticsOf({ old, new: now }: ComparedExperiment): readonly string[] {
  return [old, now].flatMap((version) => {
    if (version === null || version.compiled !== null) return [];
    return renderDiagnostics(version.diagnostics, { colour: false }).trimEnd().split('\n');
  });
}

const curveWidth = 40;

/** First divergence of two runs, and their curves on one scale. */
export function runLines({ params, seed, runs: [a, b], parts, curves }: RunDifference): readonly string[] {
  const where =
    parts === null
      ? 'the same at every step'
      : `first differ in step ${parts.step} of ${parts.stage} (${parts.metric})`;
  const drawn = curves.flatMap(({ metric, old, new: now }) => [
    `  ${metric}  ${sparkline(shortened(old, curveWidth), [...old, ...now])}  ${a}`,
    `  ${' '.repeat(metric.length)}  ${sparkline(shortened(now, curveWidth), [...old, ...now])}  ${b}`,
  ]);
  const title = [...params, `seed ${seed}`].join(' ');
  return [`${title}: ${a} and ${b} ${where}`, ...drawn];
}
