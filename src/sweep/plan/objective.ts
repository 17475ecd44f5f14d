import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { Findings } from '../../compiler/diagnostics/findings.js';
import { didYouMeanMetric } from '../../compiler/diagnostics/suggest.js';
import type { SweepRequest } from '../../compiler/expand/sweep-request.js';
import { lossStatement } from '../../compiler/ir/canonical.js';
import { lossSettles } from '../../compiler/ir/changing-loss.js';
import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { stageLength } from '../../compiler/ir/stage-length.js';
import type { Library } from '../../compiler/library/library.js';
import { recordedAs, recordedQuantities, termQuantity } from '../../metrics/definitions.js';
import { type DataPart, partMetric, partOf, readMetric } from '../../metrics/metric-name.js';
import { type Comparable, comparableMetric, finalLoss, isLoss } from '../../metrics/usual-metric.js';
import type { Objective } from '../../runtime/events.js';
import { type CompiledCell, valuesOf } from './cells.js';

/**
 * What a sweep is about, if it says so; `loss` is `validation.loss`. Without a metric it goes by what trials can be compared
 * by.
 * @param lossChanges whether the loss changes while any of the trials train
 * @param quantities what any of the trials records of the validation part
 */
export function objectiveOf(
  { metric, goal, of, prune }: SweepRequest,
  comparable: Comparable,
  lossChanges: boolean,
  quantities: readonly string[],
): Objective | null {
  if (!metric && !goal && !of && !prune) return null;
  const name = metric?.value ?? (comparable === 'loss' && lossChanges ? finalLoss : comparable);
  const { scope, quantity } = readMetric(name);
  const part = scope.kind === 'part' ? scope.part : 'validation';
  const known = scope.kind === 'part' || scope.kind === 'step' ? (recordedAs(quantity, quantities) ?? quantity) : null;
  return {
    metric: known === null ? name : partMetric(part, known),
    goal: goal?.value ?? 'min',
    of: of?.value ?? 'best',
  };
}

/**
 * A warning where trials minimise different sums of terms: the least loss may be that of the least weight.
 * @param varying names of the axes that have several values
 * @param objective null where tables are ordered by what is usual
 */
export function checkLosses(
  cells: readonly CompiledCell[],
  varying: readonly string[],
  library: Library,
  { metric }: SweepRequest,
  objective: Objective | null,
): readonly Diagnostic[] {
  const findings = new Findings();
  const comparable = comparableOf(cells);
  const byLoss = objective !== null && isLoss(objective.metric);
  const [first] = cells;
  if (first === undefined || comparable === 'loss' || (objective !== null && !byLoss && metric !== null)) return [];
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
  findings.warning('AE609', message, byLoss ? (metric?.span ?? null) : null, {
    hint: byLoss
      ? `compare them by ${[error, ...others].join(' or ')}`
      : `${error} ranks them${others.length > 0 ? `; --metric takes another, such as ${others.join(' or ')}` : ''}`,
  });
  return findings.all;
}

/** What the trials can be compared by. */
export function comparableOf(cells: readonly CompiledCell[]): Comparable {
  return comparableMetric(cells.map(({ compiled }) => lossStatement(compiled.canonical)));
}

/** The axes of which one step alone gives another loss; none where no two trials differ in one axis only, as drawn ones. */
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

/** Reconstruction terms that mean the same in all trials, whatever their weights, as they are recorded. */
function commonTerms(cells: readonly CompiledCell[], library: Library): readonly string[] {
  const termsOf = ({ compiled: { ir } }: CompiledCell) =>
    ir.loss
      .filter(({ loss }) => library.find('loss', loss.word)?.role === 'reconstruction')
      .map(({ name, loss }) => ({ name: termQuantity(name), text: JSON.stringify(loss) }));
  const [first, ...rest] = cells.map(termsOf);
  const common = first?.filter(({ name, text }) =>
    rest.every((terms) => terms.some((other) => other.name === name && other.text === text)),
  );
  // The squared error is what they are compared by already.
  return common?.map(({ name }) => name).filter((name) => name !== termQuantity('mse')) ?? [];
}

/** Whether a trial records the objective: a metric of the validation part. */
export function checkObjective(
  { metric }: Objective,
  request: SweepRequest,
  ir: ExperimentIr,
  library: Library,
): readonly Diagnostic[] {
  const { data, loss, stages } = ir;
  const findings = new Findings();
  const place = (request.metric ?? request.prune ?? request.goal ?? request.of)?.span ?? null;
  const metrics = [...recordedQuantities(loss), finalLoss];
  const { quantity } = readMetric(metric);
  const instead = metrics.includes(quantity) ? `write ${partMetric('validation', quantity)}` : null;
  const part = partOf(metric);
  if (part === 'test') {
    findings.error('AE506', 'the test part decides nothing', place, {
      hint: instead,
    });
  } else if (part === 'train' || part === 'train_evaluated') {
    findings.error('AE506', 'a sweep is decided by validation data, and this is a metric of the training', place, {
      hint: instead,
    });
  } else if (part !== 'validation' || !metrics.includes(quantity)) {
    const names = metrics.map((each) => partMetric('validation', each));
    const written = request.metric?.value ?? metric;
    findings.error('AE506', `there is no metric '${written}'`, place, {
      hint: didYouMeanMetric(written, names) ?? `there are ${names.join(', ')}`,
    });
  } else if (stages.at(-1)?.kind !== 'train') {
    findings.error('AE506', 'nothing is evaluated on validation data without a train statement', place);
  } else if (data.validation === 0) {
    const what = request.metric || !request.prune ? 'the metric' : 'pruning';
    findings.error('AE506', `${what} is decided by validation data, and there is none`, place, {
      hint: `give the data set some: ${data.dataset.word}(take=50000, validation=10000)`,
    });
  } else if (quantity === 'loss' && lossChanges(ir, library)) {
    findings.warning(
      'AE523',
      `'${metric}' has other weights in other epochs, so that it does not compare them`,
      place,
      {
        hint: `write ${partMetric('validation', finalLoss)}, the loss with the weights of the stage's end`,
      },
    );
  }
  return findings.all;
}

/** Whether the loss is another one in some epochs than in others. */
export function lossChanges(ir: ExperimentIr, library: Library): boolean {
  const last = ir.stages.at(-1);
  return last?.kind === 'train' && lossSettles(ir, stageLength(last, ir.data.train), library) > 0;
}
