import type { InitialValue } from '../ir/experiment.js';
import type { Library } from '../library/library.js';
import type { WeightDeclaration } from '../library/word.js';
import { plainArguments } from './arguments.js';

/** What a weight starts from, once the initializer that was named has been asked. */
export function initialValue(initial: WeightDeclaration['initial'], library: Library): InitialValue {
  if (initial.kind !== 'initializer') return initial;
  const { initializer, fanIn, fanOut } = initial;
  const word = library.find('initializer', initializer.word);
  if (!word) throw new Error(`the initializer '${initializer.word}' passed the checks and is not in the library`);
  return word.initial(plainArguments(initializer.arguments), fanIn, fanOut);
}
