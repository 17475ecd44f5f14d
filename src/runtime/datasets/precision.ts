import type { ArrayFile } from './array-part.js';
import { abridged, DatasetError } from './dataset-error.js';
import { product, type StoredArray, withRoom } from './stored-array.js';

/** How the values of examples are kept and worked with. */
export type Precision = 'single' | 'double';

/**
 * Largest ratio of a column's magnitude to its range for float32. Beyond it, rounding would cost more than 6 of the 24
 * bits that tell values apart, as with Unix timestamps or years.
 */
const mostOffset = 64;

/** Largest magnitude whose square float32 can sum for errors, and the least variation it resolves with all its bits. */
const mostMagnitude = 1e19;
const leastVariation = 1e-30;

/** Minimum and maximum of each column. */
export interface ColumnRanges {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Empty ranges, for columns without values yet. */
export function noRanges(columns: number): ColumnRanges {
  return {
    low: new Float64Array(columns).fill(Number.POSITIVE_INFINITY),
    high: new Float64Array(columns).fill(Number.NEGATIVE_INFINITY),
  };
}

/** Makes ranges include more examples, whose columns follow one another. */
export function widenRanges({ low, high }: ColumnRanges, data: StoredArray['data']): void {
  const columns = low.length;
  for (let i = 0, column = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    if (value < (low[column] ?? 0)) low[column] = value;
    if (value > (high[column] ?? 0)) high[column] = value;
    column = column + 1 === columns ? 0 : column + 1;
  }
}

/**
 * Returns double if float32 would lose too much of a column of features among the training examples; others don't count,
 * so that they can't change a training. All values of images count as one column, as pixels share a scale. Constant
 * columns don't count.
 *
 * @param trained gives the indices of the training examples; not called for bytes
 * @throws DatasetError wrong_value as `requireMagnitudes`, for all examples
 */
export function precisionFor({ path, array: { dims, data } }: ArrayFile, trained: () => Uint32Array): Precision {
  if (data instanceof Uint8Array) return 'single';
  const [count = 0, ...shape] = dims;
  const columns = shape.length === 1 ? product(shape) : 1;
  const all = noRanges(columns);
  widenRanges(all, data);
  requireMagnitudes(all, null, path);
  const examples = trained();
  if (examples.length === count) return needsDouble(all) ? 'double' : 'single';
  const ranges = noRanges(columns);
  const size = product(shape);
  for (const example of examples) widenRanges(ranges, data.subarray(example * size, (example + 1) * size));
  return needsDouble(ranges) ? 'double' : 'single';
}

/**
 * Finds the ranges of examples that come a piece at a time, and the precision that they need, as {@link precisionFor} does
 * for all at once.
 */
export class PrecisionSurvey {
  readonly #size: number;
  readonly #others: ColumnRanges;
  readonly #trained: ColumnRanges;
  readonly #isTrained: Uint8Array;
  #seen = 0;

  /** @param trained the indices of the training examples */
  constructor([count = 0, ...shape]: readonly number[], trained: Uint32Array) {
    this.#size = product(shape);
    const columns = shape.length === 1 ? this.#size : 1;
    this.#others = noRanges(columns);
    this.#trained = noRanges(columns);
    this.#isTrained = new Uint8Array(count);
    for (const example of trained) this.#isTrained[example] = 1;
  }

  /** @param data of whole examples */
  take(data: StoredArray['data']): void {
    const end = this.#seen + data.length / this.#size;
    const first = this.#seen;
    while (this.#seen < end) {
      const from = this.#seen;
      const isTrained = this.#isTrained[from] === 1;
      while (this.#seen < end && (this.#isTrained[this.#seen] === 1) === isTrained) this.#seen++;
      const run = data.subarray((from - first) * this.#size, (this.#seen - first) * this.#size);
      widenRanges(isTrained ? this.#trained : this.#others, run);
    }
  }

  /** Of all examples. */
  ranges(): ColumnRanges {
    const [others, trained] = [this.#others, this.#trained];
    return {
      low: others.low.map((least, column) => Math.min(least, trained.low[column] ?? least)),
      high: others.high.map((greatest, column) => Math.max(greatest, trained.high[column] ?? greatest)),
    };
  }

  precision(): Precision {
    return needsDouble(this.#trained) ? 'double' : 'single';
  }
}

function needsDouble({ low, high }: ColumnRanges): boolean {
  return low.some((least, column) => {
    const greatest = high[column] ?? least;
    const size = Math.max(Math.abs(least), Math.abs(greatest));
    return greatest > least && size > mostOffset * (greatest - least);
  });
}

/**
 * @param names of the columns, for messages
 * @throws DatasetError wrong_value for a column whose squares overflow float32, or whose range is below its resolution
 */
export function requireMagnitudes({ low, high }: ColumnRanges, names: readonly string[] | null, path: string): void {
  const wrong = low.findIndex((least, column) => {
    const greatest = high[column] ?? least;
    const variation = greatest - least;
    return (
      Math.max(Math.abs(least), Math.abs(greatest)) > mostMagnitude || (variation > 0 && variation < leastVariation)
    );
  });
  if (wrong < 0) return;
  const [least, greatest] = [low[wrong] ?? 0, high[wrong] ?? 0];
  const column =
    low.length === 1 ? '' : `column ${names?.[wrong] === undefined ? wrong + 1 : `'${abridged(names[wrong])}'`} `;
  const why =
    greatest - least < leastVariation ? 'which is too little for float32' : 'whose squares are beyond float32';
  const problem = `${column}has values from ${least} to ${greatest}, ${why}`;
  throw new DatasetError('wrong_value', path, problem, 'give them in another unit');
}

/** @throws DatasetError too_large */
export function valuesIn(
  precision: Precision,
  data: StoredArray['data'],
  path: string,
): Uint8Array | Float32Array | Float64Array {
  if (data instanceof Uint8Array) return data;
  if (precision === 'double')
    return data instanceof Float64Array ? data : withRoom(path, () => Float64Array.from(data));
  return data instanceof Float32Array ? data : withRoom(path, () => Float32Array.from(data));
}
