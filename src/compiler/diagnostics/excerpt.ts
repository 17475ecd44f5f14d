import { printable } from './printable.js';

/** Part of a line as it is shown, and the columns of it that are meant. */
export interface Excerpt {
  readonly text: string;
  /** Columns on the screen before the first caret. */
  readonly indent: number;
  readonly carets: number;
}

const widest = 120;
const margin = 40;

/**
 * A line of a source for the terminal: tabs as two spaces, control characters made visible (a file must not steer the
 * terminal), a long line cut around what is meant.
 * @param start of what is meant, in code units from the start of the line
 * @param end exclusive; what goes beyond the line is left out
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
