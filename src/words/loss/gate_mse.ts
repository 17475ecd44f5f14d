import type { Tensor } from '@tensorflow/tfjs-core';
import { choice, layer } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import type { Loss } from '../word.js';
import { gateInPytorch, gateOf, withoutGate } from './gate_l1.js';
import { inOrder } from './in-order.js';
import { linearDecoder } from './linear-decoder.js';
import { growsWithBatch } from './reduction.js';

const parameters = {
  on: layer({ doc: 'The `gated` layer at the end of the encoder.', default: 'code' }),
  decoder: layer({ doc: 'The end of the decoder, which is a single dense layer.', default: 'output' }),
  reduction: choice({
    doc: '`auto` takes that of the reconstruction: `mean` over all elements, `sum`, or `batchmean`, the sum divided by the batch.',
    options: ['auto', 'mean', 'sum', 'batchmean'],
    default: 'auto',
  }),
};

export const gateMse: Loss<typeof parameters> = {
  family: 'loss',
  name: 'gate_mse',
  peers: ['l_aux', 'gated_aux', 'auxiliary_reconstruction_loss'],
  version: 1,
  doc:
    'The auxiliary loss of `gated`: the squared error of what its gates alone rebuild, `‖W relu(π) + b - t‖²`. W and b of the decoder ' +
    'get no gradient of it, so it only says which gates have to be open.',
  source:
    'Rajamanoharan et al., Improving dictionary learning with gated sparse autoencoders, NeurIPS 2024, equation 8',
  parameters,
  example: `encoder { dense(64, bias=false)  code: gated() }
  decoder { dense(input.size) }
  loss mse(reduction=batchmean) + gate_mse() + 0.1 * gate_l1()`,
  mistake: {
    text: `encoder { code: dense(64, activation=relu) }
  decoder { dense(input.size) }
  loss mse() + gate_mse()`,
    code: 'AE504',
  },
  oracle: 'golden:gated',
  role: 'penalty',
  weight: null,
  tensors: 3,
  check(_args, { on }) {
    const [code, end] = [on.on, on.decoder];
    if (!code || !end) return [];
    return [...withoutGate('gate_mse', code), ...linearDecoder('gate_mse', code, end)];
  },
  sumsOverExamples: growsWithBatch,
  lower: (operations) => ({
    value({ on, decoder, reduction }, context) {
      if (reduction === 'auto') throw new RangeError('the reduction of gate_mse has not been resolved');
      const { add, compared, matMul, relu, squaredDifference, sub, withGradient } = operations;
      const [columns, biases] = [context.weight(decoder, 'weight'), context.biases(decoder)];
      const gate = relu(gateOf(operations, context, on));
      // Neither W nor b is an input, so neither gets a gradient.
      const rebuilt = withGradient([gate], () => ({
        value: biases.reduce<Tensor>((sum, bias) => add(sum, bias), matMul(gate, columns, false, true)),
        gradient: (upstream) => [matMul(upstream, columns)],
      }));
      return compared(rebuilt, inOrder(operations, context.target), reduction, {
        loss: (y, t) => squaredDifference(y, t),
        derivative: (y, t) => sub(y, t),
        slope: 2,
        fused: 'squared_error',
      });
    },
  }),
  pytorch: {
    expression: ({ on, decoder, reduction }, place) =>
      call(
        'gate_mse',
        [gateInPytorch(on, place), 't', place.weightUnder(decoder), `[${place.biases(decoder).join(', ')}]`],
        {
          reduction: literal(reduction),
        },
      ),
    definition: `
def gate_mse(gate, t, weight, biases, reduction):
    """The error of what the gates alone rebuild, by a decoder that isn't trained by it (Rajamanoharan et al. 2024)."""
    y = F.linear(F.relu(gate), weight.detach()) + sum(bias.detach() for bias in biases)
    error = F.mse_loss(y, t.flatten(1), reduction="none")
    return error.sum() / len(t) if reduction == "batchmean" else getattr(error, reduction)()`,
  },
};
