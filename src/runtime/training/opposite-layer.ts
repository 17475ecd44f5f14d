import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';

/**
 * The decoder layer that undoes a layer of the encoder: `tied` and `mirror` put the layers with weights in reverse
 * order. Null for a decoder that is written out, which need not mirror the encoder.
 */
export function oppositeLayer(
  { encoder, decoder }: Pick<ExperimentIr, 'encoder' | 'decoder'>,
  index: number,
): LayerNode | null {
  const undone = encoder.flatMap((layer, i) => (layer.weights.length > 0 ? [i] : [])).reverse();
  const undoing = decoder.filter(({ weights }) => weights.length > 0);
  const opposite = undoing[undone.indexOf(index)];
  return opposite?.origin === 'inserted' && undoing.length === undone.length ? opposite : null;
}
