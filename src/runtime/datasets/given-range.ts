import type { ArrayFile } from './array-part.js';
import type { TableDoubt } from './csv-doubts.js';
import { DatasetError } from './dataset-error.js';
import { type StoredArray, withRoom } from './stored-array.js';

/** The values that a set's words say stand for 0 and for 1. */
export type GivenRange = readonly [low: number, high: number];

/**
 * Examples as pixels in [0, 1]: `(x - low) / (high - low)` in float64, rounded once to float32. Bytes of [0, 255] stay
 * bytes, which stand for the same numbers.
 *
 * @throws DatasetError wrong_value for a value outside the range
 */
export function inGivenRange(file: ArrayFile, range: GivenRange | null): ArrayFile {
  if (range === null) return file;
  const { path, array } = file;
  const [low, high] = range;
  const { data } = array;
  const [least, greatest] = extremesOf(data);
  if (least < low || greatest > high) {
    const problem = `has values from ${least} to ${greatest}, and the range that was given is [${low}, ${high}]`;
    const hint = `give the range that the values have: range=[${Math.min(low, least)}, ${Math.max(high, greatest)}]`;
    throw new DatasetError('wrong_value', path, problem, hint, { argument: 'range' });
  }
  if (data instanceof Uint8Array && low === 0 && high === 255) return file;
  const span = high - low;
  const mapped = withRoom(path, () => new Float32Array(data.length));
  for (let i = 0; i < data.length; i++) mapped[i] = ((data[i] ?? 0) - low) / span;
  return { path, array: { dims: array.dims, data: mapped } };
}

/** The share of a range that values fill at least: those that were divided by 255 before fill less. */
const leastFilled = 1 / 200;

/** Warns of values that were brought to [0, 1] before, which the range would make nearly black. */
export function rangeDoubts(range: GivenRange | null, greatest: number): readonly TableDoubt[] {
  if (range === null || greatest <= 0 || greatest > leastFilled) return [];
  const [low, high] = range;
  const most = Number((low + greatest * (high - low)).toPrecision(3));
  return [
    {
      message: `the greatest value is ${most}, and range=[${low}, ${high}] makes ${Number(greatest.toPrecision(2))} of it`,
      hint: 'leave range= out if the values lie between 0 and 1 already',
    },
  ];
}

/** The least and the greatest value; ∞ and -∞ of none. */
function extremesOf(data: StoredArray['data']): readonly [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, greatest];
}
