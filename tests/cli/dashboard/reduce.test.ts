import { describe, expect, it } from 'vitest';
import { seedBand } from '../../../src/cli/dashboard/drawing/seed-band.js';
import { ranking, settingSummary } from '../../../src/cli/dashboard/state/metrics.js';
import { sweepSecondsLeft, sweepShare } from '../../../src/cli/dashboard/state/progress.js';
import { reduce } from '../../../src/cli/dashboard/state/reduce.js';
import { rowsOf } from '../../../src/cli/dashboard/state/rows.js';
import { type DashboardState, initialState, type Request } from '../../../src/cli/dashboard/state/state.js';
import { epochOf } from '../../../src/cli/dashboard/state/trial.js';
import { summaryText } from '../../../src/cli/dashboard/summary.js';
import type { JournalEvent, TrainingEvent, TrialState } from '../../../src/runtime/events.js';
import { following, inTheMiddle, press, screenOf, type } from './screens.js';
import { recordedSweep, SimulatedSweep, smallSweep } from './simulated-sweep.js';

const size = { columns: 120, rows: 40 } as const;
const middle = inTheMiddle(size);
const order = (state: DashboardState) => rowsOf(state).rows.map(({ trial }) => trial.trial);
const asked = (state: DashboardState): readonly Request[] => state.outbox;

function atTheEnd(): DashboardState {
  return inTheMiddle(size, Number.POSITIVE_INFINITY);
}

describe('events', () => {
  it('make the state of every trial', () => {
    expect(middle.trials.map(({ state }) => state)).toEqual([
      ...['complete', 'complete', 'complete', 'complete', 'running', 'running'],
      ...new Array(6).fill('queued'),
    ]);
    const trial = middle.trials[4];
    expect(trial?.stepsDone).toBe(trial?.stage?.steps);
    expect(trial?.epochs.get('validation.loss')?.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  it('never change a state that was there before', () => {
    const before = JSON.stringify(middle.trials.map(({ state, stepsDone }) => [state, stepsDone]));
    press(following(middle, ...recordedSweep(smallSweep).map(({ event }) => event)), 'j', ' ', 'b');
    expect(JSON.stringify(middle.trials.map(({ state, stepsDone }) => [state, stepsDone]))).toBe(before);
  });

  it('give the same state again when they are the same', () => {
    expect(inTheMiddle(size)).toEqual(middle);
  });

  it('add trials for added seeds', () => {
    const sweep = new SimulatedSweep(smallSweep);
    const state = following(initialState('sweep', size, 0), ...sweep.start());
    const more = following(state, ...sweep.act({ do: 'add_seeds', trial: 4, seeds: 2 }));
    expect(more.trials.slice(12).map(({ trial, parameters, seed }) => [trial, parameters, seed])).toEqual([
      [12, { rho: 0.01, beta: 5 }, 4],
      [13, { rho: 0.01, beta: 5 }, 5],
    ]);
  });

  it('turn the ranking to the error where losses cannot be compared', () => {
    const ended = atTheEnd();
    const unnamed = { ...ended, sweep: ended.sweep && { ...ended.sweep, objective: null } };
    expect(ranking(unnamed).metric).toBe('validation.loss');
    const sse = ranking(following(unnamed, { event: 'comparable', comparable: 'sse' })).metric;
    expect(sse).toMatch(/\.(sse|mse)$/);
  });

  it('begin the curves anew when a trial is restarted', () => {
    const restarted = following(middle, {
      event: 'trial_state',
      trial: 0,
      state: 'queued',
      runId: null,
      reason: null,
      weightsSha256: null,
      metrics: null,
    });
    expect(restarted.trials[0]?.steps.size).toBe(0);
    expect(restarted.trials[0]?.stepsDone).toBe(0);
  });

  it('tell the speed of a trial, also when they waited for each other or it goes on from a checkpoint', () => {
    const at = (now: number, training: TrainingEvent) =>
      ({ kind: 'event', event: { ...training, trial: 6 }, now }) as const;
    const stage = { event: 'stage_started', stage: 'train', epochs: 8, stepsPerEpoch: 200 } as const;
    const steps = (firstStep: number, count: number): TrainingEvent => ({
      event: 'steps',
      stage: 'train',
      firstStep,
      series: { loss: new Float32Array(count) },
    });
    // The first update takes 3 s, and says nothing of those that follow.
    let state = reduce(reduce(middle, at(0, stage)), at(3000, steps(1000, 1)));
    expect(state.trials[6]?.stepsPerSecond).toBeNull();
    state = reduce(state, at(3500, steps(1001, 49)));
    expect(state.trials[6]?.stepsPerSecond).toBeCloseTo(98, 6);
    // A short measurement is soon outweighed.
    state = reduce(state, at(5500, steps(1050, 240)));
    expect(state.trials[6]?.stepsPerSecond).toBeCloseTo(289 / 2.5, 6);
    for (const [now, first] of [
      [5900, 1290],
      [5900.1, 1310],
      [6500, 1340],
    ] as const) {
      state = reduce(state, at(now, steps(first, first === 1290 ? 20 : first === 1310 ? 30 : 50)));
      expect(state.trials[6]?.stepsPerSecond).toBeGreaterThan(80);
      expect(state.trials[6]?.stepsPerSecond).toBeLessThan(120);
    }
    expect(state.trials[6]?.stepsDone).toBe(1390);
  });

  it('tell how much is done and how long it takes', () => {
    // Four of twelve trials are complete, two are in their third epoch of eight.
    expect(sweepShare(middle)).toBeGreaterThan(4 / 12);
    expect(sweepShare(middle)).toBeLessThan(6 / 12);
    const left = 6 * 1600 + 2 * 1600 - (middle.trials[4]?.stepsDone ?? 0) - (middle.trials[5]?.stepsDone ?? 0);
    expect(sweepSecondsLeft(middle)).toBeCloseTo(left / 800, 0);
  });
});

describe('a run', () => {
  const started = (id: string | null): JournalEvent => ({
    event: 'started',
    of: 'run',
    id,
    name: 'small',
    experiment: 'small',
    backend: 'simd',
    data: 'digits',
    axes: [],
    trials: [{ trial: 0, parameters: {}, seed: 1, identity: 'abcd', state: 'running', runId: id }],
    objective: null,
    comparable: 'loss',
    jobs: 1,
    threads: 2,
  });
  const became = (state: TrialState): JournalEvent => ({
    event: 'trial_state',
    trial: 0,
    state,
    runId: 'r1',
    reason: null,
    weightsSha256: null,
    metrics: null,
  });
  const connected = reduce(initialState('sweep', { columns: 120, rows: 40 }, 0), { kind: 'connected' });
  const kept = following(connected, started('r1'));
  const footer = (state: DashboardState) => screenOf(state).at(-1)?.trim();

  it('shows the keys that it has, and pauses and goes on by one', () => {
    expect(footer(kept)).toBe('m metric  L log  z zoom  p pause  x stop  ? help  q quit');
    expect(press(kept, 'p').outbox).toEqual([{ kind: 'act', action: { do: 'pause', trial: 0 } }]);
    const paused = following(kept, became('paused'));
    expect(footer(paused)).toContain('p resume  x stop');
    expect(press(paused, 'p').outbox).toEqual([{ kind: 'act', action: { do: 'resume', trial: 0 } }]);
    expect(footer(press(kept, 'x'))).toMatch(/^stop the run\?/);
    expect(press(kept, 'x', 'y').outbox).toEqual([{ kind: 'act', action: { do: 'stop', trial: 0 } }]);
    expect(footer(press(kept, 'q'))).toMatch(/^stop the run\? what was done is kept, and `aedsl resume` continues it/);
    expect(screenOf(press(kept, '?')).join('\n')).not.toContain('more seeds of its setting');
  });

  it('says why the keys of a sweep do nothing, and those of one that is not kept', () => {
    for (const key of ['+', '-', 'A', 'R', 'P']) {
      const pressed = press(kept, key);
      expect(pressed.outbox).toEqual([]);
      expect(footer(pressed)).toBe('this is a run of one trial; `aedsl sweep` trains several');
    }
    const unkept = following(connected, started(null));
    expect(footer(unkept)).toBe('m metric  L log  z zoom  x stop  ? help  q quit');
    expect(footer(press(unkept, 'p'))).toBe('a run that is not kept has no checkpoint to resume from');
    expect(footer(press(unkept, 'q'))).toMatch(/^stop the run\? nothing is kept/);
  });
});

describe('keys', () => {
  it('move the selection within the table', () => {
    expect(press(middle, 'j', 'down', 'k').ui.selected).toBe(1);
    expect(press(middle, 'G').ui.selected).toBe(11);
    expect(press(middle, 'G', 'j', 'g', 'up').ui.selected).toBe(0);
  });

  it('filter while they are typed, and take it back with escape', () => {
    const typing = type(middle, '/rho=0.05');
    expect(order(typing)).toEqual([6, 7, 8, 9, 10, 11]);
    expect(order(press(typing, 'escape'))).toHaveLength(12);
    const kept = press(typing, 'enter');
    expect(kept.ui.selected).toBe(6);
    expect(order(press(kept, 'escape'))).toHaveLength(12);
  });

  it('do not close a filter that is wrong', () => {
    expect(press(type(middle, '/nothing<1'), 'enter').ui.prompt?.kind).toBe('filter');
  });

  it('sort by the next column, what has no value last in both directions', () => {
    const byBest = { ...middle, ui: { ...middle.ui, sort: { column: 'best', descending: false } } };
    const up = order(byBest).slice(0, 6);
    const down = order(press(byBest, 'S')).slice(0, 6);
    expect(down).toEqual(up.toReversed());
    expect(order(byBest).slice(6)).toEqual([6, 7, 8, 9, 10, 11]);
    expect(press(middle, 's').ui.sort.column).toBe('status');
  });

  it('take the seeds of a setting together', () => {
    const grouped = rowsOf(press(middle, 'b')).rows;
    expect(grouped.map(({ replicates }) => replicates.map(({ seed }) => seed))).toEqual(new Array(4).fill([1, 2, 3]));
  });

  it('mark trials for the charts', () => {
    expect([...press(middle, ' ', ' ').ui.marked]).toEqual([0, 1]);
    expect(press(middle, 'a').ui.marked.size).toBe(12);
    expect(press(middle, 'a', 'a').ui.marked.size).toBe(0);
  });

  it('zoom and move within the whole', () => {
    const { from, to } = press(middle, 'z', 'z', 'left').ui.chart;
    expect([from, to]).toEqual([0.6875, 0.9375]);
    const whole = press(middle, 'z', 'Z', 'Z').ui.chart;
    expect([whole.from, whole.to]).toEqual([0, 1]);
  });
});

describe('control', () => {
  it.each([
    ['p', [{ kind: 'act', action: { do: 'pause', trial: 4 } }]],
    ['+', [{ kind: 'act', action: { do: 'jobs', jobs: 3 } }]],
    ['-', [{ kind: 'act', action: { do: 'jobs', jobs: 1 } }]],
  ] as const)('%s asks the sweep', (key, requests) => {
    const selected = { ...middle, ui: { ...middle.ui, selected: 4 } };
    expect(asked(press(selected, key))).toEqual(requests);
  });

  it('stops a trial only after a yes', () => {
    const selected = { ...middle, ui: { ...middle.ui, selected: 5 } };
    expect(asked(press(selected, 'x', 'n'))).toEqual([]);
    expect(asked(press(selected, 'x', 'y'))).toEqual([{ kind: 'act', action: { do: 'stop', trial: 5 } }]);
  });

  it('adds as many seeds as are written', () => {
    expect(asked(press(type(middle, 'A12'), 'enter'))).toEqual([
      { kind: 'act', action: { do: 'add_seeds', trial: 0, seeds: 12 } },
    ]);
    expect(asked(press(type(middle, 'A0'), 'enter'))).toEqual([]);
  });

  it('prioritises what waits and restarts what is over', () => {
    const queued = { ...middle, ui: { ...middle.ui, selected: 9 } };
    expect(asked(press(queued, 'P'))).toEqual([{ kind: 'act', action: { do: 'prioritise', trial: 9 } }]);
    expect(asked(press(middle, 'P'))).toEqual([]);
    expect(asked(press(middle, 'R', 'y'))).toEqual([{ kind: 'act', action: { do: 'restart', trial: 0 } }]);
  });

  it('is refused where the sweep is only watched', () => {
    const watching = { ...middle, mode: 'watch' as const };
    const refused = press(watching, 'x');
    expect(asked(refused)).toEqual([]);
    expect(refused.ui.message?.text).toContain('read only');
    expect(asked(press(watching, 'q'))).toEqual([{ kind: 'quit' }]);
  });

  it('interrupts with the first ctrl-c and leaves with the second', () => {
    expect(asked(press(middle, 'ctrl-c', 'ctrl-c'))).toEqual([{ kind: 'interrupt' }, { kind: 'leave_now' }]);
    expect(asked(press(middle, 'q', 'y'))).toEqual([{ kind: 'interrupt' }]);
    expect(asked(press(atTheEnd(), 'q'))).toEqual([{ kind: 'quit' }]);
  });

  it('takes requests out when they were sent', () => {
    expect(reduce(press(middle, '+'), { kind: 'sent', count: 1 }).outbox).toEqual([]);
  });
});

describe('the summary', () => {
  it('says how it ended, and the best trials first', () => {
    const text = summaryText(atTheEnd()).split('\n');
    expect(text[0]).toBe('s3 · sparse · complete in 24 s: 12 complete');
    const scores = text.slice(2, 7).map((row) => Number(row.trim().split(/\s{2,}/)[5]));
    expect(scores).toEqual(scores.toSorted((a, b) => a - b));
  });
});

describe('what is said', () => {
  const start = (trials: number, jobs: number): DashboardState =>
    following(initialState('sweep', size, 0), {
      event: 'started',
      of: 'sweep',
      id: 's1',
      name: 'short',
      experiment: 'short',
      backend: 'simd',
      data: 'digits',
      axes: [],
      trials: Array.from({ length: trials }, (_, trial) => ({
        trial,
        parameters: { beta: trial < 3 ? 1 : 2 },
        seed: 1 + (trial % 3),
        identity: '',
        state: 'queued',
        runId: null,
      })),
      objective: null,
      comparable: 'loss',
      jobs,
      threads: 1,
    });
  const at = (state: DashboardState, now: number, ...events: readonly JournalEvent[]) =>
    events.reduce((before, event) => reduce(before, { kind: 'event', event, now }), state);
  const becomes = (trial: number, state: TrialState): JournalEvent => ({
    event: 'trial_state',
    trial,
    state,
    runId: `r${trial + 1}`,
    reason: null,
    weightsSha256: null,
    metrics: null,
  });
  const trains = (trial: number, training: TrainingEvent): JournalEvent => ({ ...training, trial });
  const begins = (trial: number) => [
    trains(trial, {
      event: 'trial_started',
      experiment: 'short',
      seed: 1,
      backend: 'simd',
      examples: { train: 100, validation: 10, test: 10 },
      parameters: 5,
      stages: [{ stage: 'train', epochs: 4, steps: 40 }],
      targets: {},
    }),
    trains(trial, { event: 'stage_started', stage: 'train', epochs: 4, stepsPerEpoch: 10 }),
  ];
  const epoch = (trial: number, number: number, loss: number) => [
    trains(trial, {
      event: 'steps',
      stage: 'train',
      firstStep: 10 * (number - 1),
      series: { loss: new Float32Array(10).fill(loss) },
    }),
    trains(trial, {
      event: 'epoch',
      stage: 'train',
      epoch: number,
      metrics: { 'train.loss': loss },
      stepsPerSecond: 200,
    }),
  ];

  it('of the time left counts starting, evaluating and drawing', () => {
    // A trial takes 0.2 s of updates and 1.8 s of everything else, the first of them 4 s longer.
    let state = start(12, 1);
    let now = 0;
    for (let trial = 0; trial < 4; trial++) {
      state = at(state, now, becomes(trial, 'running'));
      now += trial === 0 ? 5000 : 1000;
      state = at(state, now, ...begins(trial));
      for (let number = 1; number <= 4; number++) {
        now += 50;
        state = at(state, now, ...epoch(trial, number, 1 / number));
      }
      now += 800;
      state = at(state, now, becomes(trial, 'complete'));
    }
    state = at(state, now, becomes(4, 'running'));
    expect(sweepSecondsLeft(state)).toBeCloseTo(8 * 2, 0);
    // After the first trial, the 5 s before its updates are not expected of the others.
    const once = at(at(start(12, 1), 0, becomes(0, 'running')), 5000, ...begins(0));
    const updated = [1, 2, 3, 4].reduce((so, number) => at(so, 5000 + 50 * number, ...epoch(0, number, 1)), once);
    const second = at(at(updated, 6000, becomes(0, 'complete')), 6000, becomes(1, 'running'));
    expect(sweepSecondsLeft(second)).toBeCloseTo(11 * 1, 0);
    const two = at(state, now, { event: 'jobs', jobs: 2 }, becomes(5, 'running'));
    expect(sweepSecondsLeft(two)).toBeCloseTo(4 * 2, 0);
    // What a trial spends beside its updates goes by.
    expect(sweepSecondsLeft(at(state, now + 1000, ...begins(4)))).toBeCloseTo(8 * 2 - 1, 0);
  });

  it('of a setting averages seeds that were trained to their end, and curves as far as all have come', () => {
    let state = at(start(6, 3), 0, becomes(0, 'running'), becomes(1, 'running'), becomes(2, 'running'));
    for (const trial of [0, 1, 2]) state = at(state, 10, ...begins(trial));
    for (const number of [1, 2, 3, 4]) state = at(state, 20, ...epoch(0, number, 5 - number));
    state = at(state, 20, ...epoch(1, 1, 8), ...epoch(1, 2, 7), ...epoch(2, 1, 9));
    const setting = state.trials.slice(0, 3);
    const objective = ranking(state);
    expect(settingSummary(setting, objective)).toMatchObject({ values: [], summary: null });
    state = at(state, 30, becomes(0, 'complete'));
    expect(settingSummary(state.trials.slice(0, 3), objective)).toMatchObject({ values: [1], best: 1 });
    expect(screenOf(press({ ...state, size }, 'b')).join('\n')).toMatch(/ 1\/3 +1\.000 /);
    const band = seedBand(state.trials.slice(0, 3), 'train.loss');
    expect([...(band?.points.x ?? [])]).toEqual([1]);
    expect(band?.points.mean[0]).toBeCloseTo((4 + 8 + 9) / 3, 5);
    // One that a rung decided against holds nobody back.
    state = at(state, 40, becomes(2, 'pruned'));
    const further = seedBand(state.trials.slice(0, 3), 'train.loss');
    expect([...(further?.points.x ?? [])]).toEqual([1, 2]);
    expect(further?.points.mean[1]).toBeCloseTo((3 + 7) / 2, 5);
  });

  it('of an epoch that a rung ended a trial after is not that it was in the next', () => {
    let state = at(start(1, 1), 0, becomes(0, 'running'), ...begins(0), ...epoch(0, 1, 1));
    expect(state.trials.map(epochOf)).toEqual([{ epoch: 2, of: 4 }]);
    state = at(state, 10, becomes(0, 'pruned'));
    expect(state.trials.map(epochOf)).toEqual([{ epoch: 1, of: 4 }]);
  });

  it('of workers adds up those that train', () => {
    const report = (worker: number, trial: number): JournalEvent => ({
      event: 'worker',
      worker,
      trial,
      stepsPerSecond: 100,
      bytes: 5e7,
    });
    let state = at(start(3, 2), 0, becomes(0, 'running'), becomes(1, 'running'), report(0, 0), report(1, 1));
    expect(state.workers.map(({ trial }) => trial)).toEqual([0, 1]);
    state = at(state, 10, becomes(0, 'complete'));
    expect(state.workers).toMatchObject([
      { trial: null, stepsPerSecond: null, bytes: 0 },
      { trial: 1, stepsPerSecond: 100 },
    ]);
    state = at(state, 20, becomes(2, 'running'), report(0, 2), becomes(1, 'complete'));
    expect(state.workers).toMatchObject([{ trial: 2, stepsPerSecond: 100 }]);
  });

  it('of a trial that has ended promises nothing more', () => {
    const running = at(start(1, 1), 0, becomes(0, 'running'), ...begins(0));
    const trialView = (state: DashboardState) => screenOf(press({ ...state, size }, '3')).join('\n');
    expect(trialView(running)).toContain('diagnostics come after the first epoch');
    const trained = at(running, 100, ...[1, 2, 3, 4].flatMap((number) => epoch(0, number, 1)));
    expect(trialView(trained)).toContain('evaluating');
    expect(screenOf({ ...trained, size })[1]).toContain(' 99% ');
    const ended = trialView(at(trained, 200, becomes(0, 'complete')));
    expect(ended).not.toContain('diagnostics come');
    expect(ended).not.toContain('evaluating');
  });
});
