import { bodyText, measureWidest, textLine } from './page.js';
import type { SvgElement } from './svg.js';

export interface LegendEntry {
  readonly label: string;
  /** Draws the symbol before the label, centred at (x, y). */
  readonly symbol: (x: number, y: number) => readonly SvgElement[];
}

export interface Legend {
  /** Total height of all lines, in pixels. */
  readonly height: number;
  readonly elements: readonly SvgElement[];
}

export const SYMBOL_WIDTH = 22;
const LINE_HEIGHT = 20;
const SYMBOL_GAP = 6;
const ENTRY_GAP = 20;

/** Lays out entries in lines from (x, y), at most `width` wide unless a single entry is wider. */
export async function layOutLegend(
  entries: readonly LegendEntry[],
  x: number,
  y: number,
  width: number,
): Promise<Legend> {
  const elements: SvgElement[] = [];
  let left = x;
  let line = 0;
  for (const { label, symbol } of entries) {
    const entryWidth = SYMBOL_WIDTH + SYMBOL_GAP + (await measureWidest([label], bodyText));
    if (left > x && left + entryWidth > x + width) {
      left = x;
      line += 1;
    }
    const middle = y + line * LINE_HEIGHT + LINE_HEIGHT / 2;
    elements.push(...symbol(left + SYMBOL_WIDTH / 2, middle));
    elements.push(textLine(label, left + SYMBOL_WIDTH + SYMBOL_GAP, middle + 4.5, bodyText));
    left += entryWidth + ENTRY_GAP;
  }
  return { height: entries.length === 0 ? 0 : (line + 1) * LINE_HEIGHT, elements };
}
