import { type StreamAt, stream } from '../random/stream.js';
import { valueTable } from './batch.js';
import { byteGatherer } from './gather.js';
import { isCrop, isPixelTransform, type Transform } from './transform.js';
import { type BatchPosition, windowsOf } from './windows.js';

/** Batches of examples that are stored as bytes, for an engine that makes numbers of them itself. */
export interface ByteBatches {
  /** Shape of one example: [channels, height, width] or [features]. */
  readonly shape: readonly number[];
  /** Clean network input for each of the 256 bytes. */
  readonly table: Float32Array;
  /** The bytes of some examples as `batchMaker` would take them, into `out`: channel by channel, row by row. */
  fill(values: Uint8Array, indices: Uint32Array, at: BatchPosition, out: Uint8Array): void;
}

/**
 * Makes the same batches as `batchMaker` from bytes, if the transforms are crops and value-by-value maps; null for
 * others, such as those with statistics per feature.
 *
 * @param shape of the stored examples
 * @param streamAt draws random places: the same numbers, whoever draws them
 * @throws RangeError for a crop that doesn't fit
 */
export function byteBatches(
  shape: readonly number[],
  transforms: readonly Transform[],
  seed: number | 'evaluation',
  streamAt: StreamAt = stream,
): ByteBatches | null {
  const pixels = transforms.filter(isPixelTransform);
  const table = valueTable(transforms);
  if (table === null || !pixels.every(isCrop)) return null;
  const windows = windowsOf(shape, pixels.filter(isCrop), seed, 0, streamAt);
  const gather = byteGatherer(shape, windows.shape);
  return {
    shape: windows.shape,
    table,
    fill: (values, indices, at, out) => gather(values, indices, windows.starts(indices.length, at), out),
  };
}
