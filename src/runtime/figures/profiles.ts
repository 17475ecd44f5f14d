import { AXIS_LABEL_HEIGHT, drawAxes, TICK_GAP, TICK_LABEL_HEIGHT, xAxisLabel, yAxisLabel } from './axes.js';
import { type AxisScale, exactScale, extentOf, paddedScale } from './axis-scale.js';
import { ink, mix, type Rgb, seriesHue, toCss, white } from './colour.js';
import { drawablePoints, drawCurve, drawNonFiniteBands, type Points } from './curve.js';
import { layOutLegend, SYMBOL_WIDTH } from './legend.js';
import { bodyText, measureWidest, renderPage, shortened, textLine } from './page.js';
import { encodePng, type Rectangle } from './raster.js';
import { type SvgElement, svgElement } from './svg.js';

export interface ProfilesInput {
  /** In drawing order: the last row is on top. */
  readonly rows: readonly {
    readonly label: string;
    /** `[count, features]`, row-major. */
    readonly images: ArrayLike<number>;
  }[];
  readonly count: number;
  readonly features: number;
  /** `[count]`, above the plots; absent if the examples have none. */
  readonly names?: readonly string[];
}

const COLUMNS = 4;
const PLOT_WIDTH = 196;
const PLOT_HEIGHT = 110;
const GAP = 14;
const MARGIN = 16;
const NAME_HEIGHT = 18;
const LONGEST_NAME = 28;
const FEATURE_TICKS = 3;
const VALUE_TICKS = 5;

/**
 * Examples that are not images, one small plot each: values over feature indices, a line per row, on common scales.
 *
 * @returns PNG
 */
export async function drawProfiles({ rows, count, features, names = [] }: ProfilesInput): Promise<Uint8Array> {
  const lines = rows.map(({ label, images }, n) => ({ label, images, hue: rowHue(n, rows.length) }));
  const pointsOf = (images: ArrayLike<number>, example: number): Points =>
    drawablePoints({
      x: Array.from({ length: features }, (_, i) => i),
      y: Array.from({ length: features }, (_, i) => images[example * features + i] ?? Number.NaN),
    });

  const columns = Math.min(COLUMNS, count);
  const all = lines.flatMap(({ images }) => Array.from(drawablePoints({ x: [], y: images }).y));
  const y = paddedScale(extentOf(all) ?? { low: 0, high: 1 }, VALUE_TICKS);
  const x = exactScale({ low: 0, high: features - 1 }, Math.min(FEATURE_TICKS, features));
  const labels = y.ticks.map(({ label }) => label);
  const left = MARGIN + AXIS_LABEL_HEIGHT + (await measureWidest(labels, bodyText)) + TICK_GAP;
  const width = left + columns * (PLOT_WIDTH + GAP) - GAP + MARGIN;
  const legend = await layOutLegend(
    lines.map(({ label, hue }) => ({ label, symbol: (cx, cy) => [lineSymbol(cx, cy, hue)] })),
    MARGIN,
    MARGIN,
    width - 2 * MARGIN,
  );
  const top = MARGIN + legend.height + 12;
  const nameHeight = names.length === 0 ? 0 : NAME_HEIGHT;
  const rowHeight = nameHeight + PLOT_HEIGHT + GAP;
  const plotRows = Math.ceil(count / columns);
  const height = top + plotRows * rowHeight - GAP + TICK_LABEL_HEIGHT + AXIS_LABEL_HEIGHT + MARGIN;

  const plots = Array.from({ length: count }, (_, example) => {
    const column = example % columns;
    const row = Math.floor(example / columns);
    const area: Rectangle = {
      x: left + column * (PLOT_WIDTH + GAP),
      y: top + row * rowHeight + nameHeight,
      width: PLOT_WIDTH,
      height: PLOT_HEIGHT,
    };
    const curves = lines.map(({ images, hue }) => ({ points: pointsOf(images, example), hue }));
    const isLowest = example + columns >= count;
    const name = names[example];
    return [
      ...(name === undefined ? [] : [textLine(shortened(name, LONGEST_NAME), area.x, area.y - 5, bodyText)]),
      ...drawNonFiniteBands(
        curves.map(({ points }) => points),
        area,
        x,
      ),
      ...drawAxes(area, isLowest ? x : withoutLabels(x), column === 0 ? y : withoutLabels(y)),
      ...curves.flatMap(({ points, hue }) => drawCurve(points, 'epochs', hue, area, x, y)),
    ];
  });
  const field = { x: left, y: top, width: width - left - MARGIN, height: plotRows * rowHeight - GAP };
  const page = await renderPage(width, height, [
    ...legend.elements,
    ...plots.flat(),
    yAxisLabel('value', MARGIN + 10, field),
    xAxisLabel('feature', field),
  ]);
  return encodePng(page);
}

function withoutLabels(scale: AxisScale): AxisScale {
  return { ...scale, ticks: scale.ticks.map(({ value }) => ({ value, label: '' })) };
}

/** The first row, the reference, is dark; rows between it and the last are pale. */
function rowHue(n: number, count: number): Rgb {
  if (n === 0) return mix(white, ink, 0.75);
  return n === count - 1 ? seriesHue(1) : mix(white, seriesHue(n - 1), 0.45);
}

function lineSymbol(x: number, y: number, hue: Rgb): SvgElement {
  const half = SYMBOL_WIDTH / 2;
  return svgElement('line', { x1: x - half, x2: x + half, y1: y, y2: y, stroke: toCss(hue), 'stroke-width': 2 });
}
