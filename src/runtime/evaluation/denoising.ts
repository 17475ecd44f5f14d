import type { Matrix } from './matrix.js';
import { meanOf, squaredErrors } from './squared-error.js';

/** Examples in raw units, of one shape. */
export interface DenoisingInput {
  readonly clean: Matrix;
  readonly corrupted: Matrix;
  /** What the network makes of `corrupted`. */
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

/** The error that is left against the clean examples (Vincent et al. 2008). @throws RangeError for different shapes */
export function denoisingErrors({ clean, corrupted, rebuilt }: DenoisingInput): DenoisingErrors {
  const sse = meanOf(squaredErrors(clean, rebuilt));
  const inputSse = meanOf(squaredErrors(clean, corrupted));
  return { mse: sse / clean.columns, sse, inputMse: inputSse / clean.columns, inputSse };
}
