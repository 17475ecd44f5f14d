// What the dashboard costs while eight trials train: node --expose-gc --import <the tests' TypeScript loader> frames.mjs COLUMNS ROWS [FRAMES [VIEW]]
//
// Replays the events of a simulated sweep, two frames a second, as fast as they can be drawn, to a terminal that takes
// everything. Prints what a frame took and what stayed in memory as JSON.
import { PassThrough, Writable } from 'node:stream';

process.env.NODE_ENV = 'production';
const [columns, rows, frames = '2400', view = '1'] = process.argv.slice(2);
const dist = new URL('../../dist/src/cli/dashboard/', import.meta.url);
const { SimulatedSweep } = await import('../../tests/cli/dashboard/simulated-sweep.ts');
const { render } = await import('ink');
const { createElement } = await import('react');
const { App } = await import(new URL('components/app.js', dist));
const { themeOf } = await import(new URL('drawing/theme.js', dist));
const { reduce } = await import(new URL('state/reduce.js', dist));
const { initialState } = await import(new URL('state/state.js', dist));

let written = 0;
const terminal = new Writable({
  write(chunk, _encoding, done) {
    written += chunk.length;
    done();
  },
});
Object.assign(terminal, { columns: Number(columns), rows: Number(rows), isTTY: true });
const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode() {}, ref() {}, unref() {} });
const theme = themeOf({ COLORTERM: 'truecolor' }, true);
const nothing = () => {};
const options = { stdout: terminal, stdin: keyboard, incrementalRendering: true, maxFps: 1000, patchConsole: false };
const half = 500;

// An hour of training, whatever part of it is replayed.
const sweep = new SimulatedSweep({
  rho: [0.01, 0.05],
  beta: [1, 5],
  seeds: 2,
  jobs: 8,
  epochs: 100,
  stepsPerEpoch: 14400,
  stepsPerSecond: 400,
});
let state = initialState('sweep', { columns: Number(columns) - 1, rows: Number(rows) - 1 }, 0);
const input = (one) => {
  state = reduce(state, one);
};
const app = () =>
  createElement(App, {
    state,
    theme,
    graphics: { kind: 'none' },
    onKey: nothing,
    onScrollLimit: (most) => input({ kind: 'scroll_limit', most }),
  });
const follow = (events, now) => {
  for (const event of events) input({ kind: 'event', event, now });
};
follow(sweep.start(), 0);
input({ kind: 'key', key: view, now: 0 });
const ink = render(app(), options);
const times = [];
/** Bytes that are still there when everything was collected that can be: buffers only go after the objects that hold them. */
async function kept() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let [began, cpu, memory] = [0, process.cpuUsage(), 0];
const warm = Math.floor(Number(frames) / 10);
for (let frame = 1; frame <= Number(frames); frame++) {
  if (frame === warm) {
    memory = await kept();
    [began, cpu] = [frame, process.cpuUsage()];
  }
  const start = performance.now();
  follow(sweep.advance(half), frame * half);
  ink.rerender(app());
  times.push(performance.now() - start);
  // Effects, and the rest of Ink's throttled writes.
  if (frame % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
}
const used = process.cpuUsage(cpu);
const grown = (await kept()) - memory;
const seconds = ((Number(frames) - began) * half) / 1000;
const frameSeconds = (used.user + used.system) / 1e6 / (Number(frames) - began);
// As the dashboard paces its frames.
const pause = Math.min(2, Math.max(0.5, frameSeconds / 0.03));
const sorted = times.slice(began).sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({
    // Of a core: at two frames a second, and at as many as are drawn.
    share: 2 * frameSeconds,
    paced: frameSeconds / pause,
    framesPerSecond: 1 / pause,
    milliseconds: sorted[Math.floor(sorted.length / 2)],
    megabytesPerHour: (grown / 1e6 / seconds) * 3600,
    bytesPerFrame: written / Number(frames),
  })}\n`,
);
process.exit(0);
