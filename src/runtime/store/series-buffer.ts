/** Steps in one stored block of a series. */
export const BLOCK_STEPS = 4096;

/** Consecutive values as one row of the table `series`. */
export interface Piece {
  readonly firstStep: number;
  /** float32, with every NaN as 0x7fc00000. */
  readonly values: Float32Array;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly firstNonFinite: number | null;
}

/** What has to change in the table for it to hold all values so far. */
export interface SeriesChange {
  /** First steps of the rows that a new, longer row replaces. */
  readonly removed: readonly number[];
  readonly added: readonly Piece[];
  /** Called once the change is committed. */
  committed(): void;
}

/**
 * The series of one metric of one stage, on its way to the table: one row for each {@link BLOCK_STEPS} steps, aligned
 * to multiples of it. The block that is being filled is stored too, at every commit, in pieces. A new piece takes in
 * those before it that are not longer than itself, so a block never has more than log2(4096) pieces and a value is
 * rewritten that often at most, however small the commits are. A filled block replaces its pieces.
 */
export class SeriesBuffer {
  /** Blocks that are full but not committed. */
  #full: { readonly firstStep: number; readonly values: Float32Array }[] = [];
  /** Steps of the block being filled; the first `#filled` are known, those of `#stored` committed. */
  #values = new Float32Array(BLOCK_STEPS);
  #firstStep: number;
  #filled = 0;
  #stored: { readonly firstStep: number; readonly steps: number }[] = [];

  /** @param firstStep of the first value that will be appended */
  constructor(firstStep: number) {
    this.#firstStep = firstStep;
  }

  /**
   * Goes on with a series of which everything is in the table.
   * @param firstStep of the block that isn't full, with its values, which are one row
   */
  static continuing(firstStep: number, values: Float32Array): SeriesBuffer {
    const buffer = new SeriesBuffer(firstStep);
    buffer.#values.set(values);
    buffer.#filled = values.length;
    if (values.length > 0) buffer.#stored = [{ firstStep, steps: values.length }];
    return buffer;
  }

  /** @throws RangeError when the values don't follow those before them */
  append(firstStep: number, values: Float32Array): void {
    const expected = this.#firstStep + this.#filled;
    if (firstStep !== expected) {
      throw new RangeError(`the series goes from step ${expected - 1} to step ${firstStep}`);
    }
    for (let taken = 0; taken < values.length; ) {
      const capacity = BLOCK_STEPS - (this.#firstStep % BLOCK_STEPS);
      const count = Math.min(values.length - taken, capacity - this.#filled);
      this.#values.set(values.subarray(taken, taken + count), this.#filled);
      this.#filled += count;
      taken += count;
      if (this.#filled === capacity) this.#startBlock();
    }
  }

  /** Null when everything is in the table. */
  change(): SeriesChange | null {
    const stored = [...this.#stored];
    const removed: number[] = [];
    const added = this.#full.map((block) => toPiece(block.firstStep, block.values));
    const firstFull = this.#full[0];
    // Pieces of a block that has been filled since were replaced by it.
    while (firstFull !== undefined && stored[0] !== undefined && stored[0].firstStep < this.#firstStep) {
      removed.push(stored[0].firstStep);
      stored.shift();
    }
    const last = stored.at(-1);
    let firstStep = last === undefined ? this.#firstStep : last.firstStep + last.steps;
    let steps = this.#firstStep + this.#filled - firstStep;
    if (steps > 0) {
      for (let piece = stored.at(-1); piece !== undefined && piece.steps <= steps; piece = stored.at(-1)) {
        stored.pop();
        removed.push(piece.firstStep);
        firstStep = piece.firstStep;
        steps += piece.steps;
      }
      stored.push({ firstStep, steps });
      const from = firstStep - this.#firstStep;
      added.push(toPiece(firstStep, this.#values.subarray(from, from + steps)));
    }
    if (added.length === 0) return null;
    const fullBlocks = this.#full.length;
    return {
      removed,
      added,
      committed: () => {
        this.#stored = stored;
        this.#full = this.#full.slice(fullBlocks);
      },
    };
  }

  /** Makes the last block one row although it isn't full, when the series has ended. */
  seal(): void {
    if (this.#filled > 0 && (this.#stored.length > 1 || this.#unstored() > 0)) this.#startBlock();
  }

  #unstored(): number {
    const last = this.#stored.at(-1);
    const storedUpTo = last === undefined ? this.#firstStep : last.firstStep + last.steps;
    return this.#firstStep + this.#filled - storedUpTo;
  }

  #startBlock(): void {
    this.#full.push({ firstStep: this.#firstStep, values: this.#values.slice(0, this.#filled) });
    this.#firstStep += this.#filled;
    this.#filled = 0;
  }
}

const NAN_BITS = 0x7fc00000;

export function toPiece(firstStep: number, source: Float32Array): Piece {
  const values = source.slice();
  const bits = new Uint32Array(values.buffer);
  let minimum = Infinity;
  let maximum = -Infinity;
  let firstNonFinite: number | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isFinite(value)) {
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
      continue;
    }
    firstNonFinite ??= firstStep + i;
    if (Number.isNaN(value)) bits[i] = NAN_BITS;
  }
  const finite = minimum <= maximum;
  return {
    firstStep,
    values,
    minimum: finite ? minimum : null,
    maximum: finite ? maximum : null,
    firstNonFinite,
  };
}
