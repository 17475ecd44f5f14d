import type { Matrix } from './matrix.js';
import { RunningMean } from './running-mean.js';
import { squaredErrors } from './squared-error.js';

/** Examples in raw units, of one shape. */
export interface DenoisingInput {
  readonly clean: Matrix;
  readonly corrupted: Matrix;
  /** Reconstruction of `corrupted`. */
  readonly rebuilt: Matrix;
}

export interface DenoisingErrors {
  /** Squared error per value, and per example. */
  readonly mse: number;
  readonly sse: number;
  /** The same of the corrupted input itself: what there was to remove. */
  readonly inputMse: number;
  readonly inputSse: number;
}

/**
 * The remaining error against the clean examples (Vincent et al. 2008), over chunks that need not be in memory
 * together.
 */
export class DenoisingSums {
  readonly #left = new RunningMean();
  readonly #input = new RunningMean();
  #columns = 0;

  /** @throws RangeError for different shapes */
  add({ clean, corrupted, rebuilt }: DenoisingInput): void {
    this.#left.add(squaredErrors(clean, rebuilt));
    this.#input.add(squaredErrors(clean, corrupted));
    this.#columns = clean.columns;
  }

  /** @throws RangeError before the first example */
  get errors(): DenoisingErrors {
    const [sse, inputSse] = [this.#left.value, this.#input.value];
    return { mse: sse / this.#columns, sse, inputMse: inputSse / this.#columns, inputSse };
  }
}
