import { controlKey } from './control-keys.js';
import { chartMetric, metricNames } from './metrics.js';
import { promptKey } from './prompt-keys.js';
import { rowsOf, selectedRow } from './rows.js';
import { pageRows } from './screen.js';
import {
  type DashboardState,
  noZoom,
  requested,
  type Ui,
  type View,
  views,
  whatTrains,
  withMessage,
  withUi,
} from './state.js';

/** Smoothing weights that `e` cycles through; 0 is none. */
const smoothings: readonly number[] = [0, 0.6, 0.9, 0.97];

/** Handles a key: of a prompt, the help, control, or navigation. */
export function pressed(state: DashboardState, key: string): DashboardState {
  const { ui } = state;
  if (key === 'ctrl-l') return requested(state, { kind: 'redraw' });
  if (key === 'ctrl-c') return interrupted(state);
  if (ui.prompt !== null) return promptKey(state, ui.prompt, key);
  if (ui.help) return helpKey(state, key);
  const quiet = ui.message === null ? state : withUi(state, { message: null });
  return controlKey(quiet, key) ?? navigationKey(quiet, key);
}

/** The first time, every trial ends after its step and is kept; the second time, the process exits. */
function interrupted(state: DashboardState): DashboardState {
  if (state.mode === 'watch' || state.done !== null) return requested(state, { kind: 'quit' });
  if (state.interrupting || !state.controlled) return requested(state, { kind: 'leave_now' });
  const asked = { ...requested(state, { kind: 'interrupt' }), interrupting: true };
  return withMessage(asked, 'finishing the step of every trial; Ctrl-C again leaves at once');
}

function helpKey(state: DashboardState, key: string): DashboardState {
  if (key === '?' || key === 'escape' || key === 'q' || key === 'enter')
    return withUi(state, { help: false, scroll: 0 });
  return withUi(state, { scroll: scrolled(state, key) });
}

function navigationKey(state: DashboardState, key: string): DashboardState {
  const { ui } = state;
  const number = Number(key);
  const view = /^[1-9]$/.test(key) ? views[number - 1] : undefined;
  if (view !== undefined) return shown(state, view);
  switch (key) {
    case '?':
      return withUi(state, { help: true, scroll: 0 });
    case 'q':
      return left(state);
    case 'tab':
      return shown(state, views[(views.indexOf(ui.view) + 1) % views.length] ?? 'trials');
    case 'shift-tab':
      return shown(state, views[(views.indexOf(ui.view) + views.length - 1) % views.length] ?? 'trials');
    case 'enter':
      return ui.view === 'trial' ? state : shown(state, 'trial');
    case 'escape':
      return back(state);
    case '/':
      return withUi(shown(state, 'trials'), { prompt: { kind: 'filter', text: ui.filter, before: ui.filter } });
    case 's':
      return sortedByNext(state);
    case 'S':
      return withUi(state, { sort: { ...ui.sort, descending: !ui.sort.descending } });
    case 'b':
      return withUi(state, { grouped: !ui.grouped });
    case ' ':
      return marked(state);
    case 'a':
      return allMarked(state);
    case 'm':
    case ']':
      return withMetric(state, 1);
    case 'M':
    case '[':
      return withMetric(state, -1);
    case 'L':
      return withUi(state, { chart: { ...ui.chart, logarithmic: !ui.chart.logarithmic } });
    case 'e': {
      const place = smoothings.indexOf(ui.chart.smoothing);
      return withUi(state, { chart: { ...ui.chart, smoothing: smoothings[(place + 1) % smoothings.length] ?? 0 } });
    }
    case 'z':
      return zoomed(state, 0.5);
    case 'Z':
      return zoomed(state, 2);
    case 'n':
      return onward(state, 1);
    case 'N':
      return onward(state, -1);
    case '0':
      return withUi(state, { chart: { ...ui.chart, ...noZoom } });
    case 'h':
    case 'left':
      return ui.view === 'map' ? withMap(state, { ...ui.map, x: ui.map.x + 1 }) : panned(state, -0.25);
    case 'l':
    case 'right':
      return ui.view === 'map' ? withMap(state, { ...ui.map, y: ui.map.y + 1 }) : panned(state, 0.25);
    default:
      return moved(state, key);
  }
}

function left(state: DashboardState): DashboardState {
  if (state.mode === 'watch' || state.done !== null) return requested(state, { kind: 'quit' });
  if (state.interrupting) return withMessage(state, 'finishing the step of every trial; Ctrl-C leaves at once');
  if (!state.controlled) return withMessage(state, `${whatTrains(state)} is still starting; Ctrl-C leaves at once`);
  const kept = state.sweep?.id === null ? 'nothing is kept' : 'what was done is kept, and `aedsl resume` continues it';
  const question = `stop ${whatTrains(state)}? ${kept}`;
  return withUi(state, { prompt: { kind: 'confirm', question, request: { kind: 'interrupt' } } });
}

function back(state: DashboardState): DashboardState {
  const { ui } = state;
  if (ui.view !== 'trials') return shown(state, 'trials');
  if (ui.filter !== '') return withUi(state, { filter: '' });
  return ui.marked.size > 0 ? withUi(state, { marked: new Set() }) : state;
}

function shown(state: DashboardState, view: View): DashboardState {
  return withUi(state, { view, scroll: 0 });
}

/** Views that scroll like text; in the others the selection moves. */
const texts: ReadonlySet<View> = new Set(['trial', 'layers', 'system']);

function moved(state: DashboardState, key: string): DashboardState {
  const { ui } = state;
  if (texts.has(ui.view)) return withUi(state, { scroll: scrolled(state, key) });
  const { rows } = rowsOf(state);
  const place = selectedRow(state, rows);
  const next = place === -1 ? 0 : stepped(place, key, pageRows(state), rows.length - 1);
  const trial = rows[next]?.trial.trial;
  return trial === undefined || (next === place && place !== -1) ? state : withUi(state, { selected: trial });
}

/** Selects the next or previous trial of the table, in any view. */
function onward(state: DashboardState, by: 1 | -1): DashboardState {
  const { rows } = rowsOf(state);
  const trial = rows[Math.max(0, selectedRow(state, rows) + by)]?.trial.trial;
  return trial === undefined ? state : withUi(state, { selected: trial, scroll: 0 });
}

function scrolled(state: DashboardState, key: string): number {
  return stepped(state.ui.scroll, key, pageRows(state), state.ui.scrollLimit);
}

function stepped(from: number, key: string, page: number, last: number): number {
  const within = (to: number) => Math.max(0, Math.min(last, to));
  switch (key) {
    case 'j':
    case 'down':
      return within(from + 1);
    case 'k':
    case 'up':
      return within(from - 1);
    case 'ctrl-d':
      return within(from + Math.ceil(page / 2));
    case 'ctrl-u':
      return within(from - Math.ceil(page / 2));
    case 'pagedown':
    case 'ctrl-f':
      return within(from + page);
    case 'pageup':
    case 'ctrl-b':
      return within(from - page);
    case 'g':
    case 'home':
      return 0;
    case 'G':
    case 'end':
      return Math.max(0, last);
    default:
      return from;
  }
}

function sortedByNext(state: DashboardState): DashboardState {
  const sortable = rowsOf(state).columns.filter(({ id }) => id !== 'curve' && id !== 'progress');
  const place = sortable.findIndex(({ id }) => id === state.ui.sort.column);
  const column = sortable[(place + 1) % sortable.length]?.id ?? 'trial';
  return withUi(state, { sort: { column, descending: column === 'best' && state.sweep?.objective?.goal === 'max' } });
}

/** Toggles the mark of the selected row, and moves on. */
function marked(state: DashboardState): DashboardState {
  const { rows } = rowsOf(state);
  const row = rows[selectedRow(state, rows)];
  if (row === undefined) return state;
  const numbers = row.replicates.map(({ trial }) => trial);
  const marks = new Set(state.ui.marked);
  const all = numbers.every((trial) => marks.has(trial));
  for (const trial of numbers) {
    if (all) marks.delete(trial);
    else marks.add(trial);
  }
  const changed = withUi(state, { marked: marks });
  return state.ui.view === 'trials' ? moved(changed, 'j') : changed;
}

function allMarked(state: DashboardState): DashboardState {
  if (state.ui.marked.size > 0) return withUi(state, { marked: new Set() });
  const shownTrials = rowsOf(state).rows.flatMap(({ replicates }) => replicates.map(({ trial }) => trial));
  return withUi(state, { marked: new Set(shownTrials) });
}

function withMetric(state: DashboardState, by: 1 | -1): DashboardState {
  const names = metricNames(state.trials);
  const present = chartMetric(state, names);
  if (present === null) return withMessage(state, 'no metric has come in yet');
  const metric = names[(names.indexOf(present) + by + names.length) % names.length] ?? present;
  return withUi(state, { chart: { ...state.ui.chart, metric } });
}

/** Zooms around the right end if visible, so that new values stay in view. */
function zoomed(state: DashboardState, factor: number): DashboardState {
  const { chart } = state.ui;
  const width = Math.min(1, Math.max(1 / 64, (chart.to - chart.from) * factor));
  const middle = (chart.from + chart.to) / 2;
  const from = chart.to >= 1 ? 1 - width : Math.min(1 - width, Math.max(0, middle - width / 2));
  return withUi(state, { chart: { ...chart, from, to: from + width } });
}

function panned(state: DashboardState, share: number): DashboardState {
  const { chart } = state.ui;
  const width = chart.to - chart.from;
  const from = Math.min(1 - width, Math.max(0, chart.from + share * width));
  return withUi(state, { chart: { ...chart, from, to: from + width } });
}

function withMap(state: DashboardState, map: Ui['map']): DashboardState {
  const axes = Math.max(1, state.sweep?.varying.length ?? 1);
  return withUi(state, { map: { x: map.x % axes, y: map.y % axes } });
}
