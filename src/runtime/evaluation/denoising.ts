import type { Matrix } from './matrix.js';
import { RunningMean } from './running-mean.js';
import { squaredErrors } from './squared-error.js';

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

/**
 * The error that is left against the clean examples (Vincent et al. 2008), over portions that need not be there at once.
 * @throws RangeError for different shapes, or no examples
 */
export function denoisingErrors(portions: Iterable<DenoisingInput>): DenoisingErrors {
  const [left, input] = [new RunningMean(), new RunningMean()];
  let columns = 0;
  for (const { clean, corrupted, rebuilt } of portions) {
    left.add(squaredErrors(clean, rebuilt));
    input.add(squaredErrors(clean, corrupted));
    columns = clean.columns;
  }
  const [sse, inputSse] = [left.value, input.value];
  return { mse: sse / columns, sse, inputMse: inputSse / columns, inputSse };
}
