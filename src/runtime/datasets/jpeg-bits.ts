/** A Huffman table of a JPEG file (ITU-T T.81, annex C). */
export interface HuffmanTable {
  /** By the next `lookedBits` bits: 256 × length + symbol; 0 for a longer code. */
  readonly short: Uint16Array;
  /** Largest code of each length, from 1 to 16; -1 for none. */
  readonly largest: Int32Array;
  /** What to add to a code of each length for its place among the symbols. */
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

const lookedBits = 10;
const looked = (1 << lookedBits) - 1;
const longestCode = 16;

/** @param counts number of codes of each length, from 1 to 16. @returns null if there are more than there can be */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | null {
  const short = new Uint16Array(1 << lookedBits);
  const largest = new Int32Array(longestCode + 1).fill(-1);
  const offset = new Int32Array(longestCode + 1);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= longestCode; length++) {
    const count = counts[length - 1] ?? 0;
    offset[length] = place - code;
    // A code of ones alone is none.
    if (count > 0 && code + count >= 1 << length) return null;
    for (let i = 0; i < count; i++, code++, place++) {
      if (length > lookedBits) continue;
      const first = code << (lookedBits - length);
      short.fill(256 * length + (symbols[place] ?? 0), first, first + (1 << (lookedBits - length)));
    }
    if (count > 0) largest[length] = code - 1;
    code <<= 1;
  }
  return { short, largest, offset, symbols };
}

/** Reads the bits of entropy-coded data up to a marker. Past it, and after a code that isn't one, all bits are 0. */
export class JpegBits {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;
  #isDamaged = false;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Whether more was read than there is, or what is no code. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** For codes that mean nothing where they are. */
  setDamaged(): void {
    this.#isDamaged = true;
  }

  /** The value of the next bits, 16 at most. */
  take(count: number): number {
    if (this.#count < count) this.#fill();
    if (this.#count < count) {
      this.#isDamaged = true;
      return 0;
    }
    this.#count -= count;
    return (this.#bits >>> this.#count) & ((1 << count) - 1);
  }

  symbol({ short, largest, offset, symbols }: HuffmanTable): number {
    if (this.#count < longestCode) this.#fill();
    const count = this.#count;
    const next = count < lookedBits ? this.#bits << (lookedBits - count) : this.#bits >>> (count - lookedBits);
    const found = short[next & looked] ?? 0;
    if (found !== 0) {
      this.#count = count - (found >> 8);
      if (this.#count >= 0) return found & 255;
      this.#count = 0;
    } else {
      for (let length = lookedBits + 1; length <= Math.min(longestCode, count); length++) {
        const code = (this.#bits >>> (count - length)) & ((1 << length) - 1);
        if (code > (largest[length] ?? -1)) continue;
        this.#count = count - length;
        return symbols[code + (offset[length] ?? 0)] ?? 0;
      }
    }
    this.#isDamaged = true;
    return 0;
  }

  skip(count: number): void {
    for (let left = count; left > 0; left -= 16) this.take(Math.min(left, 16));
  }

  /** Passes over a block of a sequential scan: its mean, and its other coefficients up to the end of the block. */
  skipBlock(dc: HuffmanTable, ac: HuffmanTable): void {
    this.take(this.symbol(dc));
    for (let k = 1; k < 64; k++) {
      if (this.#count < longestCode) this.#fill();
      const found =
        this.#count < lookedBits ? 0 : (ac.short[(this.#bits >>> (this.#count - lookedBits)) & looked] ?? 0);
      const rest = this.#count - (found >> 8) - (found & 15);
      let symbol = found & 255;
      if (found !== 0 && rest >= 0) this.#count = rest;
      else {
        symbol = this.symbol(ac);
        this.take(symbol & 15);
      }
      if ((symbol & 15) === 0 && symbol !== 0xf0) return;
      k += symbol >> 4;
    }
  }

  /** Goes to the marker that follows. @returns its place, or -1 if there is more than the rest of a byte before it */
  markerPlace(): number {
    this.#fill();
    const isMarker = this.#bytes[this.#at] === 0xff && this.#bytes[this.#at + 1] !== 0;
    return this.#count < 8 && isMarker ? this.#at : -1;
  }

  /** Goes on behind a restart marker. */
  restartAt(place: number): void {
    this.#at = place;
    this.#count = 0;
  }

  #fill(): void {
    const bytes = this.#bytes;
    while (this.#count <= 24) {
      const byte = bytes[this.#at];
      if (byte === undefined) return;
      if (byte === 0xff) {
        if (bytes[this.#at + 1] !== 0) return;
        this.#at++;
      }
      this.#at++;
      this.#bits = (this.#bits << 8) | byte;
      this.#count += 8;
    }
  }
}
