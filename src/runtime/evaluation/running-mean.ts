/** The mean of values that come a few at a time, added in the order in which they come. */
export class RunningMean {
  #sum = 0;
  #count = 0;

  add(values: Float64Array): void {
    for (const value of values) this.#sum += value;
    this.#count += values.length;
  }

  /** @throws RangeError before the first value */
  get value(): number {
    if (this.#count === 0) throw new RangeError('no examples have no mean');
    return this.#sum / this.#count;
  }
}

/**
 * Mean over examples of a per-example measure, in chunks that need not be in memory together. @throws RangeError for
 * none
 */
export function meanOverChunks<T>(chunks: Iterable<T>, measure: (chunk: T) => Float64Array): number {
  const mean = new RunningMean();
  for (const chunk of chunks) mean.add(measure(chunk));
  return mean.value;
}
