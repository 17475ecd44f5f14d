import { didYouMeanMetric } from '../../compiler/diagnostics/suggest.js';
import { halfOpen } from '../../compiler/ir/interval.js';
import { ownValue } from '../../compiler/ir/value.js';
import { integer, real, text } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import { recordedAs } from '../../metrics/definitions.js';
import { partOf } from '../../metrics/metric-name.js';
import type { TrainedStop } from '../../runtime/training/early-stopping.js';

const parameters = {
  patience: integer({ doc: 'How many evaluations in a row may pass without a new best.', unit: 'evaluations' }),
  metric: text({
    peers: ['monitor'],
    doc: 'What is to become better: a metric of the validation part: `loss`, a term of it such as `loss.mse`, `mse` and `sse`, the errors in raw units, or a measure with `part=validation`, such as `knn`.',
    default: 'loss',
    metricOf: 'validation',
  }),
  min_delta: real({
    peers: ['delta', 'tol'],
    doc: 'By how much a new best must be better.',
    default: 0,
    range: halfOpen(0, Number.POSITIVE_INFINITY),
  }),
};

export const early: TrainedStop<typeof parameters> = {
  family: 'stop',
  name: 'early',
  peers: ['EarlyStopping', 'early_stopping'],
  version: 1,
  doc:
    'Early stopping: ends the training after `patience` evaluations of the validation part without an improvement. The ' +
    'weights that are kept are those of `keep`. Where a schedule changes the loss, evaluations count from the first epoch with ' +
    'its last values on.',
  source: 'Prechelt, Early stopping — but when?, 1998',
  parameters,
  example: `data digits(take=256, validation=64, test=64)
  train adam(lr=0.001) { epochs = 4  batch = 64  stop = early(patience=2)  keep = best }`,
  mistake: {
    text: 'data digits(take=256, validation=64)  train adam() { epochs = 3  stop = early(patience=0) }',
    code: 'AE306',
  },
  oracle: 'test:tests/runtime/training/stop.test.ts',
  check({ metric }, metrics) {
    if (recordedAs(metric, metrics) !== null) return [];
    const test = partOf(metric) === 'test';
    return [
      problem('AE506', test ? 'the test part decides nothing' : `there is no metric '${metric}'`, {
        argument: 'metric',
        hint:
          (test ? null : didYouMeanMetric(metric, metrics)) ?? `of the validation part there are ${metrics.join(', ')}`,
      }),
    ];
  },
  rule: ({ patience, metric, min_delta }, goalOf) => ({
    after(metrics, { best, waited }) {
      const name = recordedAs(metric, Object.keys(metrics));
      const value = name === null ? undefined : ownValue(metrics, name);
      if (value === undefined) throw new RangeError(`the validation has no metric '${metric}'`);
      const cost = name !== null && goalOf(name) === 'max' ? -value : value;
      return cost < best - min_delta ? { best: cost, waited: 0 } : { best, waited: waited + 1 };
    },
    stops: ({ waited }) => waited >= patience,
  }),
};
