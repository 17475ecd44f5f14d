import type { Rect } from '../layout.js';

/** Cells of a row that are drawn together. */
export interface Segment {
  readonly x: number;
  /** With its escape sequences. */
  readonly text: string;
}

/** A picture as the terminal's own escape sequence, and where its upper left is. */
export interface ScreenPicture {
  readonly rect: Rect;
  readonly sequence: string;
}

/** The part of a terminal's output stream that is used. */
export interface TerminalOutput {
  write(text: string): boolean;
}

const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[0m\x1b[2J';
// Blank, with the cursor at its top: of an alternate screen that has grown since, tmux would leave lines above the shell's.
const leave = '\x1b[?2026l\x1b[0m\x1b[2J\x1b[H\x1b[?7h\x1b[?25h\x1b[?1049l';
// Synchronized output: a terminal that knows it shows all of a frame at once, any other ignores it.
const begin = '\x1b[?2026h';
const end = '\x1b[?2026l';

/**
 * The alternate screen of a terminal. A frame is one write, of what changed since the last frame only, each part at its
 * place: nothing scrolls, and nothing is blank in between.
 */
export class Screen {
  readonly #output: TerminalOutput;
  readonly #removePictures: string;
  #shown: readonly (readonly Segment[])[] = [];
  #pictures: readonly ScreenPicture[] = [];
  #open = false;

  /** @param removePictures what takes the terminal's own pictures away; empty where cells that are written do so */
  constructor(output: TerminalOutput, removePictures: string) {
    this.#output = output;
    this.#removePictures = removePictures;
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#output.write(enter);
  }

  /** The next frame is drawn as a whole: the terminal has another size, or something else wrote on it. */
  forget(): void {
    this.#shown = [];
    this.#pictures = [];
  }

  draw(rows: readonly (readonly Segment[])[], pictures: readonly ScreenPicture[]): void {
    if (!this.#open) return;
    const parts: string[] = [];
    if (this.#shown.length !== rows.length) parts.push('\x1b[0m\x1b[2J', this.#removePictures);
    const rewritten: { row: number; x: number }[] = [];
    rows.forEach((segments, row) => {
      const before = this.#shown[row] ?? [];
      const same = before.length === segments.length && before.every(({ x }, i) => x === segments[i]?.x);
      segments.forEach(({ x, text }, i) => {
        if (same && before[i]?.text === text) return;
        parts.push(`\x1b[${row + 1};${x + 1}H${text}`);
        rewritten.push({ row, x });
      });
    });
    parts.push(...this.#pictureParts(rows.length, pictures, rewritten));
    this.#shown = rows;
    this.#pictures = pictures;
    if (parts.length > 0) this.#output.write(`${begin}${parts.join('')}${end}`);
  }

  /** The shell's screen is back as it was. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#output.write(`${this.#removePictures}${leave}`);
    this.forget();
  }

  #pictureParts(
    rowCount: number,
    pictures: readonly ScreenPicture[],
    rewritten: readonly { readonly row: number; readonly x: number }[],
  ): readonly string[] {
    const changed =
      pictures.length !== this.#pictures.length ||
      pictures.some(({ sequence, rect }, i) => {
        const before = this.#pictures[i];
        return before?.sequence !== sequence || before.rect.x !== rect.x || before.rect.y !== rect.y;
      });
    // Cells that are written take away what a picture had there.
    const damaged = pictures.some(({ rect }) =>
      rewritten.some(({ row, x }) => row >= rect.y && row < rect.y + rect.height && x <= rect.x),
    );
    if (this.#shown.length === rowCount && !changed && !damaged) return [];
    const drawn = pictures.map(({ rect, sequence }) => `\x1b[${rect.y + 1};${rect.x + 1}H${sequence}`);
    return [...(this.#pictures.length > 0 ? [this.#removePictures] : []), ...drawn];
  }
}
