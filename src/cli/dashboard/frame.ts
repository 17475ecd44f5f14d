import { isTooSmall, layoutOf, leastSize, type Pane, type Rect } from './layout.js';
import type { DashboardState } from './state/state.js';
import { chartPane } from './view/chart-pane.js';
import { footer } from './view/footer.js';
import { header, tabs } from './view/header.js';
import { helpPane } from './view/help-pane.js';
import { layersPane } from './view/layers-pane.js';
import { fitted, type Line, span } from './view/line.js';
import { mapPane } from './view/map-pane.js';
import { type Model, modelOf } from './view/model.js';
import { type PlacedPicture, picturePane, placedPictures } from './view/picture-pane.js';
import { logPane, workersPane } from './view/system-pane.js';
import { tablePane } from './view/table-pane.js';
import type { Theme } from './view/theme.js';
import { cardPane, trialPane } from './view/trial-pane.js';

/** All that is on the screen at one time. */
export interface Frame {
  readonly panes: readonly DrawnPane[];
  /** Those that the terminal draws itself; empty where it can't. */
  readonly pictures: readonly PlacedPicture[];
}

export interface DrawnPane {
  readonly key: string;
  readonly rect: Rect;
  /** As many as the rect is high, each exactly as wide. */
  readonly lines: readonly Line[];
}

/** The screen for a state: every cell belongs to exactly one pane. */
export function frameOf(state: DashboardState, theme: Theme, graphics: boolean): Frame {
  if (isTooSmall(state.size)) return { panes: [tooSmall(state)], pictures: [] };
  const model = modelOf(state, theme);
  const panes = layoutOf(state);
  return {
    panes: panes.map((pane) => ({
      key: `${pane.kind}${pane.index}`,
      rect: pane.rect,
      lines: exactly(draw(model, pane, graphics), pane.rect),
    })),
    pictures: graphics
      ? panes.flatMap((pane) => (pane.kind === 'picture' ? placedPictures(model, pane.rect) : []))
      : [],
  };
}

function draw(model: Model, { kind, rect, index }: Pane, graphics: boolean): readonly Line[] {
  switch (kind) {
    case 'header':
      return header(model, rect.width, rect.height);
    case 'tabs':
      return [tabs(model, rect.width)];
    case 'footer':
      return [footer(model, rect.width)];
    case 'table':
      return tablePane(model, rect);
    case 'chart':
      return chartPane(model, rect, index);
    case 'card':
      return cardPane(model, rect);
    case 'workers':
      return workersPane(model, rect);
    case 'log':
      return logPane(model, rect);
    case 'trial':
      return trialPane(model, rect);
    case 'layers':
      return layersPane(model, rect);
    case 'picture':
      return picturePane(model, rect, graphics);
    case 'map':
      return mapPane(model, rect);
    case 'help':
      return helpPane(model, rect);
  }
}

function exactly(lines: readonly Line[], { width, height }: Rect): readonly Line[] {
  return Array.from({ length: height }, (_, row) => fitted(lines[row] ?? [], width));
}

function tooSmall({ size }: DashboardState): DrawnPane {
  const rect: Rect = { x: 0, y: 0, width: Math.max(1, size.columns), height: Math.max(1, size.rows) };
  const text = `the dashboard needs ${leastSize.columns}×${leastSize.rows} cells, and here are ${size.columns}×${size.rows}`;
  return { key: 'small', rect, lines: exactly([[span(text)]], rect) };
}
