import { streamKey } from '../../random/address.js';
import { Philox } from '../../random/philox.js';
import type { Dataset } from '../dataset.js';
import { drawExample } from './draw-example.js';
import { Hand } from './hand.js';
import { Pen, SIDE } from './pen.js';

/** Examples in the training part. */
export const DIGITS_TRAIN = 60000;
/** Examples in the test part. */
export const DIGITS_TEST = 10000;

/** `datasetChecksum` of all 70,000 examples, however few are drawn. */
export const DIGITS_CHECKSUM = '58159553a5efaa20fcbaa89092530c063b8f10201e2df52df4c86da4c8c0a045';

const PIXELS = SIDE * SIDE;

/**
 * The embedded data set: handwritten digits 0 … 9 in ten classes, drawn by seeded code instead of read from a file.
 *
 * @param trainCount how many of the first training examples to draw; all without it
 * @param testCount how many of the first test examples; all without it
 * @throws RangeError for more examples than there are, or a count that is no integer or negative
 */
export function loadDigits(trainCount: number = DIGITS_TRAIN, testCount: number = DIGITS_TEST): Dataset {
  return {
    name: 'digits',
    shape: [1, SIDE, SIDE],
    train: { count: trainCount, ...drawDigits('train', trainCount) },
    test: { count: testCount, ...drawDigits('test', testCount) },
    classes: 10,
    classNames: null,
    columns: null,
    unusedColumns: [],
    checksum: DIGITS_CHECKSUM,
  };
}

/**
 * The first `count` examples of a part: `values` are [count, 28, 28] bytes, row by row, 0 the background and 255 full
 * ink; `labels` are [count]. Example i is the same whatever the count is, and on every machine: the drawing knows
 * integers only.
 *
 * @throws RangeError for a count that is no integer, negative or more than the part has
 */
export function drawDigits(part: 'train' | 'test', count: number): { values: Uint8Array; labels: Uint8Array } {
  const most = part === 'train' ? DIGITS_TRAIN : DIGITS_TEST;
  if (!Number.isInteger(count) || count < 0 || count > most) {
    throw new RangeError(`digits has ${most} examples for ${part}, not ${count}`);
  }
  const philox = new Philox(streamKey({ seed: 'evaluation', path: `digits/${part}`, purpose: 'handwriting' }));
  const pen = new Pen();
  const values = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = drawExample(new Hand(philox, i), pen, values.subarray(i * PIXELS, (i + 1) * PIXELS));
  }
  return { values, labels };
}
