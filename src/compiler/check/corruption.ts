import type { Interval } from '../ir/interval.js';
import { plainArguments, type WordValue } from '../ir/value.js';
import type { Library } from '../library/library.js';
import type { ArgumentChecker, Bound } from './arguments.js';

/**
 * Reports violations of a corruption's own rules, wherever it occurs.
 * @param raw range of the values it corrupts
 * @param at the span to report
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
