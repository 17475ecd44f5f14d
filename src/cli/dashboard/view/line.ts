import { printable } from '../../../compiler/diagnostics/printable.js';
import { type Colour, foreground, type Theme } from './theme.js';

/** How a piece of text looks. `fg` and `bg` are roles of the theme or colours. */
export interface Look {
  readonly fg?: Colour;
  readonly bg?: Colour;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
}

export interface Span {
  readonly text: string;
  readonly look: Look;
}

/** A row of the screen, or a part of one. */
export type Line = readonly Span[];

export const plain: Look = {};

export function span(text: string, look: Look = plain): Span {
  return { text: printable(text.replace(/\p{Cc}/gu, ' ')), look };
}

export function line(...parts: readonly (string | Span)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? span(part) : part));
}

/** Cells that a text takes: two for East Asian wide characters and emoji, none for what combines. */
export function cells(text: string): number {
  if (isNarrow(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterCells(character);
  return width;
}

export function widthOf(spans: Line): number {
  return spans.reduce((total, { text }) => total + cells(text), 0);
}

/** Exactly `width` cells: what is too long ends in `…`, what is too short in blanks of the given look. */
export function fitted(spans: Line, width: number, blank: Look = plain): Line {
  const total = widthOf(spans);
  if (total === width) return spans;
  if (total < width) return [...spans, { text: ' '.repeat(width - total), look: blank }];
  const fit: Span[] = [];
  let left = width;
  for (const { text, look } of spans) {
    const size = cells(text);
    // The last cell is kept for the mark, unless this is the end.
    if (size < left) {
      fit.push({ text, look });
      left -= size;
      continue;
    }
    if (left > 0) fit.push({ text: shortened(text, left), look });
    break;
  }
  return fit;
}

/** At most `width` cells, the end cut away; `…` says so. */
export function truncated(text: string, width: number): string {
  return cells(text) <= width ? text : shortened(text, width);
}

/** As many rows as it takes, broken between words where it can be; all but the first begin with `indent` blanks. */
export function wrapped(spans: Line, width: number, indent: number): readonly Line[] {
  if (widthOf(spans) <= width) return [spans];
  const inner = Math.min(indent, Math.max(0, width - 8));
  const rows: Span[][] = [[]];
  let used = 0;
  const put = (text: string, look: Look) => {
    const last = rows.at(-1);
    const before = last?.at(-1);
    if (last && before?.look === look) last[last.length - 1] = { text: before.text + text, look };
    else last?.push({ text, look });
    used += cells(text);
  };
  const next = () => {
    rows.push([span(' '.repeat(inner))]);
    used = inner;
  };
  for (const { text, look } of spans) {
    for (const word of text.split(/(?<= )(?=[^ ])/)) {
      if (used > inner && used + cells(word.trimEnd()) > width) next();
      // A word that is longer than a row, such as a hash, is broken where the row ends.
      let rest = word;
      while (cells(rest.trimEnd()) > width - used) {
        // Where not one character fits, it is drawn all the same.
        const part = firstCells(rest, width - used) || (used <= inner ? firstCells(rest, 2) : '');
        put(part, look);
        rest = rest.slice(part.length);
        next();
      }
      put(used + cells(rest) > width ? rest.trimEnd() : rest, look);
    }
  }
  return rows;
}

/** To the left (`start`) or to the right (`end`) in `width` cells. */
export function aligned(text: string, width: number, side: 'start' | 'end'): string {
  const cut = truncated(text, width);
  const blank = ' '.repeat(Math.max(0, width - cells(cut)));
  return side === 'start' ? cut + blank : blank + cut;
}

/** Two parts at the ends of a row; where there is no room for both, the left one is cut. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - widthOf(right);
  if (room < 8) return fitted(left, width);
  return [...fitted(left, room), ...right];
}

export function toAnsi(spans: Line, theme: Theme): string {
  return spans.map(({ text, look }) => styled(text, look, theme)).join('');
}

/** What a person reads of it, without colours. */
export function toText(spans: Line): string {
  return spans.map(({ text }) => text).join('');
}

function styled(text: string, look: Look, theme: Theme): string {
  if (text === '') return '';
  const codes: string[] = [];
  if (look.bold) codes.push('1');
  if (look.dim) codes.push('2');
  if (look.underline) codes.push('4');
  if (look.inverse) codes.push('7');
  if (look.fg !== undefined) codes.push(...foreground(look.fg, theme, 'fg'));
  if (look.bg !== undefined) codes.push(...foreground(look.bg, theme, 'bg'));
  return codes.length === 0 ? text : `\x1b[${codes.join(';')}m${text}\x1b[0m`;
}

/** `width` cells, the last of them `…`. */
function shortened(text: string, width: number): string {
  if (width <= 0) return '';
  const cut = firstCells(text, width - 1);
  return `${cut}${' '.repeat(width - 1 - cells(cut))}…`;
}

/** As many characters from the first on as take at most `width` cells. */
function firstCells(text: string, width: number): string {
  let [cut, left] = ['', width];
  for (const character of text) {
    const size = characterCells(character);
    if (size > left) break;
    cut += character;
    left -= size;
  }
  return cut;
}

function isNarrow(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x300 && !(code >= 0x2000 && code <= 0x28ff)) return false;
  }
  return true;
}

/** First and last code points of wide characters (Unicode's East Asian Width W and F, the blocks that occur). */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

function characterCells(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}
