import { Box } from 'ink';
import { clockText } from '../../../text/duration-text.js';
import { sparkline } from '../drawing/bars.js';
import { aligned, type Line, span } from '../drawing/line.js';
import type { DashboardState } from '../state/state.js';
import { useModel } from './model.js';
import { inside, Pane, ScrollPane, type Size } from './pane.js';
import { Remark, Rows } from './text.js';

/** What each worker does, how fast, and how much memory it has. */
export function WorkersPane(size: Size) {
  const { state } = useModel();
  const { workers, jobs, sweep, rungs } = state;
  const threads = sweep?.threads ?? 1;
  const { width } = inside(size);
  return (
    <Pane {...size} title="workers" note={jobs > 0 ? `${jobs} × ${threads} thread${threads === 1 ? '' : 's'}` : ''}>
      <Rows lines={workers.length === 0 ? runningLines(state) : workerLines(state, width)} width={width} />
      {workers.length === 0 && <Remark>{silence(state)}</Remark>}
      <Rows lines={rungLines(rungs)} width={width} />
    </Pane>
  );
}

function silence({ mode, done }: DashboardState): string {
  if (mode === 'watch') return 'memory is known to the process that runs the sweep only';
  return done === null ? 'a worker reports once its trial has trained for a second' : 'the sweep has ended';
}

function workerLines({ workers }: DashboardState, width: number): readonly Line[] {
  const room = Math.max(0, Math.min(60, width - 34));
  const rows = workers.map(({ worker, trial, stepsPerSecond, bytes, speeds }): Line => {
    const idle = trial === null;
    return [
      span(`${aligned(String(worker + 1), 3, 'end')} `, { fg: 'muted' }),
      span(aligned(idle ? 'idle' : `#${trial}`, 6, 'end'), idle ? { fg: 'muted' } : {}),
      span(` ${aligned(stepsPerSecond === null ? '' : String(Math.round(stepsPerSecond)), 9, 'end')}`),
      span(` ${aligned(idle ? '' : megabytes(bytes), 9, 'end')}`),
      span(`  ${sparkline(speeds, room, true)}`, { fg: 'accent' }),
    ];
  });
  const speed = workers.reduce((sum, { stepsPerSecond }) => sum + (stepsPerSecond ?? 0), 0);
  const bytes = workers.reduce((sum, worker) => sum + worker.bytes, 0);
  const all = `${aligned('all', 10, 'end')} ${aligned(String(Math.round(speed)), 9, 'end')} ${aligned(megabytes(bytes), 9, 'end')}`;
  return [
    [span(`${' '.repeat(5)}trial   steps/s    memory  speed`, { fg: 'muted', bold: true })],
    ...rows,
    [span(all, { bold: true })],
  ];
}

/** Where no worker reports, what trains and how fast. */
function runningLines({ trials }: DashboardState): readonly Line[] {
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

function rungLines(rungs: DashboardState['rungs']): readonly Line[] {
  if (rungs.length === 0) return [];
  const numbers = (trials: readonly number[]) => trials.map((n) => `#${n}`).join(' ');
  return [
    [],
    [span(' rungs', { fg: 'accent', bold: true })],
    ...rungs.map(({ rung, epoch, kept, pruned }) => [
      span(` ${rung} after epoch ${epoch}: kept ${numbers(kept)}; pruned ${numbers(pruned)}`),
    ]),
  ];
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

/** What happened, the newest first. */
export function LogPane(size: Size) {
  const { log, ui } = useModel().state;
  const { width, height } = inside(size);
  // Those above and below are not drawn, but there.
  const before = Math.max(0, Math.min(ui.scroll, log.length - height));
  const lines = log
    .toReversed()
    .slice(before, before + height)
    .map(({ at, text }) => [span(` ${aligned(clockText(at / 1000), 8, 'end')}  `, { fg: 'muted' }), span(text)]);
  return (
    <ScrollPane {...size} title="log">
      {log.length === 0 && <Remark>nothing has happened yet</Remark>}
      <Box flexDirection="column" flexShrink={0} height={log.length} paddingTop={before}>
        <Rows lines={lines} width={width} />
      </Box>
    </ScrollPane>
  );
}
