import { gridColour } from './axes.js';
import { shortenedMiddle } from './category-scale.js';
import type { Chart } from './chart.js';
import { seriesHue, toCss } from './colour.js';
import { baselineShift, bodyText, measureWidest, shortened, textLine, titleText } from './page.js';
import { svgElement } from './svg.js';

export interface ShareBarsInput {
  readonly title: string;
  readonly note: string;
  readonly bars: readonly {
    readonly name: string;
    /** From 0 to 1. */
    readonly share: number;
    readonly label: string;
    /** Bars of the second kind have another hue: pairs, next to single parameters. */
    readonly kind: 'first' | 'second';
  }[];
}

const WIDTH = 900;
const MARGIN = 18;
const BAR_HEIGHT = 20;
const ROW_HEIGHT = 30;
const TOP = 62;

/** Fractions of a whole as horizontal bars, in the given order. */
export async function drawShareBars({ title, note, bars }: ShareBarsInput): Promise<Chart> {
  const names = bars.map(({ name }) => shortenedMiddle(name, 36));
  const left = MARGIN + (await measureWidest(names, bodyText)) + 10;
  const room =
    WIDTH -
    left -
    MARGIN -
    (await measureWidest(
      bars.map(({ label }) => label),
      bodyText,
    )) -
    10;
  const rows = bars.flatMap(({ share, label, kind }, n) => {
    const y = MARGIN + TOP + n * ROW_HEIGHT;
    const width = Math.max(1, room * Math.min(1, Math.max(0, share)));
    const baseline = y + BAR_HEIGHT / 2 + baselineShift(bodyText);
    return [
      textLine(names[n] ?? '', left - 10, baseline, { ...bodyText, anchor: 'end' }),
      svgElement('rect', { x: left, y: y + BAR_HEIGHT / 2 - 0.5, width: room, height: 1, fill: gridColour }),
      svgElement('rect', { x: left, y, width, height: BAR_HEIGHT, fill: toCss(seriesHue(kind === 'first' ? 0 : 4)) }),
      textLine(label, left + width + 8, baseline, bodyText),
    ];
  });
  return {
    title,
    width: WIDTH,
    height: MARGIN + TOP + bars.length * ROW_HEIGHT + MARGIN,
    elements: [
      textLine(shortened(title, 90), MARGIN, MARGIN + 16, titleText),
      textLine(shortened(note, 130), MARGIN, MARGIN + 40, bodyText),
      ...rows,
    ],
  };
}
