import type { Scalar } from '@tensorflow/tfjs-core';
import { layer } from '../../compiler/library/parameter.js';
import type { Loss } from '../word.js';
import { checkWeighing, weighed, weighedInPytorch, weighingDecoder } from './column-norms.js';
import { checkController, controlled, controlledInPytorch, controller } from './controller.js';
import { activityInPytorch, activityReduction, growsWithBatch } from './reduction.js';

const parameters = {
  on: layer({ doc: 'The layer whose activations it looks at.', default: 'code' }),
  reduction: activityReduction(),
  decoder: weighingDecoder(),
  controller: controller(),
};

export const l1: Loss<typeof parameters> = {
  family: 'loss',
  name: 'l1',
  peers: ['l1_regularization', 'l1_regularizer', 'l1_penalty'],
  version: 1,
  doc:
    'Absolute activations, `Σ |h|` over the units of an example, averaged over the batch: the sparsity penalty of ' +
    'sparse coding. Its weight is a factor in front. With `decoder=output` each |h| is multiplied by the norm of its unit’s column, `Σ |h| ‖W‖`, so that ' +
    'nothing is gained by small activations and long columns. (For a penalty on weights there is `weight_decay`.)',
  source: 'Olshausen and Field, Emergence of simple-cell receptive field properties, Nature 381 (1996)',
  parameters,
  example: 'loss mse() + 0.001 * l1(on=code)',
  mistake: { text: 'loss mse() + 0.001 * l1(on=hidden)', code: 'AE211' },
  oracle: 'test:tests/runtime/lowering/activity.test.ts',
  role: 'penalty',
  weight: null,
  check: (_args, { on }) => [...checkWeighing('l1', on), ...checkController(on.controller)],
  sumsOverExamples: growsWithBatch,
  lower: (operations) => ({
    value({ on, reduction, decoder, controller }, context) {
      const { abs, mul, reduced, reductionFactor, sign, sum } = operations;
      const penalty = () => {
        if (decoder === null) return reduced(context.layer(on), reduction, { loss: abs, derivative: sign });
        const values = weighed(operations, context, on, decoder);
        return mul<Scalar>(sum<Scalar>(values), reductionFactor(reduction, values));
      };
      return controlled(operations, penalty(), context, controller);
    },
  }),
  pytorch: {
    expression: ({ on, reduction, decoder, controller }, place) =>
      controlledInPytorch(activityInPytorch(weighedInPytorch(on, decoder, place), reduction), controller, place),
  },
};
