/** Steps in one stored block of a series. */
export const BLOCK_STEPS = 4096;

/** Consecutive values, stored as one row of the table `series`. */
export interface Piece {
  readonly firstStep: number;
  /** float32, with every NaN as 0x7fc00000. */
  readonly values: Float32Array;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly firstNonFinite: number | null;
}

/** The rows to insert and remove so that the table holds all values so far. */
export interface SeriesChange {
  /** First steps of the rows to be replaced by a longer one. */
  readonly removed: readonly number[];
  readonly added: readonly Piece[];
  /** Call once the change is committed. */
  committed(): void;
}

/**
 * Buffers the series of one metric of one stage for the table: one row for each {@link BLOCK_STEPS} steps, aligned to
 * multiples of it. The block being filled is also stored, in pieces, at every commit. A new piece absorbs the preceding
 * pieces that are no longer than itself, so a block never has more than log2(4096) pieces, and a value is rewritten at
 * most that often, however small the commits. A full block replaces its pieces.
 */
export class SeriesBuffer {
  /** Full but uncommitted blocks. */
  #full: { readonly firstStep: number; readonly values: Float32Array }[] = [];
  /** Steps of the block being filled: the first `#filled` are known, and the first `#stored` committed. */
  #values = new Float32Array(BLOCK_STEPS);
  #firstStep: number;
  #filled = 0;
  #stored: { readonly firstStep: number; readonly steps: number }[] = [];

  /** @param firstStep step of the first value to be appended */
  constructor(firstStep: number) {
    this.#firstStep = firstStep;
  }

  /**
   * Continues a series that is fully stored.
   * @param firstStep first step of the partial block, with its values, which are one row
   */
  static continuing(firstStep: number, values: Float32Array): SeriesBuffer {
    const buffer = new SeriesBuffer(firstStep);
    buffer.#values.set(values);
    buffer.#filled = values.length;
    if (values.length > 0) buffer.#stored = [{ firstStep, steps: values.length }];
    return buffer;
  }

  /** @throws RangeError if the values don't follow on from the previous ones */
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

  /** Returns null if everything is stored. */
  change(): SeriesChange | null {
    const stored = [...this.#stored];
    const removed: number[] = [];
    const added = this.#full.map((block) => toPiece(block.firstStep, block.values));
    const firstFull = this.#full[0];
    // A block filled since then replaced its pieces.
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

  /** Stores the last, partial block as one row once the series has ended. */
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
