import type { WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { argumentsAt } from '../lowering/arguments.js';
import type { LoweredLibrary } from '../lowering/lowering.js';
import { operations } from '../lowering/operations.js';
import type { UpdateRule } from './updater.js';

/** @throws UnknownWord for an unknown optimizer or clip */
export function updateRuleOf(optimizer: WordValue, clip: WordValue | null, library: LoweredLibrary): UpdateRule {
  const word = knownWord(library, 'optimizer', optimizer.word);
  return {
    optimizer: word.lower(operations),
    slots: word.slots,
    argumentsAt: argumentsAt(optimizer.arguments, library),
    clip: clip === null ? null : clipOf(clip, library),
  };
}

function clipOf({ word, arguments: args }: WordValue, library: LoweredLibrary): UpdateRule['clip'] {
  return {
    lowering: knownWord(library, 'clip', word).lower(operations),
    argumentsAt: argumentsAt(args, library),
  };
}
