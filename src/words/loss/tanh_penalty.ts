import { open } from '../../compiler/ir/interval.js';
import { layer, real } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import type { Loss } from '../word.js';
import { checkWeighing, weighed, weighedInPytorch, weighingDecoder } from './column-norms.js';
import { checkController, controlled, controlledInPytorch, controller } from './controller.js';
import { activityInPytorch, activityReduction, growsWithBatch } from './reduction.js';

const parameters = {
  scale: real({
    peers: ['jumprelu_tanh_scale', 'tanh_scale', 'c'],
    doc: 'How steep it is: an activation of `1 / scale` counts as 0.76 of a unit.',
    default: 4,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  on: layer({ doc: 'The layer whose activations it looks at.', default: 'code' }),
  decoder: weighingDecoder(),
  controller: controller(),
  reduction: activityReduction(),
};

export const tanhPenalty: Loss<typeof parameters> = {
  family: 'loss',
  name: 'tanh_penalty',
  peers: ['tanh_sparsity', 'tanh_loss'],
  version: 1,
  doc:
    'Tanh of the absolute activations, `Σ tanh(scale · |h|)` over the units of an example, averaged over the batch: a count of active units with a ' +
    'gradient. Unlike `l1` it does not shrink what is large. With `decoder=output` each |h| is multiplied by the norm of its unit’s column, `Σ tanh(scale · |h| · ‖W‖)`, ' +
    'as in the paper and in SAELens.',
  source: 'Anthropic, Circuits updates, January 2025; `jumprelu_sparsity_loss_mode="tanh"` of SAELens',
  parameters,
  example: `encoder { code: dense(64, activation=relu) }  decoder { dense(input.size) }
  loss mse(reduction=batchmean) + 0.01 * tanh_penalty(decoder=output)`,
  mistake: { text: 'loss mse() + 0.01 * tanh_penalty(scale=0)', code: 'AE306' },
  oracle: 'test:tests/runtime/lowering/activity.test.ts',
  role: 'penalty',
  weight: null,
  check: (_args, { on }) => [...checkWeighing('tanh_penalty', on), ...checkController(on.controller)],
  sumsOverExamples: growsWithBatch,
  lower: (operations) => ({
    value({ scale, on, decoder, controller, reduction }, context) {
      const { mul, reductionFactor, sum, tanh } = operations;
      const counted = tanh(mul(weighed(operations, context, on, decoder), scale));
      return controlled(operations, mul(sum(counted), reductionFactor(reduction, counted)), context, controller);
    },
  }),
  pytorch: {
    expression({ scale, on, decoder, controller, reduction }, place) {
      const counted = call('torch.tanh', [`${literal(scale)} * ${weighedInPytorch(on, decoder, place)}`]);
      return controlledInPytorch(activityInPytorch(counted, reduction), controller, place);
    },
  },
};
