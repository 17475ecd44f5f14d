import { printable } from './printable.js';

/** The shown part of a line, and the columns to underline. */
export interface Excerpt {
  readonly text: string;
  /** Screen columns before the first caret. */
  readonly indent: number;
  readonly carets: number;
}

const widest = 120;
const margin = 40;

/**
 * Prepares a source line for the terminal: tabs become two spaces, control characters are made visible (a file must not
 * control the terminal), and a long line is cut around the relevant part.
 * @param start of the relevant part, in code units from the start of the line
 * @param end exclusive; clipped to the line
 */
export function excerptOf(line: string, start: number, end: number): Excerpt {
  const from = line.length <= widest ? 0 : Math.max(0, start - margin);
  const to = line.length <= widest ? line.length : Math.min(line.length, from + widest);
  const [open, close] = [from > 0 ? '…' : '', to < line.length ? '…' : ''];
  const before = printable(line.slice(from, Math.min(start, to)));
  const meant = printable(line.slice(Math.min(start, to), Math.min(Math.max(end, start), to)));
  const after = printable(line.slice(Math.min(Math.max(end, start), to), to));
  return {
    text: `${open}${before}${meant}${after}${close}`,
    indent: screenWidth(open) + screenWidth(before),
    carets: Math.max(1, screenWidth(meant)),
  };
}

const noWidth = /\p{M}/u;
const twoWide =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\u3000-\u303E\uFF01-\uFF60]/u;

function screenWidth(text: string): number {
  let width = 0;
  for (const character of text) width += noWidth.test(character) ? 0 : twoWide.test(character) ? 2 : 1;
  return width;
}
