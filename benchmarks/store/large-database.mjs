// How fast a large database answers: `node benchmarks/store/large-database.mjs [trials] [steps per trial]`, after a build.
// Builds it synthetically in a temporary folder through the store's own writers, then measures and prints the query plans.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from '../../dist/src/runtime/store/store.js';

const [trials, steps] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1000)];
const epochs = 100;
const metrics = [
  'train.loss',
  'train.mse',
  'train.sse',
  'validation.loss',
  'validation.mse',
  'validation.sse',
  'a',
  'b',
  'c',
  'd',
];
const series = ['loss', 'mse', 'sse', 'gradient_norm', 'lr'];
const folder = mkdtempSync(join(tmpdir(), 'aedsl-large-'));
const path = join(folder, 'results.db');
const text = (name) => ({ sha256: name, json: '{}' });

const store = await openStore(path, { mode: 'write', command: 'benchmark' });
const described = Array.from({ length: trials }, (_, i) => ({
  parameters: { rate: i / trials },
  seed: (i % 5) + 1,
  identity: i.toString(16).padStart(64, '0'),
  recipe: `{"params":["rate=${i / trials}"]}`,
}));
const sweep = store.startSweep({
  name: 'large',
  experiment: 'large',
  file: null,
  backend: 'simd',
  axes: [{ name: 'rate', values: [] }],
  objective: { metric: 'validation.loss', goal: 'min', of: 'best' },
  pruning: null,
  command: 'benchmark',
  trials: described,
});
const values = Object.fromEntries(
  series.map((name) => [name, Float32Array.from({ length: steps }, (_, i) => 1 / (i + 1))]),
);
let seconds = 0;
for (const [trial, { identity, seed, recipe, parameters }] of described.entries()) {
  const run = store.startRun({
    experiment: 'large',
    file: null,
    source: recipe,
    identity,
    ir: text(identity),
    seed,
    backend: 'simd',
    numerics: '1',
    data: { name: 'digits', sha256: 'd' },
    environment: '{}',
    parameters: [{ name: 'rate', value: parameters.rate, origin: 'given' }],
    trialOf: { sweep: sweep.id, trial },
  });
  const examples = { train: 1, validation: 1, test: 0 };
  const stages = [{ stage: 'train', epochs, steps }];
  run.record({ event: 'trial_started', experiment: 'large', seed, backend: 'simd', examples, parameters: 1, stages });
  const began = performance.now();
  run.record({ event: 'steps', stage: 'train', firstStep: 0, series: values });
  store.flush();
  seconds += (performance.now() - began) / 1000;
  // One event for all epochs' metrics would be a lie about the rows; one commit for them is not.
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const measured = Object.fromEntries(metrics.map((name) => [name, 1 / epoch + trial]));
    run.record({ event: 'epoch', stage: 'train', epoch, metrics: measured, stepsPerSecond: 1 });
  }
  run.record({
    event: 'trial_done',
    status: 'complete',
    metrics: {},
    weightsSha256: 'w',
    divergence: null,
    seconds: 1,
  });
  run.finish();
  sweep.change({ trial, state: 'complete', reason: null, runId: run.id, objective: { value: trial, epoch: 1 } });
}
sweep.finish('complete');
store.close();
const rows = trials * epochs * metrics.length;
const stepValues = trials * steps * series.length;
print(
  `${trials} trials, ${rows} rows of metrics, ${stepValues} step values: ${Math.round(statSync(path).size / 1e6)} MB`,
);
print(
  `step values written at ${Math.round(stepValues / seconds / 1e3) / 1e3} million a second, a commit for each trial`,
);

const reader = await openStore(path, { mode: 'read' });
const questions = {
  'sweeps()': () => reader.sweeps(50),
  "sweep('large')": () => reader.sweep('large'),
  'sweepTrials (all)': () => reader.sweepTrials('s1'),
  'listRuns(50)': () => reader.listRuns({ limit: 50 }),
  findRun: () => reader.findRun(`r${trials}`),
  'readEpochs (one run)': () => reader.readEpochs(`r${trials >> 1}`),
  'readSeries (one run)': () => reader.readSeries(`r${trials >> 1}`, 'train', 'loss'),
  findComplete: () => reader.findComplete(described[trials >> 1].identity),
};
for (const [name, ask] of Object.entries(questions)) {
  const began = performance.now();
  ask();
  print(`${name.padEnd(24)} ${(performance.now() - began).toFixed(1)} ms`);
}
reader.close();

const database = new Database(path, { readonly: true });
const plans = {
  'newest sweeps': 'SELECT * FROM sweeps ORDER BY sweep DESC LIMIT 50',
  'states of sweeps':
    "SELECT t.sweep, t.state, count(*) FROM json_each('[1]') w CROSS JOIN sweep_trials t ON t.sweep = w.value GROUP BY 1, 2",
  'trials of a sweep': 'SELECT * FROM sweep_trials WHERE sweep = 1 ORDER BY trial',
  'newest runs': 'SELECT * FROM runs ORDER BY run DESC LIMIT 50',
  'runs outside of sweeps': 'SELECT * FROM runs WHERE sweep IS NULL ORDER BY run DESC LIMIT 50',
  'epochs of a run': 'SELECT * FROM epoch_metrics WHERE run = 7',
  'a series': 'SELECT * FROM series WHERE run = 7 AND stage = 0 AND metric = 1',
  'complete runs of a trial':
    "SELECT * FROM runs WHERE identity = 'x' AND status = 'complete' ORDER BY run DESC LIMIT 1",
  'unfinished runs': "SELECT * FROM runs WHERE status = 'running'",
  'checkpoints of a run': 'SELECT * FROM checkpoints WHERE run = 7 ORDER BY checkpoint DESC',
};
for (const [name, sql] of Object.entries(plans)) {
  const details = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  print(`${name.padEnd(24)} ${details.map(({ detail }) => detail).join(' | ')}`);
}
database.close();
rmSync(folder, { recursive: true, force: true });

function print(line) {
  process.stdout.write(`${line}\n`);
}
