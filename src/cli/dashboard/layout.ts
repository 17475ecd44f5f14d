import type { DashboardState, Size, View } from './state/state.js';

/** Cells of the screen, from its upper left. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type PaneKind =
  | 'header'
  | 'tabs'
  | 'footer'
  | 'table'
  | 'chart'
  | 'card'
  | 'workers'
  | 'log'
  | 'trial'
  | 'layers'
  | 'picture'
  | 'map'
  | 'help';

export interface Pane {
  readonly kind: PaneKind;
  readonly rect: Rect;
  /** Which of several of its kind, from 0. */
  readonly index: number;
}

/** Smaller terminals only get a sentence. */
export const leastSize: Size = { columns: 40, rows: 10 };

export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < leastSize.columns || rows < leastSize.rows;
}

/** Where everything is: panes cover the screen and don't overlap. */
export function layoutOf(state: Pick<DashboardState, 'size' | 'trials' | 'ui'>): readonly Pane[] {
  const { columns, rows } = state.size;
  const head = rows >= 18 ? 2 : 1;
  const tabs = rows >= 14 ? 1 : 0;
  const body: Rect = { x: 0, y: head + tabs, width: columns, height: rows - head - tabs - 1 };
  return [
    pane('header', { x: 0, y: 0, width: columns, height: head }),
    ...(tabs > 0 ? [pane('tabs', { x: 0, y: head, width: columns, height: 1 })] : []),
    ...(state.ui.help ? [pane('help', body)] : bodyPanes(state.ui.view, body, state.trials.length)),
    pane('footer', { x: 0, y: rows - 1, width: columns, height: 1 }),
  ];
}

/** Rows of the list or text that keys page through. */
export function pageRows(state: Pick<DashboardState, 'size' | 'trials' | 'ui'>): number {
  const main = layoutOf(state).find(
    ({ kind }) => kind === 'table' || kind === 'trial' || kind === 'layers' || kind === 'log' || kind === 'help',
  );
  return Math.max(1, (main?.rect.height ?? 3) - 3);
}

function bodyPanes(view: View, body: Rect, trials: number): readonly Pane[] {
  switch (view) {
    case 'trials':
      return overview(body, trials);
    case 'charts':
      return grid(body, 'chart', Math.max(1, Math.floor(body.width / 56)), Math.max(1, Math.floor(body.height / 11)));
    case 'trial': {
      if (body.width < 110) return [pane('trial', body)];
      const [left, right] = columnsOf(body, Math.round(body.width * 0.5));
      const [upper, lower] = rowsOf(right, Math.round(right.height * 0.5));
      return [pane('trial', left), pane('chart', upper), pane('picture', lower)];
    }
    case 'layers': {
      if (body.height < 17) return [pane('layers', body)];
      if (body.width < 120) {
        const [upper, lower] = rowsOf(body, body.height - Math.min(16, Math.max(8, Math.floor(body.height * 0.4))));
        return [pane('layers', upper), pane('chart', lower)];
      }
      const [left, right] = columnsOf(body, Math.round(body.width * 0.55));
      return [
        pane('layers', left),
        ...grid(right, 'chart', 1, Math.max(1, Math.min(4, Math.floor(right.height / 11)))),
      ];
    }
    case 'pictures':
      return [pane('picture', body)];
    case 'map':
      return [pane('map', body)];
    case 'system': {
      const [upper, lower] = rowsOf(body, Math.max(6, Math.floor(body.height * 0.4)));
      return body.height < 10 ? [pane('log', body)] : [pane('workers', upper), pane('log', lower)];
    }
  }
}

/** Table and chart, and where there is room the selected trial beside them. */
function overview(body: Rect, trials: number): readonly Pane[] {
  if (body.height < 12) return [pane('table', body)];
  const wide = body.width >= 116 && body.height >= 18;
  const [left, right] = wide
    ? columnsOf(body, body.width - Math.min(64, Math.max(38, Math.floor(body.width * 0.27))))
    : [body, null];
  const wanted = trials + 3;
  const tableRows = Math.max(Math.min(wanted, Math.floor(left.height * 0.55)), Math.min(wanted, left.height - 22), 5);
  const [upper, lower] = rowsOf(left, tableRows);
  const charts = grid(
    lower,
    'chart',
    Math.max(1, Math.min(3, Math.floor(lower.width / 76))),
    lower.height >= 30 ? 2 : 1,
  );
  const side = right === null ? [] : sidePanes(right);
  return [pane('table', upper), ...charts, ...side];
}

function sidePanes(side: Rect): readonly Pane[] {
  if (side.height < 30) return [pane('card', side)];
  const cardRows = Math.max(18, Math.floor(side.height * 0.42));
  const [card, rest] = rowsOf(side, cardRows);
  if (rest.height < 24) return [pane('card', card), pane('picture', rest)];
  const [pictures, workers] = rowsOf(rest, rest.height - 9);
  return [pane('card', card), pane('picture', pictures), pane('workers', workers)];
}

function grid(area: Rect, kind: PaneKind, across: number, down: number): readonly Pane[] {
  return Array.from({ length: across * down }, (_, index) => {
    const [column, row] = [index % across, Math.floor(index / across)];
    const x = area.x + Math.floor((area.width * column) / across);
    const y = area.y + Math.floor((area.height * row) / down);
    const right = area.x + Math.floor((area.width * (column + 1)) / across);
    const bottom = area.y + Math.floor((area.height * (row + 1)) / down);
    return { kind, index, rect: { x, y, width: right - x, height: bottom - y } };
  });
}

function columnsOf(area: Rect, left: number): readonly [Rect, Rect] {
  return [
    { ...area, width: left },
    { ...area, x: area.x + left, width: area.width - left },
  ];
}

function rowsOf(area: Rect, upper: number): readonly [Rect, Rect] {
  return [
    { ...area, height: upper },
    { ...area, y: area.y + upper, height: area.height - upper },
  ];
}

function pane(kind: PaneKind, rect: Rect): Pane {
  return { kind, rect, index: 0 };
}
