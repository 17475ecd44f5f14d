import type { WordValue } from '../../compiler/ir/value.js';
import type { Library } from '../../compiler/library/library.js';
import { argumentsAt } from '../lowering/arguments.js';
import type { Lowerings } from '../lowering/lowering.js';
import { UnsupportedWord } from '../lowering/unsupported-word.js';
import type { UpdateRule } from './updater.js';

/** @throws UnsupportedWord for an optimizer or a clip without a lowering */
export function updateRuleOf(
  optimizer: WordValue,
  clip: WordValue | null,
  lowerings: Lowerings,
  library: Library,
): UpdateRule {
  const lowering = lowerings.optimizers.find(({ word }) => word.name === optimizer.word);
  if (!lowering) throw new UnsupportedWord('optimizer', optimizer.word);
  return {
    optimizer: lowering,
    argumentsAt: argumentsAt(optimizer.arguments, library),
    clip: clip === null ? null : clipOf(clip, lowerings, library),
  };
}

function clipOf(clip: WordValue, lowerings: Lowerings, library: Library): UpdateRule['clip'] {
  const lowering = lowerings.clips.find(({ word }) => word.name === clip.word);
  if (!lowering) throw new UnsupportedWord('clip', clip.word);
  return { lowering, argumentsAt: argumentsAt(clip.arguments, library) };
}
