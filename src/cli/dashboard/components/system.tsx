import { Box } from 'ink';
import { clockText } from '../../../api/text.js';
import { sparkline } from '../drawing/bars.js';
import { aligned, type Line, span } from '../drawing/line.js';
import { tableLines } from '../drawing/table.js';
import type { Look } from '../drawing/theme.js';
import type { DashboardState, Worker } from '../state/state.js';
import { useModel } from './model.js';
import { inside, Pane, ScrollPane, type Size } from './pane.js';
import { Remark, Rows } from './text.js';

/** Each worker's trial, speed and memory. */
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
  if (mode === 'watch') return 'only the process that runs the sweep knows its memory';
  return done === null ? 'a worker reports once its trial has trained for a second' : 'the sweep has ended';
}

function workerLines({ workers }: DashboardState, width: number): readonly Line[] {
  const total = {
    stepsPerSecond: workers.reduce((sum, { stepsPerSecond }) => sum + (stepsPerSecond ?? 0), 0),
    bytes: workers.reduce((sum, { bytes }) => sum + bytes, 0),
  };
  const room = Math.max(0, Math.min(60, width - 34));
  const memory = ({ trial, bytes }: Worker) => (trial === null ? '' : megabytes(bytes));
  const [head, ...rows] = tableLines<Worker>(
    [
      { title: '', draw: ({ worker }) => [span(String(worker + 1), { fg: 'muted' })] },
      { title: 'trial', draw: ({ trial }) => (trial === null ? [span('idle', { fg: 'muted' })] : `#${trial}`) },
      { title: 'steps/s', draw: ({ stepsPerSecond }) => (stepsPerSecond === null ? '' : stepsPerSecond.toFixed(0)) },
      { title: 'memory', draw: memory },
      {
        title: 'speed',
        side: 'start',
        cells: room,
        draw: ({ speeds }) => [span(sparkline(speeds, room, true), { fg: 'accent' })],
      },
    ],
    workers,
    width,
  );
  const all = `${total.stepsPerSecond.toFixed(0)} steps/s and ${megabytes(total.bytes)} in all`;
  return [head, ...rows, [span(` ${all}`, { bold: true })]];
}

/** Running trials and their speed, if no worker reports. */
function runningLines({ trials }: DashboardState): readonly Line[] {
  const running = trials.filter(({ state }) => state === 'running');
  const speed = (value: number | null) => (value === null ? '' : `${value.toFixed(0)} steps/s`);
  const line = (name: string, value: number | null, look: Look) => [
    span(aligned(name, 8, 'end') + aligned(speed(value), 16, 'end'), look),
  ];
  const all = running.reduce((sum, { stepsPerSecond }) => sum + (stepsPerSecond ?? 0), 0);
  return [
    ...running.map(({ trial, stepsPerSecond }) => line(`#${trial}`, stepsPerSecond, {})),
    ...(running.length > 0 ? [line('all', all, { bold: true })] : []),
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

/** The log, newest first. */
export function LogPane(size: Size) {
  const { log, ui } = useModel().state;
  const { width, height } = inside(size);
  // Lines above and below are counted but not drawn.
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
