import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { Findings } from '../../compiler/diagnostics/findings.js';
import { didYouMean } from '../../compiler/diagnostics/suggest.js';
import type { SweepRequest } from '../../compiler/expand/sweep-request.js';
import { lossSettles } from '../../compiler/ir/changing-loss.js';
import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { finalLoss, recordedMetrics } from '../../compiler/ir/recorded-metrics.js';
import { stageLength } from '../../compiler/ir/stage-length.js';
import type { Library } from '../../compiler/library/library.js';
import type { Objective } from '../../runtime/sweep/events.js';

const validation = 'validation.';

/**
 * What a sweep is about, if it says so; `loss` is `validation.loss`. Without a metric it goes by the loss, in a form that
 * compares.
 * @param lossChanges whether it changes while any of the trials train
 */
export function objectiveOf({ metric, goal, of, prune }: SweepRequest, lossChanges: boolean): Objective | null {
  if (!metric && !goal && !of && !prune) return null;
  const name = metric?.value ?? (lossChanges ? finalLoss : 'loss');
  return {
    metric: name.includes('.') ? name : `${validation}${name}`,
    goal: goal?.value ?? 'min',
    of: of?.value ?? 'best',
  };
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
  const metrics = [...recordedMetrics(loss), finalLoss];
  const name = metric.slice(metric.indexOf('.') + 1);
  if (metric.startsWith('test.')) {
    findings.error('AE506', 'the test part decides nothing', place, {
      hint: metrics.includes(name) ? `write ${validation}${name}` : null,
    });
  } else if (metric.startsWith('train.')) {
    findings.error('AE506', 'a sweep is decided by validation data, and this is a metric of the training', place, {
      hint: metrics.includes(name) ? `write ${validation}${name}` : null,
    });
  } else if (!metric.startsWith(validation) || !metrics.includes(name)) {
    const names = metrics.map((each) => `${validation}${each}`);
    findings.error('AE506', `there is no metric '${metric}'`, place, {
      hint: didYouMean(metric, names) ?? `there are ${names.join(', ')}`,
    });
  } else if (stages.at(-1)?.kind !== 'train') {
    findings.error('AE506', 'nothing is evaluated on validation data without a train statement', place);
  } else if (data.validation === 0) {
    const what = request.metric || !request.prune ? 'the metric' : 'pruning';
    findings.error('AE506', `${what} is decided by validation data, and there is none`, place, {
      hint: `give the data set some: ${data.dataset.word}(take=50000, validation=10000)`,
    });
  } else if (name === 'loss' && lossChanges(ir, library)) {
    findings.warning(
      'AE523',
      `'${metric}' has other weights in other epochs, so that it does not compare them`,
      place,
      {
        hint: `write ${validation}${finalLoss}, the loss with the weights of the stage's end`,
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
