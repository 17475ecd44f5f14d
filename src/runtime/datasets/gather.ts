import type { Part } from './dataset.js';
import type { WindowStarts } from './windows.js';

/** Bytes that a processor fetches together. */
const CACHE_LINE = 64;

/** byte / 255 in float32. */
const UNIT_VALUES = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

interface Layout {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Features are a single row. */
function layoutOf(shape: readonly number[]): Layout {
  const [channels = 1, height = 1, width = 1] = shape.length === 3 ? shape : [1, 1, ...shape];
  return { channels, height, width };
}

/** What each byte stands for. */
export function unitValues(): Float32Array {
  return UNIT_VALUES.slice();
}

/**
 * Copies a window of each example's bytes into `out`, [indices.length, channels, height, width] of the window.
 */
export type ByteGatherer = (values: Uint8Array, indices: Uint32Array, starts: WindowStarts, out: Uint8Array) => void;

/** @param stored the shape of an example, @param window of what is cut out of it */
export function byteGatherer(stored: readonly number[], window: readonly number[]): ByteGatherer {
  const image = layoutOf(stored);
  const { height, width } = layoutOf(window);
  // Rows that lie one after the other are one row.
  const whole = width === image.width && height === image.height;
  const rows = whole ? 1 : height;
  const length = whole ? image.channels * height * width : width;
  const planes = whole ? 1 : image.channels;
  const span = (rows - 1) * image.width + length;
  const [sourceView, targetView] = [new LastView(), new LastView()];
  return (values, indices, starts, out) => {
    const firstOf = (example: number, channel: number): number =>
      (((indices[example] ?? 0) * image.channels + channel) * image.height + (starts.rows[example] ?? 0)) *
        image.width +
      (starts.columns[example] ?? 0);
    let touched = 0;
    // The examples lie all over a large memory. Copied at once they would be waited for one after the other.
    for (let example = 0; example < indices.length; example++) {
      for (let channel = 0; channel < planes; channel++) {
        const from = firstOf(example, channel);
        for (let at = from; at < from + span; at += CACHE_LINE) touched += values[at] ?? 0;
      }
    }
    out[0] = touched;
    const [source, target] = [sourceView.of(values), targetView.of(out)];
    const size = rows * length;
    let to = 0;
    for (let example = 0; example < indices.length; example++) {
      for (let channel = 0; channel < planes; channel++, to += size) {
        const from = firstOf(example, channel);
        if (length > 64) copyLongRows(values, from, image.width, rows, length, out, to);
        else if (length >= 8 && length <= 12) copyPatch(source, from, image.width, rows, length, target, to);
        else copyShortRows(source, from, image.width, rows, length, target, to);
      }
    }
  };
}

/** A view of the bytes that were given last: making one takes as long as copying some examples. */
class LastView {
  #view: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));

  of({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
    const view = this.#view;
    if (view.buffer === buffer && view.byteOffset === byteOffset && view.byteLength === byteLength) return view;
    this.#view = new DataView(buffer, byteOffset, byteLength);
    return this.#view;
  }
}

/** Copies rows of `length` bytes that begin `step` bytes apart to one after the other. */
type CopyRows<T> = (source: T, from: number, step: number, rows: number, length: number, target: T, to: number) => void;

const copyLongRows: CopyRows<Uint8Array> = (source, from, step, rows, length, target, to) => {
  for (let row = 0; row < rows; row++) {
    const first = from + row * step;
    target.set(source.subarray(first, first + length), to + row * length);
  }
};

/** Four bytes at a time: the last four may be copied again. */
const copyShortRows: CopyRows<DataView> = (source, from, step, rows, length, target, to) => {
  const last = length - 4;
  for (let row = 0; row < rows; row++, from += step, to += length) {
    for (let i = 0; i < last; i += 4) target.setInt32(to + i, source.getInt32(from + i, true), true);
    if (last >= 0) target.setInt32(to + last, source.getInt32(from + last, true), true);
    else for (let i = 0; i < length; i++) target.setUint8(to + i, source.getUint8(from + i));
  }
};

/** For rows of 8 to 12 bytes, as small patches have them: without a loop within the row it takes a fifth less time. */
const copyPatch: CopyRows<DataView> = (source, from, step, rows, length, target, to) => {
  const last = length - 4;
  for (let row = 0; row < rows; row++, from += step, to += length) {
    target.setInt32(to, source.getInt32(from, true), true);
    target.setInt32(to + 4, source.getInt32(from + 4, true), true);
    target.setInt32(to + last, source.getInt32(from + last, true), true);
  }
};

/**
 * Copies a window of each example into `out`, [indices.length, channels, height, width] of the window, as raw values:
 * byte / 255 for bytes, floats as they are.
 *
 * @param stored the shape of an example, @param window of what is cut out of it
 */
export function gather(
  part: Part,
  indices: Uint32Array,
  stored: readonly number[],
  window: readonly number[],
  starts: WindowStarts,
  out: Float32Array,
): void {
  const image = layoutOf(stored);
  const { height, width } = layoutOf(window);
  if (height === image.height && width === image.width) {
    const size = image.channels * height * width;
    for (let i = 0; i < indices.length; i++) copyRow(part.values, (indices[i] ?? 0) * size, size, out, i * size);
    return;
  }
  const rows = indices.length * image.channels * height;
  for (let row = 0; row < rows; row++) {
    const plane = Math.floor(row / height);
    const example = Math.floor(plane / image.channels);
    const storedPlane = (indices[example] ?? 0) * image.channels + (plane % image.channels);
    const storedRow = storedPlane * image.height + (starts.rows[example] ?? 0) + (row % height);
    copyRow(part.values, storedRow * image.width + (starts.columns[example] ?? 0), width, out, row * width);
  }
}

function copyRow(values: Uint8Array | Float32Array, from: number, width: number, out: Float32Array, to: number): void {
  if (values instanceof Float32Array) {
    out.set(values.subarray(from, from + width), to);
    return;
  }
  for (let i = 0; i < width; i++) out[to + i] = UNIT_VALUES[values[from + i] ?? 0] ?? 0;
}
