import stringWidth from 'string-width';
import { printable } from '../../../api/compiler.js';
import { hasGround, type Look, sequencesOf, type Theme } from './theme.js';

export interface Span {
  readonly text: string;
  readonly look: Look;
}

/** A row of the screen, or a part of one. */
export type Line = readonly Span[];

export const plain: Look = {};

/** The only way from text to the screen: what names hold must not steer the terminal. */
export function span(text: string, look: Look = plain): Span {
  return { text: printable(text.replace(/\p{Cc}/gu, ' ')), look };
}

/** Characters of one cell that most texts and all charts are made of: ASCII, Latin letters, boxes, blocks and Braille. */
const narrow = /^[\x20-\x7e\u00c0-\u024f\u2500-\u259f\u2800-\u28ff]*$/;

/** Cells of the terminal that a text takes. */
export function cells(text: string): number {
  return narrow.test(text) ? text.length : stringWidth(text);
}

export function widthOf(line: Line): number {
  return line.reduce((total, { text }) => total + cells(text), 0);
}

/** At most `width` cells; `…` says that the end was cut. */
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

/** To the left (`start`) or to the right (`end`) in `width` cells. */
export function aligned(text: string, width: number, side: 'start' | 'end'): string {
  const cut = truncated(text, width);
  const blank = ' '.repeat(Math.max(0, width - cells(cut)));
  return side === 'start' ? cut + blank : blank + cut;
}

/** The line in exactly `width` cells. */
export function fitted(line: Line, width: number, side: 'start' | 'end' = 'start'): Line {
  const blank = width - widthOf(line);
  if (blank < 0) return cut(line, width);
  if (blank === 0) return line;
  const blanks = { text: ' '.repeat(blank), look: plain };
  return side === 'start' ? [...line, blanks] : [blanks, ...line];
}

/** Two parts at the ends of a row; where there is no room for both, the left one is cut. */
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

/** With its escape sequences, in at most `width` cells and without the blanks at its end. */
export function toAnsi(line: Line, theme: Theme, width: number): string {
  let [text, blanks] = ['', ''];
  let before = sequencesOf(plain, theme);
  for (const part of cut(line, width)) {
    const sequences = sequencesOf(part.look, theme);
    if (part.text.trim() === '' && !hasGround(before) && !hasGround(sequences)) {
      blanks += part.text;
      continue;
    }
    // What is no longer set is ended by the end of everything.
    const hasEnded = before.some((sequence, i) => sequence !== '' && sequences[i] === '');
    const begun = hasEnded ? sequences : sequences.filter((sequence, i) => sequence !== before[i]);
    text += `${blanks}${hasEnded ? reset : ''}${begun.join('')}${part.text}`;
    blanks = '';
    before = sequences;
  }
  return before.some((sequence) => sequence !== '') ? text + reset : text;
}

const reset = '\x1b[0m';
