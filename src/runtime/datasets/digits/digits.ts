import { streamKey } from '../../random/address.js';
import { Philox } from '../../random/philox.js';
import type { Dataset } from '../dataset.js';
import { chooseDigit, drawExample } from './draw-example.js';
import { Hand } from './hand.js';
import { Pen, SIDE } from './pen.js';

/** Examples in the training part. */
export const DIGITS_TRAIN = 60000;
/** Examples in the test part. */
export const DIGITS_TEST = 10000;

/** Examples of each class. */
export const DIGITS_OF_CLASS = {
  train: [5894, 6116, 5985, 5971, 5885, 5981, 6054, 6033, 6044, 6037],
  test: [978, 963, 964, 1026, 978, 1035, 1028, 1000, 1030, 998],
} as const;

/** `datasetChecksum` of all 70,000 examples, however few are drawn. */
export const DIGITS_CHECKSUM = '58159553a5efaa20fcbaa89092530c063b8f10201e2df52df4c86da4c8c0a045';

const PIXELS = SIDE * SIDE;

/** Which examples of a part to draw: the first ones, by their number, or those at some places. */
type Drawn = number | Uint32Array;

/**
 * The embedded data set: handwritten digits 0 … 9 in ten classes, drawn by seeded code instead of read from a file.
 *
 * @param train the training examples to draw; all without it
 * @param test the test examples; all without it
 * @throws RangeError for more examples than there are, or a count that is no integer or negative
 */
export function loadDigits(train: Drawn = DIGITS_TRAIN, test: Drawn = DIGITS_TEST): Dataset {
  return {
    name: 'digits',
    shape: [1, SIDE, SIDE],
    train: { count: countOf(train), ...drawDigits('train', train) },
    test: { count: countOf(test), ...drawDigits('test', test) },
    classes: 10,
    classNames: null,
    columns: null,
    unusedColumns: [],
    checksum: DIGITS_CHECKSUM,
  };
}

function countOf(drawn: Drawn): number {
  return typeof drawn === 'number' ? drawn : drawn.length;
}

/** The classes of the first examples of a part, without drawing them. */
export function digitLabels(part: 'train' | 'test', count: number): Uint8Array {
  const philox = handwriting(part);
  return Uint8Array.from({ length: count }, (_, i) => chooseDigit(new Hand(philox, i)));
}

function handwriting(part: 'train' | 'test'): Philox {
  return new Philox(streamKey({ seed: 'evaluation', path: `digits/${part}`, purpose: 'handwriting' }));
}

/**
 * Some examples of a part: `values` are [count, 28, 28] bytes, row by row, 0 the background and 255 full
 * ink; `labels` are [count]. Example i is the same whatever the count is, and on every machine: the drawing knows
 * integers only.
 *
 * @throws RangeError for a count that is no integer, negative or more than the part has
 */
export function drawDigits(part: 'train' | 'test', drawn: Drawn): { values: Uint8Array; labels: Uint8Array } {
  const count = countOf(drawn);
  const most = part === 'train' ? DIGITS_TRAIN : DIGITS_TEST;
  if (!Number.isInteger(count) || count < 0 || count > most) {
    throw new RangeError(`digits has ${most} examples for ${part}, not ${count}`);
  }
  const philox = handwriting(part);
  const pen = new Pen();
  const values = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const example = typeof drawn === 'number' ? i : (drawn[i] ?? 0);
    labels[i] = drawExample(new Hand(philox, example), pen, values.subarray(i * PIXELS, (i + 1) * PIXELS));
  }
  return { values, labels };
}
