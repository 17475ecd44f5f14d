import { AXIS_LABEL_HEIGHT, TICK_GAP, TICK_LABEL_HEIGHT, xAxisLabel, yAxisLabel } from './axes.js';
import { exactScale, extentOf } from './axis-scale.js';
import { shortenedMiddle } from './category-scale.js';
import type { Chart } from './chart.js';
import { type Rgb, readableOn, sequential, toCss } from './colour.js';
import { baselineShift, bodyText, measureWidest, shortened, textLine, titleText } from './page.js';
import type { Rectangle } from './raster.js';
import { type SvgElement, svgElement } from './svg.js';

export interface ObjectiveMapInput {
  readonly title: string;
  readonly rowName: string;
  readonly columnName: string;
  /** From bottom to top, as on an axis. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** `[rows, columns]`; NaN marks a cell without a trial. */
  readonly values: Float64Array;
  readonly valueLabel: string;
  readonly goal: 'min' | 'max';
}

const WIDTH = 900;
const MARGIN = 18;
const TITLE_HEIGHT = 34;
const BAR_WIDTH = 14;
const BAR_GAP = 22;
const WIDEST_CELL = 220;
const TALLEST_CELL = 64;
const SMALLEST_HEIGHT = 160;
/** Minimum width of a cell that shows its number. */
const ROOM_FOR_NUMBER = 52;

/**
 * A metric over two parameters: light is good, dark is bad, and the best is framed. Cells without a trial are empty.
 *
 * @throws RangeError unless there is one value per cell
 */
export async function drawObjectiveMap(input: ObjectiveMapInput): Promise<Chart> {
  const { rows, columns, values, goal } = input;
  if (values.length !== rows.length * columns.length) {
    throw new RangeError(`${rows.length} by ${columns.length} cells and ${values.length} values`);
  }
  const extent = extentOf(values) ?? { low: 0, high: 1 };
  const bar = exactScale(extent, 6);
  const rowLabels = rows.map((label) => shortenedMiddle(label, 18));
  const left = MARGIN + AXIS_LABEL_HEIGHT + (await measureWidest(rowLabels, bodyText)) + TICK_GAP;
  const barLabels = await measureWidest(
    bar.ticks.map(({ label }) => label),
    bodyText,
  );
  const room = WIDTH - left - BAR_GAP - BAR_WIDTH - TICK_GAP - barLabels - AXIS_LABEL_HEIGHT - MARGIN;
  const cellWidth = Math.min(room / columns.length, WIDEST_CELL);
  const cellHeight = Math.min(
    TALLEST_CELL,
    Math.max(SMALLEST_HEIGHT / rows.length, Math.min(cellWidth, 480 / rows.length)),
  );
  const area = {
    x: left,
    y: MARGIN + TITLE_HEIGHT,
    width: cellWidth * columns.length,
    height: cellHeight * rows.length,
  };
  const barArea = { x: area.x + area.width + BAR_GAP, y: area.y, width: BAR_WIDTH, height: area.height };
  const share = (value: number) => shareOf(value, extent, goal);
  const cellText = shortText(values);
  const best = bestIndex(values, goal);
  const cells = [...values].flatMap((value, i) => {
    const column = i % columns.length;
    const row = Math.floor(i / columns.length);
    const cell = {
      x: area.x + column * cellWidth,
      y: area.y + area.height - (row + 1) * cellHeight,
      width: cellWidth,
      height: cellHeight,
    };
    return drawCell(cell, Number.isFinite(value) ? sequential(share(value)) : null, i === best, cellText(value));
  });
  const everyNth = Math.ceil(columns.length / Math.floor(area.width / 60));
  return {
    title: input.title,
    width: WIDTH,
    height: area.y + area.height + TICK_LABEL_HEIGHT + AXIS_LABEL_HEIGHT + MARGIN,
    elements: [
      textLine(shortened(input.title, 90), MARGIN, MARGIN + 16, titleText),
      ...cells,
      ...rowLabels.map((label, row) => {
        const y = area.y + area.height - (row + 0.5) * cellHeight + baselineShift(bodyText);
        return textLine(label, area.x - TICK_GAP, y, { ...bodyText, anchor: 'end' });
      }),
      ...columns.flatMap((label, column) => {
        if (column % everyNth !== 0) return [];
        const x = area.x + (column + 0.5) * cellWidth;
        const text = shortenedMiddle(label, Math.max(4, Math.floor((cellWidth * everyNth) / 8)));
        return [textLine(text, x, area.y + area.height + 17, { ...bodyText, anchor: 'middle' })];
      }),
      ...colourBar(barArea, share, extent),
      ...bar.ticks.map(({ value, label }) => {
        const y = barArea.y + barArea.height * (1 - bar.share(value)) + baselineShift(bodyText);
        return textLine(label, barArea.x + BAR_WIDTH + TICK_GAP, y, bodyText);
      }),
      xAxisLabel(shortened(input.columnName, 60), area),
      yAxisLabel(shortened(input.rowName, 40), MARGIN + 10, area),
      yAxisLabel(shortened(input.valueLabel, 40), barArea.x + BAR_WIDTH + TICK_GAP + barLabels + 18, barArea),
    ],
  };
}

/** Rescales so that 1 is best; 1 for all if the values are equal. */
export function shareOf(value: number, { low, high }: { low: number; high: number }, goal: 'min' | 'max'): number {
  if (!Number.isFinite(value)) return Number.NaN;
  if (!(high > low)) return 1;
  return goal === 'max' ? (value - low) / (high - low) : (high - value) / (high - low);
}

function drawCell(cell: Rectangle, colour: Rgb | null, best: boolean, text: string): readonly SvgElement[] {
  const inner = { x: cell.x + 1, y: cell.y + 1, width: cell.width - 2, height: cell.height - 2 };
  if (colour === null)
    return [svgElement('rect', { ...inner, fill: 'none', stroke: 'rgb(150,150,150)', 'stroke-dasharray': '3 3' })];
  const frame = { x: cell.x + 2, y: cell.y + 2, width: cell.width - 4, height: cell.height - 4 };
  const readable = toCss(readableOn(colour));
  const at = { x: cell.x + cell.width / 2, y: cell.y + cell.height / 2 + baselineShift(bodyText) };
  const number = textLine(
    text,
    at.x,
    at.y,
    { ...bodyText, weight: best ? 600 : 400, anchor: 'middle' },
    { fill: readable },
  );
  return [
    svgElement('rect', { ...inner, fill: toCss(colour) }),
    ...(best ? [svgElement('rect', { ...frame, fill: 'none', stroke: readable, 'stroke-width': 2 })] : []),
    ...(cell.width >= ROOM_FOR_NUMBER && cell.height >= 20 ? [number] : []),
  ];
}

function colourBar(
  area: Rectangle,
  share: (value: number) => number,
  { low, high }: { readonly low: number; readonly high: number },
): readonly SvgElement[] {
  const parts = 48;
  return Array.from({ length: parts }, (_, i) => {
    const value = high - ((i + 0.5) / parts) * (high - low);
    const height = area.height / parts;
    // Slightly enlarged, so that no background shows between cells.
    return svgElement('rect', {
      x: area.x,
      y: area.y + i * height,
      width: area.width,
      height: height + 0.5,
      fill: toCss(sequential(share(value))),
    });
  });
}

function bestIndex(values: Float64Array, goal: 'min' | 'max'): number {
  const finite = [...values.keys()].filter((i) => Number.isFinite(values[i]));
  const sign = goal === 'min' ? 1 : -1;
  return finite.reduce((best, i) => (best < 0 || (values[i] ?? 0) * sign < (values[best] ?? 0) * sign ? i : best), -1);
}

/** Formats with enough digits to tell the cells apart, at most five. */
function shortText(values: Float64Array): (value: number) => string {
  const finite = [...new Set(values)].filter(Number.isFinite);
  const digits =
    [3, 4, 5].find((n) => new Set(finite.map((value) => value.toPrecision(n))).size === finite.length) ?? 5;
  return (value) => {
    const text = Number.isFinite(value) ? value.toPrecision(digits) : '';
    return text.includes('e') ? String(Number(text)) : text;
  };
}
