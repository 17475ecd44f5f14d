import { AXIS_LABEL_HEIGHT, drawAxes, TICK_GAP, TICK_LABEL_HEIGHT, xAxisLabel, xOf, yAxisLabel, yOf } from './axes.js';
import { type AxisScale, exactScale } from './axis-scale.js';
import { ink, mix, type Rgb, toCss, white } from './colour.js';
import { type LegendEntry, layOutLegend, SYMBOL_WIDTH } from './legend.js';
import { drawNotice } from './notice.js';
import { bodyText, measureWidest, renderPage, shortened, textLine } from './page.js';
import { encodePng, type Rectangle } from './raster.js';
import { pathPoint, type SvgElement, svgElement } from './svg.js';

/** The scores of some examples. */
export interface ScoreGroup {
  readonly name: string;
  readonly scores: Float64Array;
  readonly hue: Rgb;
  /** Filled, behind the others. */
  readonly isNormal: boolean;
}

export interface ScoreHistogramInput {
  readonly groups: readonly ScoreGroup[];
  readonly bins: number;
  /** Higher scores are in the last bin, as a few very large ones would leave no room for the others. */
  readonly upTo: number;
  /** Drawn as a line; null for none. */
  readonly threshold: number | null;
  readonly xLabel: string;
}

const WIDTH = 900;
const HEIGHT = 480;
const MARGIN = 18;
const LONGEST_NAME = 24;

/**
 * A histogram of the scores of each group, as shares of its examples. Scores that are not finite are left out, and
 * counted below.
 *
 * @returns PNG
 */
export async function drawScoreHistogram(input: ScoreHistogramInput): Promise<Uint8Array> {
  const { bins, threshold, upTo } = input;
  const groups = input.groups.map((group) => ({ ...group, scores: group.scores.filter(Number.isFinite) }));
  const scores = Float64Array.from(groups.flatMap((group) => [...group.scores]));
  if (scores.length === 0) return drawNotice('no scores to show');
  const low = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY);
  const end = Math.max(Number.isFinite(upTo) ? upTo : low, Number.isFinite(threshold) ? (threshold ?? low) : low);
  const high = end > low ? end : low + Math.max(1, Math.abs(low)) * 1e-3;
  const beyond = scores.filter((score) => score > high).length;
  const missing = input.groups.reduce((sum, group) => sum + group.scores.length, 0) - scores.length;

  const shares = groups.map((group) => sharesIn(group.scores, bins, low, high));
  const legend = await layOutLegend(legendOf(groups, threshold), MARGIN, MARGIN, WIDTH - 2 * MARGIN);
  const y = exactScale({ low: 0, high: Math.max(...shares.flat(), 1e-9) }, 6);
  const x = exactScale({ low, high }, 10);
  const tickWidth = await measureWidest(
    y.ticks.map(({ label }) => label),
    bodyText,
  );
  const left = MARGIN + AXIS_LABEL_HEIGHT + tickWidth + TICK_GAP;
  const top = MARGIN + legend.height + 12;
  const height = HEIGHT - top - TICK_LABEL_HEIGHT - AXIS_LABEL_HEIGHT - MARGIN;
  const area = { x: left, y: top, width: WIDTH - left - MARGIN - 12, height };
  const inOrder = groups.map((group, i) => ({ group, shares: shares[i] ?? [] }));
  const behindFirst = [
    ...inOrder.filter(({ group }) => group.isNormal),
    ...inOrder.filter(({ group }) => !group.isNormal),
  ];
  const note = [
    ...(beyond > 0 ? [`${beyond} higher ${beyond === 1 ? 'score is' : 'scores are'} in the last bin`] : []),
    ...(missing > 0 ? [`${missing} not finite`] : []),
  ].join(', ');
  const page = await renderPage(WIDTH, HEIGHT, [
    ...drawAxes(area, x, y),
    ...behindFirst.flatMap(({ group, shares: own }) => outline(own, group, { low, high }, area, x, y)),
    ...(threshold === null || !Number.isFinite(threshold) ? [] : [thresholdLine(threshold, area, x)]),
    ...legend.elements,
    xAxisLabel(input.xLabel, area),
    yAxisLabel('share of the examples', MARGIN + 10, area),
    ...(note === '' ? [] : [textLine(note, area.x + area.width, HEIGHT - 10, { ...bodyText, anchor: 'end' })]),
  ]);
  return encodePng(page);
}

function sharesIn(scores: Float64Array, bins: number, low: number, high: number): readonly number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const score of scores) {
    const bin = Math.min(bins - 1, Math.floor(((score - low) / (high - low)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => (scores.length === 0 ? 0 : count / scores.length));
}

function outline(
  shares: readonly number[],
  { hue, isNormal }: ScoreGroup,
  { low, high }: { readonly low: number; readonly high: number },
  area: Rectangle,
  x: AxisScale,
  y: AxisScale,
): readonly SvgElement[] {
  const floor = yOf(0, area, y);
  const edge = (bin: number) => xOf(low + ((high - low) * bin) / shares.length, area, x);
  const steps = shares.flatMap((share, bin) => [
    pathPoint('L', edge(bin), yOf(share, area, y)),
    pathPoint('L', edge(bin + 1), yOf(share, area, y)),
  ]);
  const d = [pathPoint('M', edge(0), floor), ...steps, pathPoint('L', edge(shares.length), floor)].join('');
  const line = svgElement('path', { d, fill: 'none', stroke: toCss(hue), 'stroke-width': isNormal ? 2 : 1.5 });
  return isNormal ? [svgElement('path', { d, fill: toCss(mix(hue, white, 0.7)) }), line] : [line];
}

function thresholdLine(threshold: number, area: Rectangle, x: AxisScale): SvgElement {
  const at = xOf(threshold, area, x);
  return svgElement('line', { x1: at, y1: area.y, x2: at, y2: area.y + area.height, ...dashes });
}

const dashes = { stroke: toCss(ink), 'stroke-width': 1.5, 'stroke-dasharray': '6 4' };

function legendOf(groups: readonly ScoreGroup[], threshold: number | null): readonly LegendEntry[] {
  const half = SYMBOL_WIDTH / 2;
  const entries = groups.map(
    ({ name, hue, isNormal }): LegendEntry => ({
      label: shortened(name, LONGEST_NAME),
      symbol: (x, y) => [
        isNormal
          ? svgElement('rect', {
              x: x - half,
              y: y - 5,
              width: SYMBOL_WIDTH,
              height: 10,
              fill: toCss(mix(hue, white, 0.7)),
              stroke: toCss(hue),
            })
          : svgElement('line', { x1: x - half, y1: y, x2: x + half, y2: y, stroke: toCss(hue), 'stroke-width': 2 }),
      ],
    }),
  );
  if (threshold === null) return entries;
  const symbol: LegendEntry['symbol'] = (x, y) => [
    svgElement('line', { x1: x - half, y1: y, x2: x + half, y2: y, ...dashes }),
  ];
  return [...entries, { label: 'threshold', symbol }];
}
