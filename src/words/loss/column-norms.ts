import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerReference } from '../../compiler/ir/value.js';
import { layer } from '../../compiler/library/parameter.js';
import { type LossLayer, type Problem, problem } from '../../compiler/library/word.js';
import type { LossLoweringContext } from '../../runtime/lowering/lowering.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import type { PytorchLossPlace } from '../word.js';
import { linearDecoder } from './linear-decoder.js';

/** The decoder whose columns say how much each unit counts; null for all alike. */
export function weighingDecoder() {
  return layer({
    peers: ['weighted', 'scale_sparsity_penalty_by_decoder_norm', 'decoder_norms', 'W_dec'],
    doc: 'The end of a decoder of one dense layer, `decoder=output`, by the norms of whose columns the activations are multiplied; without it they are not.',
    default: null,
  });
}

/** The least square of a norm, so that a column of zeros has a gradient. */
const least = 1e-24;

/** `|h|`, or `|h| ‖W‖` with the norm of each unit's column: `[batch, units]`. */
export function weighed(
  { maximum, mul, sign, sqrt, square, sum, toElements }: Operations,
  { layer: outputOf, weight }: Pick<LossLoweringContext, 'layer' | 'weight'>,
  on: LayerReference,
  decoder: LayerReference | null,
): Tensor {
  // Not TF.js's abs, whose gradient at 0 is -1.
  const output = outputOf(on);
  const values = mul(output, sign(output));
  if (decoder === null) return values;
  const norms = sqrt(maximum(sum(square(weight(decoder, 'weight')), 0), least));
  return mul(toElements(values, [values.shape.at(-1) ?? 1, ...values.shape.slice(1, -1)]), norms);
}

/** @param loss that weighs by the decoder */
export function checkWeighing(
  loss: string,
  { on, decoder }: Readonly<Partial<Record<'on' | 'decoder', LossLayer>>>,
): readonly Problem[] {
  if (!on || !decoder) return [];
  const found = linearDecoder(loss, on, decoder);
  return found.map((each) =>
    problem(each.code, each.message, { argument: each.argument, hint: `${each.hint ?? ''}, or leave decoder= out` }),
  );
}

export function weighedInPytorch(
  on: LayerReference,
  decoder: LayerReference | null,
  { output, weightUnder }: Pick<PytorchLossPlace, 'output' | 'weightUnder'>,
): string {
  const values = `${output(on)}.abs()`;
  return decoder === null ? values : `(${values} * ${weightUnder(decoder)}.norm(dim=0))`;
}
