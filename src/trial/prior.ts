import type { ExperimentIr, LayerNode } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import type { LayerReference } from '../compiler/ir/value.js';
import { knownWord, type Library } from '../compiler/library/library.js';
import { stream } from '../runtime/random/stream.js';
import type { Model, Values } from './model.js';

/** Whether a layer's output has the prior N(0, 1). */
export function hasPrior(layer: Pick<LayerNode, 'word'> | undefined, library: Library): boolean {
  return layer !== undefined && knownWord(library, 'layer', layer.word).distribution !== undefined;
}

/** The layer whose output has the prior N(0, 1); null if there is none. */
export function layerWithPrior({ encoder }: ExperimentIr, library: Library): LayerReference | null {
  const index = encoder.findLastIndex((layer) => hasPrior(layer, library));
  return index < 0 ? null : { kind: 'layer', block: 'encoder', index, head: null };
}

/**
 * Decodes `count` draws from N(0, 1), in raw units. A draw depends only on the seed and its own index, not on `count`.
 */
export function sampleFromPrior(model: Model, on: LayerReference, count: number, seed: number): Values {
  const drawn = { ...on, head: null };
  const shape = model.experiment[on.block][on.index]?.output;
  if (!shape) throw new RangeError('the experiment has no such layer');
  const codes = new Float32Array(count * elementCount(shape));
  stream({ seed, path: 'figures', purpose: 'samples' }).normal(codes, 0);
  return model.decode(codes, drawn);
}
