import { type Goal, recordedAs, recordedQuantities } from '../../metrics/definitions.js';
import { partMetric, partOf, readMetric } from '../../metrics/metric-name.js';
import { type Comparable, finalLoss, type Objective } from '../../metrics/usual-metric.js';
import { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { didYouMeanMetric } from '../diagnostics/suggest.js';
import { lossSettles } from '../ir/changing-loss.js';
import type { ExperimentIr } from '../ir/experiment.js';
import { stageLength } from '../ir/stage-length.js';
import type { Library } from '../library/library.js';
import { validationMeasures } from '../library/measured-parts.js';
import { isSearch, type SweepRequest } from './sweep-request.js';

/**
 * The metric that a sweep optimises, if it asks for one; `loss` is `validation.loss`. Without a name it is the
 * metric by which the trials can be compared.
 * @param lossChanges whether the loss changes while any of the trials train
 * @param quantities what any of the trials records of the validation part
 * @param goalOf which values of a metric are better, unless the sweep says it
 */
export function objectiveOf(
  { metric, goal, of, prune, method }: SweepRequest,
  comparable: Comparable,
  lossChanges: boolean,
  quantities: readonly string[],
  goalOf: (metric: string) => Goal,
): Objective | null {
  if (!metric && !goal && !of && !prune && !(method && isSearch(method.value))) return null;
  const name = metric?.value ?? (comparable === 'loss' && lossChanges ? finalLoss : comparable);
  const { scope, quantity } = readMetric(name);
  const part = scope.kind === 'part' ? scope.part : 'validation';
  const known = scope.kind === 'part' || scope.kind === 'step' ? (recordedAs(quantity, quantities) ?? quantity) : null;
  const named = known === null ? name : partMetric(part, known);
  return {
    metric: named,
    goal: goal?.value ?? goalOf(named),
    of: of?.value ?? 'best',
  };
}

/** Checks that a trial records the objective: a metric of the validation part. */
export function checkObjective(
  { metric }: Objective,
  request: SweepRequest,
  ir: ExperimentIr,
  library: Library,
): readonly Diagnostic[] {
  const { data, loss, stages, evaluations } = ir;
  const collector = new DiagnosticCollector();
  const place = (request.metric ?? request.prune ?? request.goal ?? request.of ?? request.method)?.span ?? null;
  const metrics = [...recordedQuantities(loss), finalLoss, ...validationMeasures(evaluations, library)];
  const { quantity } = readMetric(metric);
  const instead = metrics.includes(quantity) ? `write ${partMetric('validation', quantity)}` : null;
  const part = partOf(metric);
  if (part === 'test') {
    collector.error('AE506', 'the test part decides nothing', place, {
      hint: instead,
    });
  } else if (part === 'train' || part === 'train_evaluated') {
    collector.error('AE506', 'a sweep is decided by validation data, and this is a metric of the training', place, {
      hint: instead,
    });
  } else if (part !== 'validation' || !metrics.includes(quantity)) {
    const names = metrics.map((each) => partMetric('validation', each));
    const written = request.metric?.value ?? metric;
    collector.error('AE506', `there is no metric '${written}'`, place, {
      hint: didYouMeanMetric(written, names) ?? `there are ${names.join(', ')}`,
    });
  } else if (stages.at(-1)?.kind !== 'train') {
    collector.error('AE506', 'nothing is evaluated on validation data without a train statement', place);
  } else if (data.validation === 0) {
    const what = request.metric
      ? 'the metric'
      : request.prune
        ? 'pruning'
        : request.goal || request.of
          ? 'the metric'
          : 'a search';
    collector.error('AE506', `${what} is decided by validation data, and there is none`, place, {
      hint: `give the data set some: ${data.dataset.word}(take=50000, validation=10000)`,
    });
  } else if (quantity === 'loss' && lossChanges(ir, library)) {
    collector.warning(
      'AE523',
      `'${metric}' has other weights in other epochs, so that it does not compare them`,
      place,
      {
        hint: `write ${partMetric('validation', finalLoss)}, the loss with the weights of the stage's end`,
      },
    );
  }
  return collector.all;
}

/** Whether the loss is another one in some epochs than in others. */
export function lossChanges(ir: ExperimentIr, library: Library): boolean {
  const last = ir.stages.at(-1);
  return last?.kind === 'train' && lossSettles(ir, stageLength(last, ir.data.train), library) > 0;
}
