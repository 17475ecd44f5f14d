import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerReference } from '../../compiler/ir/value.js';
import { layer } from '../../compiler/library/parameter.js';
import { type LossLayer, type Problem, problem } from '../../compiler/library/word.js';
import type { LossLoweringContext } from '../../runtime/lowering/lowering.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import { gateBias, gated } from '../layer/gated.js';
import type { Loss, PytorchLossPlace } from '../word.js';
import { activityInPytorch, activityReduction, growsWithBatch } from './reduction.js';

const parameters = {
  on: layer({ doc: 'A `gated` layer.', default: 'code' }),
  reduction: activityReduction(),
};

export const gateL1: Loss<typeof parameters> = {
  family: 'loss',
  name: 'gate_l1',
  peers: ['l_sparsity', 'gate_sparsity'],
  version: 1,
  doc:
    'The sparsity penalty of `gated`: what its gates are above 0, `Σ relu(π)` over the units of an example, averaged over the batch. ' +
    'It closes gates and leaves magnitudes alone, so that active units do not shrink.',
  source:
    'Rajamanoharan et al., Improving dictionary learning with gated sparse autoencoders, NeurIPS 2024, equation 8; SAELens ' +
    'multiplies each unit by the norm of its decoder column',
  parameters,
  example: `encoder { dense(64, bias=false)  code: gated() }
  decoder { dense(input.size) }
  loss mse(reduction=batchmean) + gate_mse() + 0.1 * gate_l1()`,
  mistake: { text: 'encoder { code: dense(32, activation=relu) }  loss mse() + 0.1 * gate_l1()', code: 'AE504' },
  oracle: 'golden:gated',
  role: 'penalty',
  weight: null,
  check: (_args, { on }) => (on.on ? withoutGate('gate_l1', on.on) : []),
  sumsOverExamples: growsWithBatch,
  lower: (operations) => ({
    value: ({ on, reduction }, context) =>
      operations.reduced(gateOf(operations, context, on), reduction, {
        loss: operations.relu,
        derivative: (gate) =>
          operations.where(operations.greater(gate, 0), operations.onesLike(gate), operations.zerosLike(gate)),
      }),
  }),
  pytorch: {
    expression: ({ on, reduction }, place) => activityInPytorch(`F.relu(${gateInPytorch(on, place)})`, reduction),
  },
};

/** The gate π of a gated layer, before its step. */
export function gateOf({ add }: Operations, { below, layer, weight }: LossLoweringContext, on: LayerReference): Tensor {
  return add(layer(below(on)), weight(on, gateBias));
}

export function gateInPytorch(on: LayerReference, { below, module, output }: PytorchLossPlace): string {
  return `${module(on)}.gate(${output(below(on))})`;
}

/** An error for a layer without a gate. */
export function withoutGate(loss: string, { word }: LossLayer): readonly Problem[] {
  if (word === gated.name) return [];
  return [
    problem('AE504', `${loss} trains the gate of a gated layer, and '${word}' has none`, {
      argument: 'on',
      hint: 'use l1(), or end the encoder in: dense(64, bias=false)  code: gated()',
    }),
  ];
}
