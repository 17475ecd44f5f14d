// Follows the entropy-coded data of a JPEG file without computing a pixel, which takes a fifth of decoding it.
import { type HuffmanTable, huffmanTable, JpegBits } from './jpeg-bits.js';

/**
 * Whether a JPEG file is certain to decode without a warning of libjpeg. False for what is damaged and for what is rare
 * or odd: only decoding tells them apart (ITU-T T.81, annexes B, F and G).
 *
 * @param bytes a file with the start marker of a JPEG
 */
export function isUndamagedJpeg(bytes: Uint8Array): boolean {
  const walk = new JpegWalk(bytes);
  for (let at = 2; ; ) {
    if (bytes[at] !== 0xff) return false;
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd9) return walk.isWhole();
    const length = 256 * (bytes[at + 2] ?? 0) + (bytes[at + 3] ?? 0);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return false;
    const next = walk.segment(marker, bytes.subarray(at + 4, end), end);
    if (next < 0) return false;
    at = next;
  }
}

interface Component {
  readonly id: number;
  readonly across: number;
  readonly down: number;
  readonly quantization: number;
  /** Blocks of 8 × 8 that have pixels, as a scan of this component alone has them. */
  readonly columns: number;
  readonly rows: number;
  /** Blocks of a row in a scan of all components. */
  readonly stride: number;
  /** Of a progressive file: two words of each block, whose bits are the coefficients that are not 0. */
  readonly nonzero: Uint32Array;
  /** The bit of each coefficient that was read last; -1: none. */
  readonly lastBit: Int8Array;
  isRead: boolean;
}

interface Frame {
  readonly isProgressive: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly components: readonly Component[];
}

interface ScanPart {
  readonly component: Component;
  readonly dc: HuffmanTable | null;
  readonly ac: HuffmanTable | null;
}

/** The coefficients that a scan has, from `first` to `last`, and their bits: `high` the one before, 0 for none. */
interface Band {
  readonly first: number;
  readonly last: number;
  readonly high: number;
  readonly low: number;
}

/** Most coefficients of a progressive file whose state is kept; what has more is decoded. */
const mostKept = 2 ** 29;

class JpegWalk {
  readonly #bytes: Uint8Array;
  /** DC tables 0 to 3, then AC tables. */
  readonly #tables: (HuffmanTable | null)[] = new Array<HuffmanTable | null>(8).fill(null);
  readonly #quantizations = new Set<number>();
  #frame: Frame | null = null;
  #restartInterval = 0;
  /** Blocks left that end with the last end-of-band run. */
  #run = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  isWhole(): boolean {
    return this.#frame?.components.every(({ isRead }) => isRead) ?? false;
  }

  /** @returns the place of the next marker, or -1 where it must be decoded to be judged */
  segment(marker: number, data: Uint8Array, end: number): number {
    switch (marker) {
      case 0xc0:
      case 0xc1:
      case 0xc2:
        this.#frame = this.#frame === null ? frameOf(data, marker === 0xc2) : null;
        return this.#frame === null ? -1 : end;
      case 0xc4:
        return this.#huffmanTables(data) ? end : -1;
      case 0xda:
        return this.#scan(data, end);
      case 0xdb:
        return this.#quantizationTables(data) ? end : -1;
      case 0xdd:
        this.#restartInterval = 256 * (data[0] ?? 0) + (data[1] ?? 0);
        return data.length === 2 ? end : -1;
      case 0xe0:
        // libjpeg warns of another version of JFIF than 1, and of an unknown transform.
        return startsWith(data, 'JFIF\0') && data[5] !== 1 ? -1 : end;
      case 0xee:
        return startsWith(data, 'Adobe') && (data[11] ?? 0) > 1 ? -1 : end;
      default:
        return (marker >= 0xe1 && marker <= 0xef) || marker === 0xfe ? end : -1;
    }
  }

  #huffmanTables(data: Uint8Array): boolean {
    let at = 0;
    while (at + 17 <= data.length) {
      const place = data[at] ?? 0;
      const counts = data.subarray(at + 1, at + 17);
      const count = counts.reduce((sum, some) => sum + some, 0);
      const symbols = data.subarray(at + 17, at + 17 + count);
      const isDc = place < 4;
      if ((!isDc && (place < 16 || place > 19)) || symbols.length < count || count > 256) return false;
      if (isDc && symbols.some((symbol) => symbol > 15)) return false;
      const table = huffmanTable(counts, symbols);
      if (table === null) return false;
      this.#tables[isDc ? place : place - 12] = table;
      at += 17 + count;
    }
    return at === data.length;
  }

  #quantizationTables(data: Uint8Array): boolean {
    let at = 0;
    while (at < data.length) {
      const place = data[at] ?? 0;
      if ((place & 15) > 3 || place > 31) return false;
      this.#quantizations.add(place & 15);
      at += 1 + 64 * (1 + (place >> 4));
    }
    return at === data.length;
  }

  #scan(header: Uint8Array, start: number): number {
    const frame = this.#frame;
    const count = header[0] ?? 0;
    if (frame === null || count < 1 || header.length !== 4 + 2 * count) return -1;
    const parts: ScanPart[] = [];
    for (let i = 0; i < count; i++) {
      const component = frame.components.find(({ id }) => id === header[1 + 2 * i]);
      const tables = header[2 + 2 * i] ?? 0;
      if (component === undefined || !this.#quantizations.has(component.quantization)) return -1;
      if ((tables & 15) > 3 || tables >> 4 > 3 || parts.some((part) => part.component === component)) return -1;
      const [dc = null, ac = null] = [this.#tables[tables >> 4], this.#tables[4 + (tables & 15)]];
      parts.push({ component, dc, ac });
    }
    const [first = 0, last = 0, bits = 0] = header.subarray(1 + 2 * count);
    const band = { first, last, high: bits >> 4, low: bits & 15 };
    const isOrderly = frame.isProgressive ? progresses(parts, band) : isSequential(parts, band);
    const readBlock = isOrderly ? this.#blockReader(frame, band) : null;
    return readBlock === null ? -1 : this.#blocks(frame, parts, new JpegBits(this.#bytes, start), readBlock);
  }

  #blockReader({ isProgressive }: Frame, band: Band): BlockReader {
    if (!isProgressive) return readSequential;
    if (band.first === 0) return band.high === 0 ? readFirstDc : readNextDc;
    const read = band.high === 0 ? readFirstAc : readNextAc;
    return (bits, part, block) => {
      this.#run = read(bits, part, block, band, this.#run);
    };
  }

  #blocks(frame: Frame, parts: readonly ScanPart[], bits: JpegBits, readBlock: BlockReader): number {
    const [only] = parts;
    const isAlone = parts.length === 1 && only !== undefined;
    const [columns, rows] = isAlone ? [only.component.columns, only.component.rows] : [frame.columns, frame.rows];
    this.#run = 0;
    let untilRestart = this.#restartInterval;
    let restarts = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        if (this.#restartInterval > 0 && untilRestart-- === 0) {
          const place = bits.markerPlace();
          if (place < 0 || this.#bytes[place + 1] !== 0xd0 + (restarts++ % 8)) return -1;
          bits.restartAt(place + 2);
          this.#run = 0;
          untilRestart = this.#restartInterval - 1;
        }
        if (isAlone) {
          readBlock(bits, only, row * only.component.stride + column);
          continue;
        }
        for (const part of parts) {
          const { across, down, stride } = part.component;
          for (let y = row * down; y < (row + 1) * down; y++) {
            for (let x = column * across; x < (column + 1) * across; x++) readBlock(bits, part, y * stride + x);
          }
        }
      }
      if (bits.isDamaged) return -1;
    }
    return bits.markerPlace();
  }
}

function startsWith(data: Uint8Array, text: string): boolean {
  return Buffer.from(data.buffer, data.byteOffset, Math.min(data.length, text.length)).equals(Buffer.from(text));
}

/** @returns null for what libjpeg must judge: sampling that is not one of the usual, wrong lengths, too large a picture */
function frameOf(data: Uint8Array, isProgressive: boolean): Frame | null {
  const [precision, , , , , count = 0] = data;
  if (precision !== 8 || data.length !== 6 + 3 * count || (count !== 1 && count !== 3)) return null;
  const [height, width] = [256 * (data[1] ?? 0) + (data[2] ?? 0), 256 * (data[3] ?? 0) + (data[4] ?? 0)];
  const [, sampling = 0, , , second = 0x11, , , third = 0x11] = data.subarray(6);
  const isUsual = count === 1 ? sampling === 0x11 : usualSampling.has(sampling) && second === 0x11 && third === 0x11;
  if (!isUsual || height === 0 || width === 0) return null;
  const [most, mostDown] = [sampling >> 4, sampling & 15];
  const [columns, rows] = [Math.ceil(width / (8 * most)), Math.ceil(height / (8 * mostDown))];
  if (isProgressive && 64 * columns * rows * (most * mostDown + 2) > mostKept) return null;
  const components = Array.from({ length: count }, (_, i) => {
    const [id = 0, factors = 0, quantization = 0] = data.subarray(6 + 3 * i);
    const [across, down] = [factors >> 4, factors & 15];
    return {
      id,
      across,
      down,
      quantization,
      columns: Math.ceil(Math.ceil((width * across) / most) / 8),
      rows: Math.ceil(Math.ceil((height * down) / mostDown) / 8),
      stride: columns * across,
      nonzero: new Uint32Array(isProgressive ? 2 * columns * across * rows * down : 0),
      lastBit: new Int8Array(64).fill(-1),
      isRead: false,
    };
  });
  return new Set(components.map(({ id }) => id)).size === count ? { isProgressive, columns, rows, components } : null;
}

/** 4:4:4, 4:2:2, 4:2:0, 4:4:0 and 4:1:1: how often the first of three components has what the others have once. */
const usualSampling = new Set([0x11, 0x21, 0x22, 0x12, 0x41]);

function isSequential(parts: readonly ScanPart[], { first, last, high, low }: Band): boolean {
  if (first !== 0 || last !== 63 || high !== 0 || low !== 0) return false;
  return parts.every((part) => {
    const isNew = !part.component.isRead;
    part.component.isRead = true;
    return isNew && part.dc !== null && part.ac !== null;
  });
}

/** Whether a scan of a progressive file follows on those before it. */
function progresses(parts: readonly ScanPart[], { first, last, high, low }: Band): boolean {
  if (first === 0 ? last !== 0 : parts.length > 1 || first > last || last > 63) return false;
  if (low > 13 || (high !== 0 && high - 1 !== low)) return false;
  return parts.every(({ component, dc, ac }) => {
    const { lastBit } = component;
    if (first > 0 ? ac === null || lastBit[0] === -1 : dc === null && high === 0) return false;
    for (let k = first; k <= last; k++) {
      if (Math.max(0, lastBit[k] ?? 0) !== high) return false;
      lastBit[k] = low;
    }
    component.isRead = true;
    return true;
  });
}

type BlockReader = (bits: JpegBits, part: ScanPart, block: number) => void;

function readSequential(bits: JpegBits, { dc, ac }: ScanPart): void {
  if (dc === null || ac === null) throw new RangeError('a scan without its tables');
  bits.skipBlock(dc, ac);
}

function readFirstDc(bits: JpegBits, { dc }: ScanPart): void {
  if (dc === null) throw new RangeError('a scan without its table');
  bits.take(bits.symbol(dc));
}

function readNextDc(bits: JpegBits): void {
  bits.take(1);
}

/** @returns blocks left of the end-of-band run */
function readFirstAc(
  bits: JpegBits,
  { ac, component }: ScanPart,
  block: number,
  { first, last }: Band,
  run: number,
): number {
  if (ac === null) throw new RangeError('a scan without its table');
  if (run > 0) return run - 1;
  for (let k = first; k <= last; k++) {
    const symbol = bits.symbol(ac);
    const [zeros, size] = [symbol >> 4, symbol & 15];
    if (size === 0 && zeros < 15) return (1 << zeros) + bits.take(zeros) - 1;
    k += zeros;
    if (size === 0) continue;
    bits.take(size);
    if (k < 64) setNonzero(component.nonzero, block, k);
  }
  return 0;
}

/** A bit for each coefficient that isn't 0, and new ones between them. @returns blocks left of the end-of-band run */
function readNextAc(
  bits: JpegBits,
  { ac, component: { nonzero } }: ScanPart,
  block: number,
  { first, last }: Band,
  run: number,
): number {
  if (ac === null) throw new RangeError('a scan without its table');
  let left = run;
  let k = first;
  for (; left === 0 && k <= last; k++) {
    const symbol = bits.symbol(ac);
    const size = symbol & 15;
    let zeros = symbol >> 4;
    if (size === 0 && zeros < 15) {
      left = (1 << zeros) + bits.take(zeros);
      break;
    }
    if (size > 1) bits.setDamaged();
    else if (size > 0) bits.take(1);
    for (; k <= last; k++) {
      if (isNonzero(nonzero, block, k)) bits.take(1);
      else if (zeros-- === 0) break;
    }
    if (size > 0 && k <= last) setNonzero(nonzero, block, k);
  }
  if (left === 0) return 0;
  bits.skip(countNonzero(nonzero, block, k, last));
  return left - 1;
}

function setNonzero(nonzero: Uint32Array, block: number, k: number): void {
  const word = 2 * block + (k >> 5);
  nonzero[word] = (nonzero[word] ?? 0) | (1 << (k & 31));
}

function isNonzero(nonzero: Uint32Array, block: number, k: number): boolean {
  return (((nonzero[2 * block + (k >> 5)] ?? 0) >>> (k & 31)) & 1) === 1;
}

function countNonzero(nonzero: Uint32Array, block: number, first: number, last: number): number {
  const [low = 0, high = 0] = [nonzero[2 * block], nonzero[2 * block + 1]];
  let count = 0;
  for (let left = low & upTo(last) & ~upTo(first - 1); left !== 0; left &= left - 1) count++;
  for (let left = high & upTo(last - 32) & ~upTo(first - 33); left !== 0; left &= left - 1) count++;
  return count;
}

/** Bits 0 to `k` of a word. */
function upTo(k: number): number {
  return k < 0 ? 0 : k >= 31 ? -1 : (2 << k) - 1;
}
