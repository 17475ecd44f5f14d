import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { closed } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { layer, list } from '../../compiler/library/parameter.js';
import { type Problem, problem } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Loss } from '../word.js';
import { inOrder } from './in-order.js';
import { linearDecoder } from './linear-decoder.js';
import { growsWithBatch, reduction } from './reduction.js';

const parameters = {
  widths: list({
    of: 'integer',
    peers: ['matryoshka_widths', 'group_sizes', 'prefixes'],
    doc: 'How many of the first units each error is of, rising; that of all units is `mse`.',
    range: closed(1, Number.MAX_SAFE_INTEGER),
  }),
  on: layer({ doc: 'The end of the encoder.', default: 'code' }),
  decoder: layer({ doc: 'The end of the decoder, which is a single dense layer.', default: 'output' }),
  reduction: reduction(),
};

export const matryoshka: Loss<typeof parameters> = {
  family: 'loss',
  name: 'matryoshka',
  peers: ['Matryoshka', 'nested', 'MatryoshkaBatchTopKSAE'],
  version: 1,
  doc:
    'The squared errors of the reconstructions from the first units alone, one for each of the `widths`, added up: `Σₘ (W[:, :m] h[:m] + b - t)²`. ' +
    'Beside `mse`, which is that of all units, it keeps general features among the first units.',
  source: 'Bussmann et al., Learning multi-level features with Matryoshka sparse autoencoders, ICML 2025',
  parameters,
  example: `encoder { dense(64)  code: batch_topk(8) }
  decoder { dense(input.size) }
  loss mse() + matryoshka(widths=[8, 24])`,
  mistake: {
    text: `encoder { code: dense(64, activation=topk(8)) }
  decoder { dense(input.size) }
  loss mse() + matryoshka(widths=[8, 64])`,
    code: 'AE306',
  },
  oracle: 'golden:matryoshka',
  role: 'penalty',
  weight: null,
  tensors: 4,
  check({ widths }, { on }) {
    const [code, end] = [on.on, on.decoder];
    if (!code || !end) return [];
    return [...misfits(widths, elementCount(code.shape)), ...linearDecoder('matryoshka', code, end)];
  },
  sumsOverExamples: growsWithBatch,
  lower: (operations) => ({
    value({ widths, on, decoder, reduction }, { biases, layer, target, weight }) {
      const { add, compared, matMul, slice, squaredDifference, sub } = operations;
      const [h, t, matrix] = [inOrder(operations, layer(on)), inOrder(operations, target), weight(decoder, 'weight')];
      const [examples = 0] = h.shape;
      const [outputs = 0] = matrix.shape;
      const added = biases(decoder);
      let below = 0;
      let products: Tensor | null = null;
      const terms: Scalar[] = [];
      for (const width of widths) {
        const units = slice(h, [0, below], [examples, width - below]);
        const product: Tensor = matMul(units, slice(matrix, [0, below], [outputs, width - below]), false, true);
        products = products === null ? product : add(products, product);
        below = width;
        const rebuilt = added.reduce<Tensor>((sum, bias) => add(sum, bias), products);
        terms.push(
          compared(rebuilt, t, reduction, {
            loss: (y, wanted) => squaredDifference(y, wanted),
            derivative: (y, wanted) => sub(y, wanted),
            slope: 2,
            fused: 'squared_error',
          }),
        );
      }
      return terms.reduce((total, term) => add<Scalar>(total, term));
    },
  }),
  pytorch: {
    expression: ({ widths, on, decoder, reduction }, { biases, output, weightUnder }) =>
      call('matryoshka', [output(on), 't', weightUnder(decoder), `[${biases(decoder).join(', ')}]`], {
        widths: literal(widths),
        reduction: literal(reduction),
      }),
    definition: `
def matryoshka(h, t, weight, biases, widths, reduction):
    """Errors of the reconstructions from the first units alone (Bussmann et al. 2025)."""
    h, t, total = h.flatten(1), t.flatten(1), 0
    for m in widths:
        error = F.mse_loss(F.linear(h[:, :m], weight[:, :m]) + sum(biases), t, reduction="none")
        total = total + (error.sum() / len(t) if reduction == "batchmean" else getattr(error, reduction)())
    return total`,
  },
};

function misfits(widths: readonly number[], units: number): readonly Problem[] {
  const rising = widths.every((width, i) => width > (widths[i - 1] ?? 0));
  if (widths.length > 0 && rising && widths.every((width) => width < units)) return [];
  const message = `the widths rise and are below the ${units} units that there are, and these are [${widths.join(', ')}]`;
  return [
    problem('AE306', message, {
      argument: 'widths',
      hint: 'write such as: mse() + matryoshka(widths=[32, 128]); mse is the error of all units',
    }),
  ];
}
