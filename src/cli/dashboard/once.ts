import type { Watch } from '../../results/watch.js';
import { frameOf } from './frame.js';
import { reduce } from './state/reduce.js';
import { initialState } from './state/state.js';
import { StoredTrials } from './stored-trials.js';
import { type Line, toAnsi, toText } from './view/line.js';
import { themeOf } from './view/theme.js';

const defaultSize = { columns: 120, rows: 40 } as const;

/** One frame of the dashboard as lines of text, as wide and as high as the terminal, or as COLUMNS and LINES say. */
export function renderOnce(
  watched: Watch,
  stdout: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number },
  env: Readonly<Record<string, string | undefined>>,
): string {
  const columns = stdout.columns || Number(env.COLUMNS) || defaultSize.columns;
  // The prompt of the shell comes below it.
  const rows = Math.max(1, stdout.rows ? stdout.rows - 1 : Number(env.LINES) || defaultSize.rows);
  const elapsed = Math.max(0, Date.now() - Date.parse(watched.started));
  let state = initialState('watch', { columns, rows }, 0);
  for (const event of watched.poll()) state = reduce(state, { kind: 'event', event, now: elapsed });
  const stored = new StoredTrials(watched.library);
  do {
    for (const input of stored.wanted(state, elapsed)) state = reduce(state, input);
  } while (stored.isBehind);
  const theme = stdout.isTTY === true ? themeOf(env) : ({ depth: 'none' } as const);
  const lines = new Array<Line>(rows).fill([]);
  for (const { rect, lines: own } of frameOf(state, theme, false).panes) {
    own.forEach((line, i) => {
      // Panes are in the order of the screen, from the left.
      lines[rect.y + i] = [...(lines[rect.y + i] ?? []), ...line];
    });
  }
  const text = (line: Line) => (stdout.isTTY === true ? toAnsi(line, theme) : toText(line).trimEnd());
  return `${lines.map(text).join('\n')}\n`;
}
