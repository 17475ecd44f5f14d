import type { InitialValue } from '../ir/experiment.js';
import { knownWord, type Library } from '../library/library.js';
import type { WeightDeclaration } from '../library/word.js';
import { plainArguments } from './arguments.js';

/** Resolves the initial value of a weight by asking the named initializer. */
export function initialValue(initial: WeightDeclaration['initial'], library: Library): InitialValue {
  if (initial.kind !== 'initializer') return initial;
  const { initializer, fanIn, fanOut, ofBias } = initial;
  const word = knownWord(library, 'initializer', initializer.word);
  const args = plainArguments(initializer.arguments);
  if (ofBias) return word.initialBias?.(args, fanIn) ?? { kind: 'constant', value: 0 };
  return word.initial(args, fanIn, fanOut);
}
