import type { ExperimentIr, LayerNode } from '../ir/experiment.js';
import { knownWord, type Library } from './library.js';

type Layers = Pick<ExperimentIr, 'encoder' | 'decoder' | 'data'>;

/** Number of classes that the layers are given as a condition; 0 if none of them needs an example's class. */
export function classesNeeded({ encoder, decoder, data }: Layers, library: Library): number {
  return [encoder, decoder].some((block) => isConditional(block, library)) ? (data.classes ?? 0) : 0;
}

/** Whether a layer of a block needs the examples' classes. */
export function isConditional(layers: readonly LayerNode[], library: Library): boolean {
  return layers.some(
    (layer) =>
      knownWord(library, 'layer', layer).needsClass === true ||
      Object.values(layer.heads).some((inner) => isConditional(inner, library)),
  );
}
