import stringWidth from 'string-width';
import { printable } from '../../../api/compiler.js';
import { hasGround, type Look, sequencesOf, type Theme } from './theme.js';

export interface Span {
  readonly text: string;
  readonly look: Look;
}

/** A row of the screen, or part of one. */
export type Line = readonly Span[];

export const plain: Look = {};

/** The only way from text to the screen: escapes what could control the terminal. */
export function span(text: string, look: Look = plain): Span {
  return { text: printable(text.replace(/\p{Cc}/gu, ' ')), look };
}

/** Common characters one cell wide: ASCII, Latin letters, boxes, blocks and Braille. */
const narrow = /^[\x20-\x7e\u00c0-\u024f\u2500-\u259f\u2800-\u28ff]*$/;

/** Width of a text in terminal cells. */
export function cells(text: string): number {
  return narrow.test(text) ? text.length : stringWidth(text);
}

export function widthOf(line: Line): number {
  return line.reduce((total, { text }) => total + cells(text), 0);
}

/** Cuts a text to `width` cells, ending in `…`. */
export function truncated(text: string, width: number): string {
  if (width <= 0) return '';
  if (cells(text) <= width) return text;
  let [cut, left] = ['', width - 1];
  for (const { segment } of graphemes.segment(text)) {
    left -= cells(segment);
    if (left < 0) break;
    cut += segment;
  }
  return `${cut}…`;
}

const graphemes = new Intl.Segmenter();

/** Pads or cuts a text to `width` cells, aligned left (`start`) or right (`end`). */
export function aligned(text: string, width: number, side: 'start' | 'end'): string {
  const cut = truncated(text, width);
  const blank = ' '.repeat(Math.max(0, width - cells(cut)));
  return side === 'start' ? cut + blank : blank + cut;
}

/** Pads or cuts a line to `width` cells. */
export function fitted(line: Line, width: number, side: 'start' | 'end' = 'start'): Line {
  const blank = width - widthOf(line);
  if (blank < 0) return cut(line, width);
  if (blank === 0) return line;
  const blanks = { text: ' '.repeat(blank), look: plain };
  return side === 'start' ? [...line, blanks] : [blanks, ...line];
}

/** Places two parts at the ends of a row; cuts the left one if needed. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - widthOf(right);
  return room < 8 ? left : [...fitted(left, room), ...right];
}

function cut(line: Line, width: number): Line {
  if (widthOf(line) <= width) return line;
  let left = width;
  return line.flatMap(({ text, look }) => {
    const short = truncated(text, left);
    left -= cells(short);
    return short === '' ? [] : [{ text: short, look }];
  });
}

/** Renders a line with escape sequences in at most `width` cells, without trailing blanks. */
export function toAnsi(line: Line, theme: Theme, width: number): string {
  let [text, blanks] = ['', ''];
  let before = sequencesOf(plain, theme);
  for (const part of cut(line, width)) {
    const sequences = sequencesOf(part.look, theme);
    if (part.text.trim() === '' && !hasGround(before) && !hasGround(sequences)) {
      blanks += part.text;
      continue;
    }
    // An attribute that is no longer set requires a reset.
    const hasEnded = before.some((sequence, i) => sequence !== '' && sequences[i] === '');
    const begun = hasEnded ? sequences : sequences.filter((sequence, i) => sequence !== before[i]);
    text += `${blanks}${hasEnded ? reset : ''}${begun.join('')}${part.text}`;
    blanks = '';
    before = sequences;
  }
  return before.some((sequence) => sequence !== '') ? text + reset : text;
}

const reset = '\x1b[0m';
