// Summaries of repeated measurements.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** The median over rounds of a quotient: both sides of it were measured in the same round, one after the other. */
export function ratio(numerators, denominators) {
  const quotients = numerators.flatMap((x, i) => (denominators[i] === undefined ? [] : [x / denominators[i]]));
  return quotients.length > 0 ? median(quotients) : null;
}

/** What one in twenty values is below: the speed without what else the machine does. */
export const least = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 20)];
