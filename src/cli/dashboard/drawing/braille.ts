import { type Line, plain, type Span } from './line.js';
import type { Colour } from './theme.js';

/** Bit of each dot of a Braille character (Unicode's U+2800 block): `[row][column]`. */
const bits: readonly (readonly [number, number])[] = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** A drawing surface of 2×4 dots a cell. A cell takes the colour of what was drawn there last. */
export class BrailleCanvas {
  /** In dots. */
  readonly width: number;
  readonly height: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #dots: Uint8Array;
  readonly #colours: (Colour | null)[];

  /** In cells. */
  constructor(columns: number, rows: number) {
    this.width = columns * 2;
    this.height = rows * 4;
    this.#columns = columns;
    this.#rows = rows;
    this.#dots = new Uint8Array(columns * rows);
    this.#colours = new Array<Colour | null>(columns * rows).fill(null);
  }

  /** Draws a dot, counted from the upper left; ignores dots outside. */
  dot(x: number, y: number, colour: Colour): void {
    const bit = bits[y & 3]?.[x & 1];
    if (bit === undefined || x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const cell = (y >> 2) * this.#columns + (x >> 1);
    this.#dots[cell] = (this.#dots[cell] ?? 0) | bit;
    this.#colours[cell] = colour;
  }

  /** Draws a column of dots between two rows, inclusive. */
  column(x: number, from: number, to: number, colour: Colour): void {
    const [top, bottom] = from < to ? [from, to] : [to, from];
    for (let y = Math.max(0, top); y <= Math.min(this.height - 1, bottom); y++) this.dot(x, y, colour);
  }

  /** Draws a line without gaps. */
  segment(x0: number, y0: number, x1: number, y1: number, colour: Colour): void {
    const length = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    for (let i = 0; i <= length; i++) {
      const share = i / length;
      this.dot(Math.round(x0 + (x1 - x0) * share), Math.round(y0 + (y1 - y0) * share), colour);
    }
  }

  /** Draws every other dot of a column: shading behind the curves. */
  shade(x: number, from: number, to: number, colour: Colour): void {
    const [top, bottom] = from < to ? [from, to] : [to, from];
    for (let y = Math.max(0, top); y <= Math.min(this.height - 1, bottom); y++) {
      if (((x + y) & 1) === 0) this.dot(x, y, colour);
    }
  }

  lines(): readonly Line[] {
    return Array.from({ length: this.#rows }, (_, row) => {
      const spans: Span[] = [];
      let [text, colour]: [string, Colour | null] = ['', null];
      const end = () => {
        if (text !== '') spans.push({ text, look: colour === null ? plain : { fg: colour } });
        text = '';
      };
      for (let column = 0; column < this.#columns; column++) {
        const cell = row * this.#columns + column;
        const dots = this.#dots[cell] ?? 0;
        const own = this.#colours[cell] ?? null;
        if (own !== colour) end();
        colour = own;
        text += dots === 0 ? ' ' : String.fromCharCode(0x2800 + dots);
      }
      end();
      return spans;
    });
  }
}
