// Builds a large database synthetically, in a folder that is given or a temporary one:
// `node benchmarks/store/large-database.mjs [trials] [steps per trial] [folder]`, after a build. One that is there already is
// only measured. A few trials are written by the store's own writers; the others are copies of them, row by row, since the
// question is how fast a large one answers. Prints how fast it was written, how fast it answers, and the query plans.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { readTrialTable, tableOf } from '../../dist/src/api/sweep-table.js';
import { resolveSubject } from '../../dist/src/api/table-subject.js';
import { watch } from '../../dist/src/api/watch.js';
import { frameOf } from '../../dist/src/cli/dashboard/frame.js';
import { reduce } from '../../dist/src/cli/dashboard/state/reduce.js';
import { initialState } from '../../dist/src/cli/dashboard/state/state.js';
import { themeOf } from '../../dist/src/cli/dashboard/view/theme.js';
import { sweepPage } from '../../dist/src/cli/show-sweep.js';
import { openStore } from '../../dist/src/runtime/store/store.js';

const [trials, steps] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1000)];
const epochs = 100;
const written = Math.min(trials, 50);
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
const folder = process.argv[4] ?? mkdtempSync(join(tmpdir(), 'aedsl-large-'));
const path = join(folder, 'results.db');
/** Two parameters, so that there is a map of them, and five seeds of each setting. */
const side = Math.ceil(Math.sqrt(trials / 5));
const settingOf = (i) => ({ rate: (Math.floor(i / 5) % side) / side, units: 1 + Math.floor(i / 5 / side) });
const described = Array.from({ length: trials }, (_, i) => ({
  parameters: settingOf(i),
  seed: (i % 5) + 1,
  identity: i.toString(16).padStart(64, '0'),
  recipe: JSON.stringify(settingOf(i)),
}));
if (!existsSync(path)) await build();
await measure();
if (process.argv[4] === undefined) rmSync(folder, { recursive: true, force: true });

async function build() {
  const text = (name) => ({ sha256: name, json: '{}' });
  const store = await openStore(path, { mode: 'write', command: 'benchmark' });
  const sweep = store.startSweep({
    name: 'large',
    experiment: 'large',
    file: null,
    backend: 'simd',
    axes: ['rate', 'units'].map((name) => ({
      name,
      values: [...new Set(described.map(({ parameters }) => parameters[name]))],
    })),
    objective: { metric: 'validation.loss', goal: 'min', of: 'best' },
    pruning: null,
    command: 'benchmark',
    trials: described,
  });
  const values = Object.fromEntries(
    series.map((name) => [name, Float32Array.from({ length: steps }, (_, i) => 1 / (i + 1))]),
  );
  let seconds = 0;
  for (const [trial, { identity, seed, recipe, parameters }] of described.slice(0, written).entries()) {
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
      parameters: Object.entries(parameters).map(([name, value]) => ({ name, value, origin: 'given' })),
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
      metrics: { 'test.sse': 1 / (trial + 1), 'test.loss': trial },
      weightsSha256: 'w',
      divergence: null,
      seconds: 1,
    });
    run.finish();
    sweep.change({ trial, state: 'complete', reason: null, runId: run.id, objective: { value: trial, epoch: 1 } });
  }
  sweep.finish('complete');
  store.close();
  print(
    `step values written at ${Math.round((written * steps * series.length) / seconds / 1e3) / 1e3} million a second`,
  );
  copyTrials();
  const rows = trials * epochs * metrics.length;
  const stepValues = trials * steps * series.length;
  const megabytes = Math.round(statSync(path).size / 1e6);
  print(`${trials} trials, ${rows} rows of metrics, ${stepValues} step values: ${megabytes} MB`);
}

/** Gives every further trial a run that is as one of the first. */
function copyTrials() {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  const columnsOf = (table) => database.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
  const copy = (table, changed) => {
    const columns = columnsOf(table).filter((name) => changed[name] !== null);
    const values = columns.map((name) => changed[name] ?? name);
    return database.prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${table} WHERE run = @from`,
    );
  };
  const copies = [
    copy('runs', { run: '@run', identity: '@identity', seed: '@seed' }),
    copy('stages', { run: '@run' }),
    copy('series', { run: '@run' }),
    copy('epoch_metrics', { run: '@run', value: 'value + @run' }),
    copy('final_metrics', { run: '@run', value: 'value + @run' }),
  ];
  const parameter = database.prepare(
    "INSERT INTO parameters (run, name, position, type, value, origin) VALUES (?, ?, ?, 'number', ?, 'given')",
  );
  const end = database.prepare(
    "UPDATE sweep_trials SET state = 'complete', run = ?, objective = ?, objective_epoch = 1 WHERE sweep = 1 AND trial = ?",
  );
  const copyTrial = database.transaction((first) => {
    for (let trial = first; trial < Math.min(trials, first + 500); trial++) {
      const { identity, seed, parameters } = described[trial];
      const run = trial + 1;
      for (const statement of copies) statement.run({ run, from: 1 + (trial % written), identity, seed });
      for (const [i, [name, value]] of Object.entries(parameters).entries()) parameter.run(run, name, i, value);
      end.run(run, trial, trial);
    }
  });
  for (let first = written; first < trials; first += 500) copyTrial(first);
  database.close();
}

async function measure() {
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
    'ls s1': () => readTrialTable(reader, ['s1']),
    'show s1': () => {
      const subject = resolveSubject(reader, 's1');
      sweepPage(subject.sweep, tableOf(reader, [subject]), { interval: 'student', width: null });
    },
    'ls s1 --metric validation.mse': () => readTrialTable(reader, ['s1'], { metric: 'validation.mse' }),
  };
  for (const [name, ask] of Object.entries(questions)) timed(name, ask);
  measureDashboard(reader);
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
    'best of a metric':
      "SELECT min(e.value), e.epoch FROM json_each('[7]') a CROSS JOIN epoch_metrics e WHERE e.run = a.value AND e.stage = 0 AND e.metric = 1",
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
}

/** What `aedsl watch` does when it begins, and with one trial that changed: reading, taking it in, drawing. */
function measureDashboard(reader) {
  const watched = watch(reader, 's1');
  const size = { columns: 200, rows: 60 };
  let state = initialState('watch', size, 0);
  const take = () => {
    for (const event of watched.poll()) state = reduce(state, { kind: 'event', event, now: 0 });
  };
  timed('watch: the first poll', take);
  timed('watch: a poll, no change', take);
  const writer = new Database(path);
  const turn = writer.prepare(
    "UPDATE sweep_trials SET state = iif(state = 'complete', 'cached', 'complete') WHERE sweep = 1 AND trial = ?",
  );
  turn.run(trials >> 1);
  writer.prepare("UPDATE sweeps SET updated = updated || '+' WHERE sweep = 1").run();
  timed('watch: a poll, one change', take);
  turn.run(trials >> 1);
  writer.close();
  const theme = themeOf({ COLORTERM: 'truecolor', TERM: 'xterm-256color' });
  const press = (key) => {
    state = reduce(state, { kind: 'key', key, now: 0 });
  };
  for (const [view, key] of [
    ['trials', '1'],
    ['charts', '2'],
    ['map', '6'],
  ]) {
    press(key);
    timed(`a frame of ${view}`, () => frameOf(state, theme, false));
  }
}

/** Elapsed, and what the processor did of it: on a machine that does something else too only that says much. */
function timed(name, action) {
  const began = performance.now();
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  const elapsed = `${(performance.now() - began).toFixed(1)} ms`;
  print(`${name.padEnd(30)} ${elapsed.padStart(10)}, ${((user + system) / 1000).toFixed(1)} ms of a processor`);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
