import { type Matrix, requireMatrix } from './matrix.js';

/** Examples with the class of each, from 0. */
export interface Labelled {
  readonly examples: Matrix;
  /** `[rows]` */
  readonly labels: ArrayLike<number>;
}

/** @throws RangeError unless there is a label for each of one or more examples, and both parts have the same columns */
export function requireLabelled(name: string, train: Labelled, test: Labelled): void {
  for (const { examples, labels } of [train, test]) {
    requireMatrix(name, examples);
    if (examples.rows === 0) throw new RangeError(`${name} needs examples in both parts`);
    if (labels.length !== examples.rows) {
      throw new RangeError(`${name}: ${examples.rows} examples have ${labels.length} labels`);
    }
  }
  const [trained, tested] = [train.examples.columns, test.examples.columns];
  if (trained !== tested) throw new RangeError(`${name}: ${trained} values to learn from, ${tested} to test on`);
}

/** The share of examples whose class is the predicted one. */
export function accuracy(predicted: Int32Array, labels: ArrayLike<number>): number {
  return predicted.reduce((right, label, i) => right + (label === labels[i] ? 1 : 0), 0) / predicted.length;
}
