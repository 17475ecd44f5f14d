import { clockText } from '../../../text/duration-text.js';
import type { Rect } from '../layout.js';
import { sparkline } from './bars.js';
import { boxed, heading, inside } from './box.js';
import { aligned, type Line, span, truncated } from './line.js';
import type { Model } from './model.js';
import { scrolledTo } from './scroll.js';

/** What each worker does, how fast, and how much memory it has. */
export function workersPane({ state }: Model, rect: Rect): readonly Line[] {
  const { width, height } = inside(rect);
  const { workers, jobs, sweep } = state;
  const threads = sweep?.threads ?? 1;
  const title = heading('workers');
  const note: Line = [span(jobs > 0 ? `${jobs} × ${threads} thread${threads === 1 ? '' : 's'}` : '', { fg: 'muted' })];
  if (workers.length === 0) {
    const why =
      state.mode === 'watch'
        ? ' memory is known to the process that runs the sweep only'
        : state.done === null
          ? ' a worker reports once its trial has trained for a second'
          : ' the sweep has ended';
    const said: Line = [span(truncated(why, width), { fg: 'muted' })];
    return boxed(rect, title, note, [...runningLines(state), said, ...rungLines(state.rungs, width)]);
  }
  const head: Line = [
    span(
      `${aligned('', 3, 'end')} ${aligned('trial', 6, 'end')} ${aligned('steps/s', 9, 'end')} ${aligned('memory', 9, 'end')}  speed`,
      { fg: 'muted', bold: true },
    ),
  ];
  const room = Math.max(0, Math.min(60, width - 34));
  const rows = workers.map(
    (worker): Line => [
      span(`${aligned(String(worker.worker + 1), 3, 'end')} `, { fg: 'muted' }),
      span(
        aligned(worker.trial === null ? 'idle' : `#${worker.trial}`, 6, 'end'),
        worker.trial === null ? { fg: 'muted' } : {},
      ),
      span(` ${aligned(worker.stepsPerSecond === null ? '' : String(Math.round(worker.stepsPerSecond)), 9, 'end')}`),
      span(` ${aligned(worker.trial === null ? '' : megabytes(worker.bytes), 9, 'end')}`),
      span(`  ${sparkline(worker.speeds, room, true)}`, { fg: 'accent' }),
    ],
  );
  const total = workers.reduce((sum, { bytes }) => sum + bytes, 0);
  const speed = workers.reduce((sum, { stepsPerSecond }) => sum + (stepsPerSecond ?? 0), 0);
  const sum: Line = [
    span(
      `${aligned('all', 10, 'end')} ${aligned(String(Math.round(speed)), 9, 'end')} ${aligned(megabytes(total), 9, 'end')}`,
      { bold: true },
    ),
  ];
  return boxed(rect, title, note, [head, ...rows, sum, ...rungLines(state.rungs, width)].slice(0, Math.max(height, 0)));
}

/** Where no worker reports, what trains and how fast. */
function runningLines({ trials }: Model['state']): readonly Line[] {
  const running = trials.filter(({ state }) => state === 'running');
  if (running.length === 0) return [];
  const speed = (value: number | null) => (value === null ? '' : `${Math.round(value)} steps/s`);
  const total = running.reduce((sum, { stepsPerSecond }) => sum + (stepsPerSecond ?? 0), 0);
  return [
    ...running.map(
      ({ trial, stepsPerSecond }): Line => [
        span(aligned(`#${trial}`, 8, 'end')),
        span(aligned(speed(stepsPerSecond), 16, 'end')),
      ],
    ),
    [span(aligned('all', 8, 'end'), { bold: true }), span(aligned(speed(total), 16, 'end'), { bold: true })],
  ];
}

function rungLines(rungs: Model['state']['rungs'], width: number): readonly Line[] {
  if (rungs.length === 0) return [];
  return [
    [],
    [span(' rungs', { fg: 'accent', bold: true })],
    ...rungs.map(
      ({ rung, epoch, kept, pruned }): Line => [
        span(
          truncated(
            ` ${rung} after epoch ${epoch}: kept ${kept.map((n) => `#${n}`).join(' ')}; pruned ${pruned.map((n) => `#${n}`).join(' ')}`,
            width,
          ),
        ),
      ],
    ),
  ];
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

/** What happened, the newest first. */
export function logPane({ state }: Model, rect: Rect): readonly Line[] {
  const { height } = inside(rect);
  const { shown, note } = scrolledTo(logText(state), state.ui.scroll, height);
  return boxed(rect, heading('log'), note, shown);
}

/** The whole text, which can be longer than the pane. */
export function logText({ log }: Model['state']): readonly Line[] {
  if (log.length === 0) return [[span(' nothing has happened yet', { fg: 'muted' })]];
  return log
    .toReversed()
    .map(({ at, text }): Line => [span(` ${aligned(clockText(at / 1000), 8, 'end')}  `, { fg: 'muted' }), span(text)]);
}
