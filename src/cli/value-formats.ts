import { type AppliedValues, encodeNpy, encodeSafetensors, rowsOf } from '../api/models.js';
import { csvLine } from '../api/text.js';
import type { FileContent } from '../files/write-file.js';
import { exitCodes, Failure } from './failure.js';

export interface NamedValues extends AppliedValues {
  /** Names of a row's values. */
  readonly columns: readonly string[];
}

/**
 * Chooses the encoder by a path's ending.
 * @param tensor name of the values in a safetensors file
 * @param others formats that the command writes besides these
 * @throws Failure for any other ending
 */
export function encoderFor(
  path: string,
  tensor: string,
  others: readonly string[] = [],
): (values: NamedValues) => FileContent {
  if (path.endsWith('.npy')) return ({ count, shape, values }) => encodeNpy([count, ...shape], values);
  if (path.endsWith('.safetensors')) {
    return ({ count, shape, values }) => encodeSafetensors([{ name: tensor, shape: [count, ...shape], values }]);
  }
  if (path.endsWith('.csv')) return csvOf;
  const formats = [...others, '.npy', '.csv'].join(', ');
  throw new Failure(exitCodes.usage, `'${path}' is no ${formats} or .safetensors file`);
}

/** A header row, then a row for each example. */
function* csvOf(values: NamedValues): Iterable<string> {
  yield csvLine(values.columns);
  for (const row of rowsOf(values)) yield csvLine(row instanceof Float32Array ? Array.from(row, shortest) : [...row]);
}

/** The shortest decimal that rounds to the same float32, so that 0.1 is not written 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}
