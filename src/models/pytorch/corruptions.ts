import { plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { call } from '../../words/python.js';
import type { Words } from '../../words/word.js';
import { numberAt } from './schedules.js';
import { UnknownToPytorch } from './unsupported.js';

/**
 * The expression for corrupted values.
 * @param stream name of the constant with the stream's key
 * @throws UnknownToPytorch
 */
export function corruptedValues(
  { word, arguments: args }: WordValue,
  values: string,
  stream: string,
  words: Words,
): string {
  const { draws, pytorch } = knownWord(words, 'corruption', word);
  if (!pytorch) throw new UnknownToPytorch('corruption', word);
  const drawn = call(draws, [stream, 'step', `${values}.shape`]);
  return pytorch.expression(plainArguments(args), values, drawn, { number: (value) => numberAt(value, words) });
}

/** Python functions that corruptions call. */
export function corruptionDefinitions({ byFamily }: Words): readonly (readonly string[])[] {
  return byFamily.corruption.flatMap(({ pytorch }) => (pytorch ? [pytorch.definition.split('\n')] : []));
}
