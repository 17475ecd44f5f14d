/**
 * The largest of any number of values. `Math.max(...values)` puts each of them on the stack, which has room for some 100,000.
 *
 * @param least where there are none that are larger
 */
export function largest(values: Iterable<number>, least: number = Number.NEGATIVE_INFINITY): number {
  let found = least;
  for (const value of values) found = Math.max(found, value);
  return found;
}

/** The smallest of any number of values. @param most where there are none that are smaller */
export function smallest(values: Iterable<number>, most: number = Number.POSITIVE_INFINITY): number {
  let found = most;
  for (const value of values) found = Math.min(found, value);
  return found;
}
