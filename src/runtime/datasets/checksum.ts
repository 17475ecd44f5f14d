import { createHash, type Hash } from 'node:crypto';
import type { ConditionColumn } from './condition-column.js';

/** SHA-256 sums, hexadecimal, of the arrays of a data set. */
export interface ArrayChecksums {
  readonly trainValues: string;
  readonly trainLabels: string | null;
  readonly testValues: string | null;
  readonly testLabels: string | null;
  /** Absent if no column is a condition. */
  readonly trainConditions?: string;
  readonly testConditions?: string;
}

type Data = Uint8Array | Int32Array | Float32Array | Float64Array;

/**
 * SHA-256 of an array: of an IDX header (0, 0, type, rank, big-endian dimensions) followed by the elements in C order,
 * little-endian. For bytes that is the sum of the unpacked IDX file, so that MNIST's arrays have their files' sums.
 */
export function arrayChecksum(dims: readonly number[], data: Data): string {
  const sum = new ArraySum(dims, idxType(data));
  sum.add(data);
  return sum.hex();
}

/** The checksum of an array whose elements come in pieces, in their order: see {@link arrayChecksum}. */
export class ArraySum {
  readonly #hash: Hash;

  constructor(dims: readonly number[], type: number) {
    const header = new DataView(new ArrayBuffer(4 + 4 * dims.length));
    header.setUint8(2, type);
    header.setUint8(3, dims.length);
    dims.forEach((n, i) => {
      header.setUint32(4 + 4 * i, n);
    });
    this.#hash = createHash('sha256').update(new Uint8Array(header.buffer));
  }

  add(data: Data): void {
    for (let at = 0; at < data.byteLength; at += hashedAtOnce) {
      this.#hash.update(
        new Uint8Array(data.buffer, data.byteOffset + at, Math.min(hashedAtOnce, data.byteLength - at)),
      );
    }
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}

/** Node takes no more than 2³¹ bytes in one update. */
const hashedAtOnce = 2 ** 30;

/** SHA-256 over the names and values of columns, and the texts that they are numbers of. */
export function conditionsChecksum(columns: readonly ConditionColumn[]): string {
  const hash = createHash('sha256');
  for (const column of columns) {
    const texts = column.kind === 'category' ? column.texts : null;
    hash.update(JSON.stringify([column.name, texts])).update(arrayChecksum([column.values.length], column.values));
  }
  return hash.digest('hex');
}

/** The type code of an array's elements in an IDX header. */
export function idxType(data: Data): number {
  if (data instanceof Uint8Array) return 0x08;
  if (data instanceof Int32Array) return 0x0c;
  return data instanceof Float32Array ? 0x0d : 0x0e;
}

/** Dimensions of `count` examples' values for the checksum: grey images have no channel dimension. */
export function valueDims(count: number, shape: readonly number[]): readonly number[] {
  const [channels, ...image] = shape;
  return shape.length === 3 && channels === 1 ? [count, ...image] : [count, ...shape];
}

/**
 * The checksum of a data set: SHA-256 of the lines `aedsl-data-1`, `shape c,h,w`, `train.values <sum>`,
 * `train.labels <sum>`, `test.values <sum>`, `test.labels <sum>`, `train.conditions <sum>`, `test.conditions <sum>`, those
 * that it has, each ended by a line feed.
 */
export function datasetChecksum(shape: readonly number[], sums: ArrayChecksums): string {
  const lines = ['aedsl-data-1', `shape ${shape.join(',')}`, `train.values ${sums.trainValues}`];
  if (sums.trainLabels !== null) lines.push(`train.labels ${sums.trainLabels}`);
  if (sums.testValues !== null) lines.push(`test.values ${sums.testValues}`);
  if (sums.testLabels !== null) lines.push(`test.labels ${sums.testLabels}`);
  if (sums.trainConditions !== undefined) lines.push(`train.conditions ${sums.trainConditions}`);
  if (sums.testConditions !== undefined) lines.push(`test.conditions ${sums.testConditions}`);
  return createHash('sha256')
    .update(`${lines.join('\n')}\n`)
    .digest('hex');
}
