import { plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { typedArguments } from '../../compiler/library/parameter.js';
import type { TransformRequest } from '../datasets/transform.js';
import type { TrainedLibrary } from './trained-words.js';

/** @throws UnknownWord */
export function transformOf({ word: name, arguments: given }: WordValue, library: TrainedLibrary): TransformRequest {
  const word = knownWord(library, 'transform', name);
  const args = typedArguments(word.parameters, plainArguments(given));
  if (word.acts === 'before corruption') return { word: name, pixels: word.pixels(args) };
  const { makesRaw = false, fits = null } = word;
  return {
    word: name,
    fits,
    fitted: (numbers) => ({ word: name, makesRaw, numbers, change: word.values(args, numbers) }),
  };
}
