import type { DrawnPane } from '../frame.js';
import type { Segment } from '../terminal/screen.js';
import { toAnsi } from '../view/line.js';
import type { Theme } from '../view/theme.js';

// Ink 6 keeps every text that it has ever measured, takes text apart character by character in every frame, and clears the
// terminal before it writes one that fills it: at 250×70 a frame took 45 ms, and the memory of a dashboard that is left open
// grew without end. So Ink is given one private character for each row of a pane, in a column one cell wide, and the screen
// writes the row that the character stands for at the pane's place.

/** The first of Unicode's Supplementary Private Use Area-A. */
const firstGlyph = 0xf0000;
const mostRows = 1024;

/** What stands for a row of a pane. */
export function glyph(pane: number, row: number): string {
  return String.fromCodePoint(firstGlyph + pane * mostRows + row);
}

/** What is to be written in each row of the screen, for the glyphs that Ink placed there. */
export function segmentsOf(output: string, panes: readonly DrawnPane[], theme: Theme): readonly (readonly Segment[])[] {
  return output.split('\n').map((line) =>
    [...line].flatMap((character): Segment[] => {
      const code = (character.codePointAt(0) ?? 0) - firstGlyph;
      const pane = code < 0 ? undefined : panes[Math.floor(code / mostRows)];
      const spans = pane?.lines[code % mostRows];
      return pane === undefined || spans === undefined ? [] : [{ x: pane.rect.x, text: toAnsi(spans, theme) }];
    }),
  );
}
