import { renderToString } from 'ink';
import { createElement } from 'react';
import type { Watch } from '../../api/watch.js';
import { App } from './components/app.js';
import { themeOf } from './drawing/theme.js';
import { reduce } from './state/reduce.js';
import { initialState } from './state/state.js';
import { StoredTrials } from './stored-trials.js';

const defaultSize = { columns: 120, rows: 40 } as const;

/** Renders one frame as text, in the size of the terminal, or of COLUMNS and LINES. */
export function renderOnce(
  watched: Watch,
  stdout: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number },
  env: Readonly<Record<string, string | undefined>>,
): string {
  const columns = stdout.columns || Number(env.COLUMNS) || defaultSize.columns;
  // Leave a row for the shell's prompt.
  const rows = Math.max(1, stdout.rows ? stdout.rows - 1 : Number(env.LINES) || defaultSize.rows);
  const elapsed = Math.max(0, Date.now() - Date.parse(watched.started));
  let state = initialState('watch', { columns, rows }, 0);
  for (const event of watched.poll()) state = reduce(state, { kind: 'event', event, now: elapsed });
  const stored = new StoredTrials(watched.library);
  do {
    for (const input of stored.wanted(state, elapsed)) state = reduce(state, input);
  } while (stored.isBehind);
  const theme = themeOf(env, stdout.isTTY === true);
  const nothing = () => {};
  const app = createElement(App, {
    state,
    theme,
    graphics: { kind: 'none' },
    onKey: nothing,
    onScrollLimit: nothing,
  });
  return `${renderToString(app, { columns })}\n`;
}
