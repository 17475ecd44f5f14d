import type { Family, Value, WordValue } from '../../../src/compiler/ir/value.js';
import { withDefaults } from '../../../src/compiler/library/defaults.js';
import type { Library } from '../../../src/compiler/library/library.js';
import { builtinWords } from '../../../src/words/words.js';

/** A word as the checker would make it: its defaults, and what is given. */
export function wordValue(
  family: Family,
  name: string,
  given: Readonly<Record<string, Value>> = {},
  library: Library = builtinWords,
): WordValue {
  const word = library.find(family, name);
  if (!word) throw new RangeError(`there is no ${family} '${name}'`);
  const value = withDefaults(word, library);
  const entries = Object.entries(given).map(([key, item]) => [key, { value: item, origin: 'given' as const }]);
  return { ...value, arguments: { ...value.arguments, ...Object.fromEntries(entries) } };
}

/** The values of the arguments alone. */
export function argumentsOf(value: WordValue): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(value.arguments).map(([name, argument]) => [name, argument.value]));
}
