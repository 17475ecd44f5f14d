import { AXIS_LABEL_HEIGHT, TICK_GAP, TICK_LABEL_HEIGHT, xAxisLabel, yAxisLabel } from './axes.js';
import { exactScale } from './axis-scale.js';
import { diverging } from './colour.js';
import { baselineShift, bodyText, measureWidest, renderPage, textLine } from './page.js';
import { encodePng, fillRectangle, type Raster, type Rectangle } from './raster.js';
import type { SvgElement } from './svg.js';
import type { Tick } from './tick-labels.js';

export interface HeatMapInput {
  /** `[rows, columns]`, row-major. */
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly rowLabel: string;
  readonly columnLabel: string;
  readonly valueLabel: string;
}

/** Most pixels that all cells take along either side. */
const LARGEST_WIDTH = 1000;
const LARGEST_HEIGHT = 800;
const SMALLEST_WIDTH = 440;
const SMALLEST_HEIGHT = 160;
const LARGEST_CELL = 40;

const MARGIN = 16;
const BAR_WIDTH = 14;
const BAR_GAP = 22;

/**
 * A matrix as coloured cells: blue below zero, near white at zero, red above, with the ends of the palette at ± the
 * largest magnitude; NaN and infinities are magenta. A matrix with more rows or columns than pixels is thinned: a pixel
 * shows the value of largest magnitude among those it covers, or magenta if any is not finite.
 *
 * @returns PNG
 */
export async function drawHeatMap(input: HeatMapInput): Promise<Uint8Array> {
  const columns = cellsAlong(input.columns, SMALLEST_WIDTH, LARGEST_WIDTH);
  const rows = cellsAlong(input.rows, SMALLEST_HEIGHT, LARGEST_HEIGHT);
  const largest = input.values.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0);
  const end = largest === 0 ? 1 : largest;

  const rowTicks = countTicks(input.rows, Math.max(2, Math.floor(rows.length / 40)));
  const barTicks = exactScale({ low: -end, high: end }, 5).ticks;
  const rowTickWidth = await measureWidest(labelsOf(rowTicks), bodyText);
  const barTickWidth = await measureWidest(labelsOf(barTicks), bodyText);

  const area: Rectangle = {
    x: MARGIN + AXIS_LABEL_HEIGHT + rowTickWidth + TICK_GAP,
    y: MARGIN,
    width: columns.length,
    height: rows.length,
  };
  const bar: Rectangle = {
    x: area.x + area.width + BAR_GAP,
    y: area.y,
    width: BAR_WIDTH,
    height: area.height,
  };
  const width = bar.x + bar.width + TICK_GAP + barTickWidth + AXIS_LABEL_HEIGHT + MARGIN;
  const height = area.y + area.height + TICK_LABEL_HEIGHT + AXIS_LABEL_HEIGHT + MARGIN;

  const page = await renderPage(width, height, [
    yAxisLabel(input.rowLabel, MARGIN + 10, area),
    xAxisLabel(input.columnLabel, area),
    ...rowTicks.map(({ value, label }) => {
      const y = area.y + ((value + 0.5) / input.rows) * area.height + baselineShift(bodyText);
      return textLine(label, area.x - TICK_GAP, y, { ...bodyText, anchor: 'end' });
    }),
    ...countTicks(input.columns, Math.max(2, Math.floor(columns.length / 80))).map(({ value, label }) => {
      const x = area.x + ((value + 0.5) / input.columns) * area.width;
      return textLine(label, x, area.y + area.height + 17, { ...bodyText, anchor: 'middle' });
    }),
    ...barLabels(barTicks, bar, end),
    yAxisLabel(input.valueLabel, width - MARGIN, bar),
  ]);
  fillCells(page, input, area, columns, rows, end);
  for (let y = 0; y < bar.height; y++) {
    const value = 1 - (2 * y) / (bar.height - 1);
    fillRectangle(page, { x: bar.x, y: bar.y + y, width: bar.width, height: 1 }, diverging(value));
  }
  return encodePng(page);
}

/** The range of entries, out of `count`, that each pixel along a side shows: `[from, to)`. */
type Cells = readonly { readonly from: number; readonly to: number }[];

function cellsAlong(count: number, smallestSide: number, largestSide: number): Cells {
  const largestCell = Math.max(LARGEST_CELL, Math.ceil(smallestSide / count));
  const cell = Math.max(1, Math.min(largestCell, Math.floor(largestSide / count)));
  const pixels = Math.min(count * cell, largestSide);
  return Array.from({ length: pixels }, (_, pixel) => {
    const from = Math.floor((pixel * count) / pixels);
    return { from, to: Math.max(from + 1, Math.floor(((pixel + 1) * count) / pixels)) };
  });
}

function fillCells(
  page: Raster,
  { values, columns: stride }: HeatMapInput,
  area: Rectangle,
  columns: Cells,
  rows: Cells,
  end: number,
): void {
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      const value = mostVisible(values, stride, row, column);
      fillRectangle(page, { x: area.x + x, y: area.y + y, width: 1, height: 1 }, diverging(value / end));
    });
  });
}

function mostVisible(values: Float64Array, stride: number, row: Cells[number], column: Cells[number]): number {
  let most = 0;
  for (let r = row.from; r < row.to; r++) {
    for (let c = column.from; c < column.to; c++) {
      const value = values[r * stride + c] ?? Number.NaN;
      if (!Number.isFinite(value)) return Number.NaN;
      if (Math.abs(value) >= Math.abs(most)) most = value;
    }
  }
  return most;
}

/** Ticks at integers in 0 … count - 1. */
function countTicks(count: number, maximumTicks: number): readonly Tick[] {
  if (count === 1) return [{ value: 0, label: '0' }];
  return exactScale({ low: 0, high: count - 1 }, Math.min(maximumTicks, count))
    .ticks.filter(({ value }) => Number.isInteger(value))
    .map(({ value }) => ({ value, label: String(value) }));
}

function barLabels(ticks: readonly Tick[], bar: Rectangle, end: number): readonly SvgElement[] {
  return ticks.map(({ value, label }) => {
    const y = bar.y + (0.5 - value / end / 2) * bar.height + baselineShift(bodyText);
    return textLine(label, bar.x + bar.width + TICK_GAP, y, bodyText);
  });
}

function labelsOf(ticks: readonly Tick[]): readonly string[] {
  return ticks.map(({ label }) => label);
}
