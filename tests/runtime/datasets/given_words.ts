import type { Value } from '../../../src/compiler/ir/value.js';
import type { Corruption } from '../../../src/runtime/datasets/corruption.js';
import { corruptionAt } from '../../../src/runtime/training/corruption.js';
import { builtinWords } from '../../../src/words/words.js';
import { wordValue } from '../../compiler/library/word-value.js';

/** A corruption with its arguments. */
export function corruptionOf(word: string, given: Readonly<Record<string, Value>>): Corruption {
  return corruptionAt(wordValue('corruption', word, given), builtinWords)({ epoch: 0, step: 0, epochs: 1, steps: 1 });
}
