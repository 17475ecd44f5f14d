import { lineStarts, type Position, type Source } from '../syntax/source.js';

/** Where the lines of a text begin, worked out once so that a thousand diagnostics do not read it a thousand times. */
export class Lines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor({ text }: Source) {
    this.#text = text;
    this.#starts = lineStarts(text);
  }

  /** The same as `positionAt`, in the time of a binary search. */
  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  /** The text of a line, counted from 1, without its end. */
  text(line: number): string {
    const start = this.#starts[line - 1] ?? this.#text.length;
    return this.#text.slice(start, this.#starts[line]).replace(/\r\n?$|\n$/, '');
  }
}

const known = new WeakMap<Source, Lines>();

/** The lines of a source, found once however often they are asked for. */
export function linesOf(source: Source): Lines {
  const lines = known.get(source) ?? new Lines(source);
  known.set(source, lines);
  return lines;
}
