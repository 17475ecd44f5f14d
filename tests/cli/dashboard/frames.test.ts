import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduce } from '../../../src/cli/dashboard/state/reduce.js';
import { initialState, views } from '../../../src/cli/dashboard/state/state.js';
import { summaryText } from '../../../src/cli/dashboard/summary.js';
import { drawn, following, inTheMiddle, laidOut, press, screenOf, type } from './screens.js';
import { recordedSweep, SimulatedSweep, smallSweep } from './simulated-sweep.js';

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 250, rows: 70 },
] as const;

describe.each(sizes)('at $columns×$rows', (size) => {
  it.each(views)('the view %s', async (view) => {
    const state = press(inTheMiddle(size), 'j', String(views.indexOf(view) + 1));
    const screen = screenOf(state);
    await expect(`${screen.map((row) => row.trimEnd()).join('\n')}\n`).toMatchFileSnapshot(
      `frames/${view}-${size.columns}x${size.rows}.txt`,
    );
  });
});

const smallSize = { columns: 80, rows: 24 } as const;
const log = recordedSweep({ ...smallSweep, seeds: 1, stepsPerEpoch: 50, epochs: 3 });
const keys = [...'jkgGaAbmMLezZ0hlnNsS/pxRP+-?q1234567 y', 'enter', 'escape', 'tab', 'ctrl-d', 'backspace', 'ctrl-u'];

describe('any screen', () => {
  it('fills the terminal exactly, whatever its size, the events and the keys', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 260 }),
        fc.integer({ min: 1, max: 80 }),
        fc.array(fc.oneof(fc.constantFrom(...keys), fc.integer({ min: 0, max: log.length - 1 })), { maxLength: 40 }),
        (columns, rows, steps) => {
          let state = reduce(initialState('sweep', { columns, rows }, 0), { kind: 'connected' });
          for (const step of steps) {
            const at = typeof step === 'number' ? log[step] : undefined;
            if (typeof step === 'string') state = press(state, step);
            else if (at) state = reduce(state, { kind: 'event', event: at.event, now: at.at });
          }
          expect(screenOf(state)).toHaveLength(rows);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('says so when the terminal is too small', () => {
    expect(screenOf(inTheMiddle({ columns: 38, rows: 9 }))[0]).toMatch(/^the dashboard needs 40×10/);
  });

  it('has no colour with NO_COLOR, but says what is selected', () => {
    const text = drawn(inTheMiddle(smallSize), { NO_COLOR: '1' });
    expect(text).not.toMatch(/\[[34]8;/);
    expect(text).toContain('\x1b[7m');
  });

  it.each([
    [{ COLORTERM: 'truecolor' }, '[38;2;86;180;233m'],
    [{ TERM: 'xterm' }, '[38;5;'],
  ])('has the colours of the terminal: %j', (env, sequence) => {
    expect(drawn(inTheMiddle(smallSize), env)).toContain(sequence);
  });

  it('shows what names hold without letting it move the cursor', () => {
    const state = inTheMiddle(smallSize);
    const named = reduce(state, {
      kind: 'event',
      event: { event: 'note', trial: null, text: 'a\x1b[2Jb\nc 漢字' },
      now: 9000,
    });
    expect(screenOf(press(named, '7')).join('\n')).toContain('a [2Jb c 漢字');
    expect(drawn(press(named, '7'), null)).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe('a sweep with two objectives', () => {
  const about = { of: 'sweep', id: 's1', name: 'vae', experiment: 'vae', backend: 'simd', data: 'mnist' } as const;
  const points = [
    [1, 9],
    [2, 4],
    [3, 5],
    [6, 1],
  ] as const;
  const trials = points.map(([sse, kl], trial) => ({
    trial,
    parameters: { beta: trial },
    seed: 1,
    identity: '',
    state: 'complete' as const,
    runId: `r${trial + 1}`,
    ended: { reason: null, metrics: { 'validation.sse': sse, 'validation.loss.kl': kl } },
  }));
  const state = following(
    initialState('sweep', smallSize, 0),
    {
      event: 'started',
      ...about,
      axes: [{ name: 'beta', values: [0, 1, 2, 3] }],
      trials,
      objective: { metric: 'validation.sse', goal: 'min', of: 'last' },
      moreObjectives: [{ metric: 'validation.loss.kl', goal: 'min' }],
      comparable: 'loss',
      jobs: 1,
      threads: 1,
    },
    {
      event: 'ended',
      id: 's1',
      status: 'complete',
      counts: { complete: 4 },
      best: null,
      front: [0, 1, 3],
      differing: [],
      unevaluated: [],
      seconds: 5,
    },
  );

  it('has its front in the map, in colour', async () => {
    const frame = drawn(press(state, '6'), { COLORTERM: 'truecolor' }).replaceAll('\x1b', '␛');
    await expect(`${frame}\n`).toMatchFileSnapshot('frames/front-80x24.txt');
  });

  it('leaves its front with its values', () => {
    const text = summaryText(state)
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd().split(/ {2,}/));
    expect(text.slice(1)).toEqual([
      ['Pareto front: 3 trials'],
      ['#', 'beta', 'seed', 'validation.sse', 'validation.loss.kl', 'run'],
      ...[0, 1, 3].map((i) => [i, i, 1, ...(points[i] ?? []).map((value) => `${value}.000`), `r${i + 1}`].map(String)),
    ]);
  });
});

describe('a text that is longer than its pane', () => {
  it('scrolls to its end and back', () => {
    const trial = laidOut(press(inTheMiddle(smallSize), '3'));
    const end = press(trial, 'G');
    expect(screenOf(end).join('\n')).toContain('its run is not stored yet');
    expect(screenOf(end)[3]).toMatch(/j k {2}100%/);
    expect(screenOf(press(end, 'k'))[3]).not.toContain('100%');
    expect(screenOf(press(end, 'g'))).toEqual(screenOf(trial));
  });
});

describe('a single trial', () => {
  it('has its curves, its numbers and its pictures at once, and no table', () => {
    const sweep = new SimulatedSweep({ ...smallSweep, rho: [0.01], beta: [1], seeds: 1 });
    const events = [...sweep.start(), ...sweep.advance(3000)];
    const size = { columns: 120, rows: 40 };
    const state = following(initialState('sweep', size, 0), ...events);
    const screen = screenOf(state).join('\n');
    const titles = ['─ loss ─', '─ trial 0 ─', '─ pictures of trial 0 ─'];
    for (const title of titles) expect(screen).toContain(title);
    expect(screen).not.toContain('─ trials ─');
    const small = screenOf({ ...state, size: smallSize }).join('\n');
    for (const title of titles) expect(small).toContain(title);
  });
});

it('a trial that ended without weights has no line for them', () => {
  const state = inTheMiddle(smallSize);
  const shown = (weightsSha256: string) =>
    screenOf({ ...press(state, '3'), trials: state.trials.map((trial) => ({ ...trial, weightsSha256 })) }).join('\n');
  expect(shown('0123')).toContain('weights');
  expect(shown('')).not.toContain('weights');
});

describe('a chart', () => {
  const chart = (...pressed: readonly string[]) => screenOf(press(inTheMiddle(smallSize), ...pressed)).join('\n');

  it('says which scale, smoothing and part it shows', () => {
    expect(chart('L', 'e', 'z', 'z')).toContain('log · smooth 0.6 · zoom 4×');
  });

  it('goes through all metrics', () => {
    const first = chart('2');
    expect(chart('2', 'm')).not.toBe(first);
    expect(chart('2', 'm', 'M')).toBe(first);
  });

  it('draws mean and interval of the seeds of a setting', () => {
    expect(chart('b')).toContain('mean, 95% interval');
    expect(type(inTheMiddle(smallSize), 'b').ui.grouped).toBe(true);
  });
});
