import type { DashboardState, Size, View } from './state.js';

/** Smaller terminals show only a sentence. */
export const leastSize: Size = { columns: 40, rows: 10 };

export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < leastSize.columns - 1 || rows < leastSize.rows - 1;
}

/** Rows of header, tabs and view. */
export function screenRows({ rows }: Size) {
  const head = rows >= 18 ? 2 : 1;
  const tabs = rows >= 14 ? 1 : 0;
  return { head, tabs, body: rows - head - tabs - 1 };
}

/** Sizes in the overview: main column, table or card above the charts, side column. */
export function overviewSizes({ width, height }: { readonly width: number; readonly height: number }, trials: number) {
  const wide = width >= 116 && height >= 18;
  const side = wide ? Math.min(64, Math.max(38, Math.floor(width * 0.27))) : 0;
  const sizes = { main: width - side, side };
  if (trials === 1) return { ...sizes, table: 0, card: wide ? 0 : Math.floor(height * 0.55) };
  if (height < 12) return { ...sizes, table: height, card: 0 };
  const wanted = trials + 3;
  const table = Math.max(Math.min(wanted, Math.floor(height * 0.55)), Math.min(wanted, height - 22), 5);
  return { ...sizes, table, card: 0 };
}

/** Rows of the side column. */
export function sideSizes(height: number) {
  if (height < 30) return { card: height, pictures: 0, workers: 0 };
  const card = Math.max(18, Math.floor(height * 0.42));
  const workers = height - card < 24 ? 0 : 9;
  return { card, pictures: height - card - workers, workers };
}

/** Rows of a view's text, without what some have above or below. */
export function textRows({ width, height }: { readonly width: number; readonly height: number }, view: View): number {
  switch (view) {
    case 'layers':
      return height < 17 || width >= 119 ? height : height - Math.min(16, Math.max(8, Math.floor(height * 0.4)));
    case 'system':
      return height < 10 ? height : height - Math.max(6, Math.floor(height * 0.4));
    default:
      return height;
  }
}

/** Rows per page. */
export function pageRows({ size, trials, ui }: Pick<DashboardState, 'size' | 'trials' | 'ui'>): number {
  const area = { width: size.columns, height: screenRows(size).body };
  const rows = ui.help
    ? area.height
    : ui.view === 'trials'
      ? overviewSizes(area, trials.length).table
      : textRows(area, ui.view);
  return Math.max(1, rows - 3);
}
