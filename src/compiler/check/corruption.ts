import type { Interval } from '../ir/interval.js';
import type { WordValue } from '../ir/value.js';
import type { Library } from '../library/library.js';
import { type ArgumentChecker, type Bound, plainArguments } from './arguments.js';

/**
 * Reports what a corruption's own rules find, wherever it is written.
 * @param raw the values that it damages
 * @param at what is pointed at
 */
export function checkCorruption(
  { word, arguments: given }: WordValue,
  raw: Interval,
  library: Library,
  checker: ArgumentChecker,
  at: Pick<Bound, 'span' | 'places'>,
): void {
  const definition = library.find('corruption', word);
  if (definition) checker.report(definition.check(plainArguments(given), raw), at);
}
