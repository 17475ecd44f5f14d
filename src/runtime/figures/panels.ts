import { extentOf, RATIO_FOR_LOG } from './axis-scale.js';
import type { CurveStyle, Points } from './curve.js';

export interface LossSeries {
  /** `train`, `validation`; series of the same name share a colour and a legend entry. */
  readonly name: string;
  readonly style: CurveStyle;
  /** Sorted by x, in units common to all series (epochs or steps). */
  readonly points: Points;
  /** Quantity shown, such as a loss term: the title of the series' panel. */
  readonly panel?: string;
}

/** Series that share a pair of axes. */
export interface Panel {
  readonly title: string;
  readonly series: readonly LossSeries[];
}

/**
 * Groups by `panel` if any series has one. Otherwise all together, unless their typical values are more than 1.5
 * decades apart: then by name, because the small ones would be flat lines on a shared axis. Returns at least one panel.
 */
export function groupIntoPanels(series: readonly LossSeries[]): readonly [Panel, ...Panel[]] {
  const [first, ...others] = [...groupBy(series, panelTitle(series))].map(([title, members]) => ({
    title,
    series: members,
  }));
  return first ? [first, ...others] : [{ title: '', series: [] }];
}

/** Arranges panels in rows of two. One spans the full width if there are at most two, or an odd number. */
export function arrangePanels(panels: readonly Panel[]): readonly (readonly Panel[])[] {
  if (panels.length <= 2) return panels.map((panel) => [panel]);
  const odd = panels.length % 2;
  const rows: (readonly Panel[])[] = odd === 1 ? [panels.slice(0, 1)] : [];
  for (let i = odd; i < panels.length; i += 2) rows.push(panels.slice(i, i + 2));
  return rows;
}

function panelTitle(series: readonly LossSeries[]): (one: LossSeries) => string {
  if (series.some(({ panel }) => panel !== undefined)) return ({ panel }) => panel ?? '';
  return differInScale(series) ? ({ name }) => name : () => '';
}

function groupBy(series: readonly LossSeries[], key: (one: LossSeries) => string): ReadonlyMap<string, LossSeries[]> {
  const groups = new Map<string, LossSeries[]>();
  for (const one of series) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}

/** Compares medians of magnitudes, which are robust to spikes and to the first steps. */
function differInScale(series: readonly LossSeries[]): boolean {
  const extent = extentOf(series.map(({ points }) => medianMagnitude(points)));
  return extent !== undefined && extent.high / extent.low > RATIO_FOR_LOG;
}

/** Median of the finite non-zero magnitudes; NaN if there are none. */
function medianMagnitude({ y }: Points): number {
  const magnitudes = Float64Array.from(y, Math.abs).filter((value) => Number.isFinite(value) && value > 0);
  return magnitudes.sort()[Math.floor(magnitudes.length / 2)] ?? Number.NaN;
}
