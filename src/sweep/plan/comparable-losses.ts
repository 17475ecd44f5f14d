import { DiagnosticCollector } from '../../compiler/diagnostics/collector.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import type { SweepRequest } from '../../compiler/expand/sweep-request.js';
import { lossStatement } from '../../compiler/ir/canonical.js';
import { knownWord, type Library } from '../../compiler/library/library.js';
import { termQuantity } from '../../metrics/definitions.js';
import { type DataPart, partMetric } from '../../metrics/metric-name.js';
import { type Comparable, comparableMetric, isLoss, type Objective } from '../../metrics/usual-metric.js';
import { type CompiledCell, valuesOf } from './cells.js';

/**
 * Warns if trials minimise different sums of terms: the lowest loss may just be that of the smallest weight.
 * @param varying names of the axes with several values
 * @param objective null if tables are sorted by the default metric
 */
export function checkLosses(
  cells: readonly CompiledCell[],
  varying: readonly string[],
  library: Library,
  { axes, metric, objectives }: SweepRequest,
  objective: Objective | null,
): readonly Diagnostic[] {
  const collector = new DiagnosticCollector();
  const comparable = comparableOf(cells);
  const isNamed = metric !== null || objectives.length > 1;
  const byLoss = objective !== null && isLoss(objective.metric);
  const [first] = cells;
  if (first === undefined || comparable === 'loss' || (objective !== null && !byLoss && isNamed)) return [];
  const { data, stages } = first.compiled.ir;
  const trains = stages.at(-1)?.kind === 'train';
  const part: DataPart = trains && data.validation > 0 ? 'validation' : data.test > 0 ? 'test' : 'train';
  const error = partMetric(part, comparable);
  const others = comparable === 'sse' ? commonTerms(cells, library).map((term) => partMetric(part, term)) : [];
  const names = changingLoss(cells, varying);
  const message =
    names.length === 0
      ? 'the trials have different losses, which cannot be compared'
      : `${names.join(' and ')} ${names.length === 1 ? 'changes' : 'change'} what the loss is, so the trials' losses cannot be compared`;
  const place = byLoss ? metric?.span : axes.find(({ name }) => names.includes(name.name))?.name.span;
  collector.warning('AE609', message, place ?? null, {
    hint: byLoss
      ? `compare them by ${[error, ...others].join(' or ')}`
      : `${error} ranks them${others.length > 0 ? `; --metric takes another, such as ${others.join(' or ')}` : ''}`,
  });
  return collector.all;
}

/** The quantity that the trials can be compared by. */
export function comparableOf(cells: readonly CompiledCell[]): Comparable {
  return comparableMetric(cells.map(({ compiled }) => lossStatement(compiled.canonical)));
}

/** Axes on which a single step changes the loss; none if no two trials differ in one axis only, as in random search. */
function changingLoss(cells: readonly CompiledCell[], varying: readonly string[]): readonly string[] {
  const known = cells.map((cell) => ({
    values: valuesOf(cell, varying),
    statement: JSON.stringify(lossStatement(cell.compiled.canonical)),
  }));
  return varying.filter((name) => {
    const seen = new Map<string, string>();
    return known.some(({ values, statement }) => {
      const others = JSON.stringify({ ...values, [name]: null });
      const before = seen.get(others);
      seen.set(others, statement);
      return before !== undefined && before !== statement;
    });
  });
}

/** Recorded names of reconstruction terms that mean the same in all trials, whatever their weights. */
function commonTerms(cells: readonly CompiledCell[], library: Library): readonly string[] {
  const termsOf = ({ compiled: { ir } }: CompiledCell) =>
    ir.loss
      .filter(({ loss }) => knownWord(library, 'loss', loss).role === 'reconstruction')
      .map(({ name, loss }) => ({ name: termQuantity(name), text: JSON.stringify(loss) }));
  const [first, ...rest] = cells.map(termsOf);
  const common = first?.filter(({ name, text }) =>
    rest.every((terms) => terms.some((other) => other.name === name && other.text === text)),
  );
  // The squared error is what they are compared by already.
  return common?.map(({ name }) => name).filter((name) => name !== termQuantity('mse')) ?? [];
}
