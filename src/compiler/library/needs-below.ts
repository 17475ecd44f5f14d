import type { ExperimentIr } from '../ir/experiment.js';
import { isInputReference, type LayerReference, layersNamedIn } from '../ir/value.js';
import { knownWord, type Library } from './library.js';

/** Why the layers above a layer need more than its output. */
export interface NeedBelow {
  readonly message: string;
  readonly hint: string;
}

/**
 * Finds a layer above another one that needs more than that one's output: it undoes a pool below, or takes the output
 * of a layer below; null if there is none.
 */
export function needBelow(
  on: LayerReference,
  { encoder, decoder }: Pick<ExperimentIr, 'encoder' | 'decoder'>,
  library: Library,
): NeedBelow | null {
  const layers = [...encoder, ...decoder];
  const place = ({ block, index }: LayerReference) => (block === 'encoder' ? index : encoder.length + index);
  const isBelow = (layer: LayerReference, needsInputs: boolean) =>
    isInputReference(layer) ||
    place(layer) < place(on) ||
    (place(layer) === place(on) && (needsInputs || layer.head !== null));
  const above = layers.slice(place(on) + 1);
  for (const node of above) {
    const { word, arguments: args, heads } = node;
    const { needsInputs = false } = knownWord(library, 'layer', node);
    const named = [args, ...Object.values(heads).flatMap((nodes) => nodes.map((inner) => inner.arguments))];
    if (!named.flatMap(layersNamedIn).some((layer) => isBelow(layer, needsInputs))) continue;
    return {
      message: `'${word}' needs what went into the code, not the code alone`,
      hint: needsInputs
        ? 'use upsample2d in its place'
        : 'a decoder that is to work on codes alone can take skips from its own layers only',
    };
  }
  return null;
}
