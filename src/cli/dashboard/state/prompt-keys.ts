import { columnsOf } from './columns.js';
import { parseFilter } from './filter.js';
import { filterableMetrics } from './metrics.js';
import { rowsOf, selectedRow } from './rows.js';
import { type DashboardState, type Prompt, requested, withMessage, withUi } from './state.js';

/** Handles a key while a prompt is open. */
export function promptKey(state: DashboardState, prompt: Prompt, key: string): DashboardState {
  switch (prompt.kind) {
    case 'filter':
      return filterKey(state, prompt, key);
    case 'confirm':
      return confirmKey(state, prompt, key);
    case 'seeds':
      return seedsKey(state, prompt, key);
  }
}

function filterKey(state: DashboardState, prompt: Prompt & { kind: 'filter' }, key: string): DashboardState {
  switch (key) {
    case 'escape':
      return withUi(state, { prompt: null, filter: prompt.before });
    case 'enter': {
      const filter = parseFilter(prompt.text, columnsOf(state), filterableMetrics(state.trials));
      if (typeof filter !== 'function') return state;
      return withSelectionInSight(withUi(state, { prompt: null, filter: prompt.text.trim() }));
    }
    default:
      return withUi(state, { prompt: { ...prompt, text: edited(prompt.text, key) } });
  }
}

function confirmKey(state: DashboardState, prompt: Prompt & { kind: 'confirm' }, key: string): DashboardState {
  const closed = withUi(state, { prompt: null });
  if (key !== 'y' && key !== 'Y') return closed;
  const { request } = prompt;
  return { ...requested(closed, request), interrupting: state.interrupting || request.kind === 'interrupt' };
}

function seedsKey(state: DashboardState, prompt: Prompt & { kind: 'seeds' }, key: string): DashboardState {
  switch (key) {
    case 'escape':
      return withUi(state, { prompt: null });
    case 'enter': {
      const seeds = Number(prompt.text);
      if (!(Number.isInteger(seeds) && seeds >= 1 && seeds <= 1000)) {
        return withMessage(withUi(state, { prompt: null }), 'that is not a number of seeds');
      }
      const action = { do: 'add_seeds', trial: prompt.trial, seeds } as const;
      return requested(withUi(state, { prompt: null }), { kind: 'act', action });
    }
    default:
      return /^\d$|^backspace$|^ctrl-u$/.test(key)
        ? withUi(state, { prompt: { ...prompt, text: edited(prompt.text, key).slice(0, 4) } })
        : state;
  }
}

function edited(text: string, key: string): string {
  if (key === 'backspace') return [...text].slice(0, -1).join('');
  if (key === 'ctrl-u') return '';
  if (key === 'ctrl-w') return text.replace(/\S*\s*$/, '');
  // Typed or pasted characters; named keys are longer and mean nothing here.
  return [...key].length === 1 ? text + key : text;
}

function withSelectionInSight(state: DashboardState): DashboardState {
  const { rows } = rowsOf(state);
  const first = rows[0]?.trial.trial;
  return first === undefined || selectedRow(state, rows) !== -1 ? state : withUi(state, { selected: first });
}
