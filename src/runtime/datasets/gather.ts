import type { ValuesInMemory } from './dataset.js';
import { Scratch } from './scratch.js';
import type { WindowStarts } from './windows.js';

/** Bytes that a processor fetches together. */
const CACHE_LINE = 64;

/**
 * Bytes at the end of a buffer that are never read through a view: V8 13.6 (Node 24) takes reads so close to the end
 * for out-of-bounds, and from then on every access by the same code takes four times as long.
 */
const VIEW_END = 8;

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

/** Value in [0, 1] of each byte. */
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
  // Adjacent rows are copied as one.
  const whole = width === image.width && height === image.height;
  const planes = whole ? 1 : image.channels;
  const windows: EqualWindows = {
    step: image.width,
    rows: whole ? 1 : height,
    length: whole ? image.channels * height * width : width,
  };
  const span = (windows.rows - 1) * windows.step + windows.length;
  const [sourceView, targetView] = [new LastView(), new LastView()];
  // Places in more than 4 GiB too.
  const begins = new Scratch((count) => new Float64Array(count));
  return (values, indices, starts, out) => {
    const first = begins.of(indices.length * planes);
    firstBytes(image, planes, indices, starts, first);
    out[0] = touch(values, first, span);
    const source = sourceView.of(values.buffer);
    const end = source.byteLength - VIEW_END - values.byteOffset - span;
    if (windows.length > 64 || !beginBy(end, first)) copyRows(values, first, windows, out);
    else {
      const copy = windows.length >= 8 && windows.length <= 12 ? copyPatches : copyShortRows;
      copy(source, values.byteOffset, first, windows, targetView.of(out.buffer), out.byteOffset);
    }
  };
}

/** Rows of `length` bytes that begin `step` bytes apart, in every window. */
interface EqualWindows {
  readonly step: number;
  readonly rows: number;
  readonly length: number;
}

/** Offset of each window in the stored bytes, channel by channel. @param first receives the offsets */
function firstBytes(
  { channels, height, width }: Layout,
  planes: number,
  indices: Uint32Array,
  { rows, columns }: WindowStarts,
  first: Float64Array,
): void {
  let at = 0;
  for (let example = 0; example < indices.length; example++) {
    const row = (indices[example] ?? 0) * channels * height + (rows[example] ?? 0);
    for (let channel = 0; channel < planes; channel++) {
      first[at++] = (row + channel * height) * width + (columns[example] ?? 0);
    }
  }
}

/**
 * Touches the memory of all windows before copying: they are scattered over a large buffer, and copying would wait for
 * one after the other. Touching many windows before other lines lets more of their page lookups overlap.
 *
 * @returns a value computed from the bytes, so that they are read
 */
function touch(values: Uint8Array, first: Float64Array, span: number): number {
  let touched = 0;
  for (let i = 0; i < first.length; i++) touched += values[first[i] ?? 0] ?? 0;
  for (let i = 0; i < first.length; i++) {
    const from = first[i] ?? 0;
    for (let at = from + CACHE_LINE; at < from + span; at += CACHE_LINE) touched += values[at] ?? 0;
  }
  return touched;
}

/** Whether every window begins at `last` or before. */
function beginBy(last: number, first: Float64Array): boolean {
  for (let i = 0; i < first.length; i++) if ((first[i] ?? 0) > last) return false;
  return true;
}

/** A view of the memory that was given last: making one takes as long as copying some examples. */
class LastView {
  #view: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));

  of(buffer: ArrayBufferLike): DataView {
    if (this.#view.buffer !== buffer) this.#view = new DataView(buffer);
    return this.#view;
  }
}

/** Row by row: for long ones. */
function copyRows(
  values: Uint8Array,
  first: Float64Array,
  { step, rows, length }: EqualWindows,
  out: Uint8Array,
): void {
  let to = 0;
  for (let i = 0; i < first.length; i++) {
    let from = first[i] ?? 0;
    for (let row = 0; row < rows; row++, from += step, to += length) out.set(values.subarray(from, from + length), to);
  }
}

type CopyThroughViews = (
  source: DataView,
  sourceStart: number,
  first: Float64Array,
  windows: EqualWindows,
  target: DataView,
  to: number,
) => void;

/** Four bytes at a time: the last four may be copied again. */
const copyShortRows: CopyThroughViews = (source, sourceStart, first, { step, rows, length }, target, to) => {
  const last = length - 4;
  for (let i = 0; i < first.length; i++) {
    let from = sourceStart + (first[i] ?? 0);
    for (let row = 0; row < rows; row++, from += step, to += length) {
      for (let column = 0; column < last; column += 4) {
        target.setInt32(to + column, source.getInt32(from + column, true), true);
      }
      if (last >= 0) target.setInt32(to + last, source.getInt32(from + last, true), true);
      else for (let column = 0; column < length; column++) target.setUint8(to + column, source.getUint8(from + column));
    }
  }
};

/** For rows of 8 to 12 bytes, as small patches have them: without a loop within the row it takes a fifth less time. */
const copyPatches: CopyThroughViews = (source, sourceStart, first, { step, rows, length }, target, to) => {
  const last = length - 4;
  for (let i = 0; i < first.length; i++) {
    let from = sourceStart + (first[i] ?? 0);
    for (let row = 0; row < rows; row++, from += step, to += length) {
      target.setInt32(to, source.getInt32(from, true), true);
      target.setInt32(to + 4, source.getInt32(from + 4, true), true);
      target.setInt32(to + last, source.getInt32(from + last, true), true);
    }
  }
};

/**
 * Copies a window of each example into `out`, [indices.length, channels, height, width] of the window, as raw values:
 * byte / 255 for bytes, floats unchanged.
 *
 * @param stored the shape of an example, @param window of what is cut out of it
 */
export function gather(
  values: ValuesInMemory,
  indices: Uint32Array,
  stored: readonly number[],
  window: readonly number[],
  starts: WindowStarts,
  out: Float32Array | Float64Array,
): void {
  const image = layoutOf(stored);
  const { height, width } = layoutOf(window);
  if (height === image.height && width === image.width) {
    const size = image.channels * height * width;
    for (let i = 0; i < indices.length; i++) copyRow(values, (indices[i] ?? 0) * size, size, out, i * size);
    return;
  }
  const rows = indices.length * image.channels * height;
  for (let row = 0; row < rows; row++) {
    const plane = Math.floor(row / height);
    const example = Math.floor(plane / image.channels);
    const storedPlane = (indices[example] ?? 0) * image.channels + (plane % image.channels);
    const storedRow = storedPlane * image.height + (starts.rows[example] ?? 0) + (row % height);
    copyRow(values, storedRow * image.width + (starts.columns[example] ?? 0), width, out, row * width);
  }
}

function copyRow(
  values: ValuesInMemory,
  from: number,
  width: number,
  out: Float32Array | Float64Array,
  to: number,
): void {
  if (!(values instanceof Uint8Array)) {
    out.set(values.subarray(from, from + width), to);
    return;
  }
  for (let i = 0; i < width; i++) out[to + i] = UNIT_VALUES[values[from + i] ?? 0] ?? 0;
}
