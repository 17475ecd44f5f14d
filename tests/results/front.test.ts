import { join } from 'node:path';
import { expect, it } from 'vitest';
import { frontMap } from '../../src/cli/dashboard/components/front.js';
import { newTrial } from '../../src/cli/dashboard/state/trial.js';
import { plainSweepReporter } from '../../src/cli/reporters/sweep-plain.js';
import { sweepReport } from '../../src/results/report/report.js';
import { rankedSettings, settingName } from '../../src/results/settings.js';
import { readTrialTable } from '../../src/results/sweep-table.js';
import { resolveSweep } from '../../src/results/table-subject.js';
import { SweepFollower } from '../../src/results/watch/sweep-follower.js';
import { frontOf } from '../../src/sweep/sweep-front.js';
import { builtinWords } from '../../src/words/words.js';
import { aedsl, recordedConsole } from '../cli/recorded-console.js';
import { inFolder } from '../runtime/store/sample-run.js';
import { sweepDatabase, threeSettings } from '../sweep/sweep-database.js';

const first = { metric: 'validation.loss', goal: 'min', of: 'last' } as const;
const opposed = [{ metric: 'train.loss', goal: 'max' }] as const;
const search = JSON.stringify({
  method: 'tpe',
  seed: 1,
  lag: 4,
  points: 5,
  seeds: [1, 2],
  axes: [{ name: 'rho', range: { word: 'uniform', from: 0, to: 1 } }],
});

it('a front has what nothing beats by the means of the seeds, and nothing that lacks an objective', () => {
  const objectives = [first, { metric: 'test.knn', goal: 'max' }] as const;
  const metrics = (loss: number, knn: number) => ({ 'validation.loss': loss, 'test.knn': knn });
  const groups = [[metrics(1, 0.5), metrics(3, 0.7)], [metrics(2.1, 0.6)], [metrics(3, 0.9)], [{ 'test.knn': 1 }], []];
  expect(frontOf(groups, objectives)).toEqual([0, 2]);
});

it('tables, JSON, CSV, the report and watch have the front of a sweep with two objectives', () =>
  inFolder(async (folder) => {
    const sweep = { trials: threeSettings(2), objective: first, moreObjectives: opposed, search };
    const same = { ...sweep, moreObjectives: [{ metric: 'test.sse', goal: 'min' } as const], search: null };
    const store = await sweepDatabase(folder, [sweep, same]);
    const table = readTrialTable(store, ['s2'], { words: builtinWords });
    expect([...(table.front?.settings ?? [])].map(settingName)).toEqual(['rho=0.3']);
    expect(table).toMatchObject({ best: null, also: ['test.sse'] });
    const opposing = readTrialTable(store, ['s1'], { words: builtinWords });
    expect(opposing.front?.settings.size).toBe(3);
    expect(rankedSettings(table).map(settingName)).toEqual(['rho=0.3', 'rho=0.2', 'rho=0.1']);
    const html = await sweepReport(store, resolveSweep(store, 's2'), { words: builtinWords });
    expect(html).toContain('1 of 3 settings');
    expect(html).toContain('aria-label="Pareto front"');
    const [started] = new SweepFollower(store, 's1', 'ranking').poll();
    expect(started).toMatchObject({
      event: 'started',
      moreObjectives: opposed,
      search: { method: 'tpe', lag: 4, trials: 10 },
      trials: [{ ended: { metrics: { 'validation.loss': 0.91, 'train.loss': 2.4 } } }, {}, {}, {}, {}, {}],
    });
    const trials = started?.event === 'started' ? started.trials : [];
    const dots = trials.map(newTrial);
    const drawn = frontMap(dots, [first, ...opposed], 3, { width: 60, height: 14 }).map((line) =>
      line.map(({ text }) => text).join(''),
    );
    expect(drawn.join('\n')).toMatch(/●[^◆]*◆[^●]*●|◆/);
    expect(drawn.at(-1)).toContain('Pareto front (6)');
    store.close();
    const database = join(folder, 'results.db');
    const { out: csv } = await aedsl('ls', 's2', '--csv', '--db', database);
    expect(csv.split('\n')[0]).toMatch(/,front,best$/);
    expect(csv.match(/,true,false$/gm)).toHaveLength(2);
    const { out: json } = await aedsl('ls', 's2', '--json', '--db', database);
    const lines = json.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).front)).toEqual([false, false, false, false, true, true]);
    const { out: page } = await aedsl('show', 's1', '--db', database);
    expect(page).toMatch(/^ +search +tpe, 10 trials, lag 4$/m);
    expect(page).toContain(
      'Pareto front: 3 settings that no other beats in all of validation.loss (lower is better), train.loss (higher is better)',
    );
  }));

it('the record of a search says how it goes on, and ends with the front', () => {
  const { console, out } = recordedConsole();
  const listener = plainSweepReporter(console, () => 0);
  const trial = (number: number) =>
    ({ trial: number, parameters: { rho: number }, seed: 1, identity: '', state: 'queued', runId: null }) as const;
  const about = { name: 'sparse', experiment: 'sparse', backend: 'simd', data: 'mnist', comparable: 'loss' } as const;
  listener({
    event: 'started',
    of: 'sweep',
    id: 's1',
    ...about,
    axes: [{ name: 'rho', values: [0, 1] }],
    trials: [trial(0)],
    objective: first,
    moreObjectives: opposed,
    search: { method: 'tpe', lag: 1, trials: 30 },
    jobs: 1,
    threads: 1,
  });
  listener({ event: 'trials_added', trials: [trial(1)] });
  const metrics = { 'validation.loss': 0.25, 'train.loss': 3, 'test.sse': 9 };
  const ended = { runId: 'r2', reason: null, weightsSha256: 'cafe'.repeat(16), metrics };
  listener({ event: 'trial_state', trial: 1, state: 'complete', ...ended });
  const found = { differing: [], unevaluated: [], seconds: 2 };
  listener({ event: 'ended', id: 's1', status: 'complete', counts: { complete: 2 }, best: null, front: [1], ...found });
  expect(out().trimEnd().split('\n')).toEqual([
    's1 · sparse · 30 trials by tpe, lag 1 · mnist · simd · 1 at a time',
    '1  rho=1 seed=1  complete  r2  validation.loss 0.25  weights cafecafecafe',
    '2 complete in 2 s',
    'Pareto front: 1 trial',
    '  trial 1  rho=1 seed=1  validation.loss 0.25  train.loss 3',
  ]);
});
