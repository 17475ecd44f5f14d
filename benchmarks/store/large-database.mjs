// Builds a large database synthetically, in a folder that is given or a temporary one:
// `node benchmarks/store/large-database.mjs [trials] [steps per trial] [folder]`, after a build. One that is there already is
// only measured. A few trials are written by the store's own writers; the others are copies of them, row by row, since the
// question is how fast a large one answers. Prints how fast values and rows are written, how fast the questions of
// questions.mjs are answered, and the query plans.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../dist/src/runtime/store/sqlite.js';
import { openStore } from '../../dist/src/runtime/store/store.js';
import { plans } from './plans.mjs';
import { questions } from './questions.mjs';

const [trials, steps] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1000)];
const epochs = 100;
/** Of each question. */
const repetitions = 5;
const questionFile = fileURLToPath(new URL('./questions.mjs', import.meta.url));
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
const finals = ['train', 'validation', 'test'].flatMap((part) =>
  ['loss', 'mse', 'sse', 'loss.kl_sparsity'].map((term) => `${part}.${term}`),
);
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
measure();
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
  let [seconds, metricSeconds] = [0, 0];
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
    // A commit for each epoch, as in training.
    const firstEpoch = performance.now();
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const measured = Object.fromEntries(metrics.map((name) => [name, 1 / epoch + trial]));
      run.record({ event: 'epoch', stage: 'train', epoch, metrics: measured, stepsPerSecond: 1 });
    }
    metricSeconds += (performance.now() - firstEpoch) / 1000;
    run.record({
      event: 'trial_done',
      status: 'complete',
      metrics: Object.fromEntries(finals.map((name) => [name, 1 / (trial + 1)])),
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
  const perSecond = Math.round((written * epochs * metrics.length) / metricSeconds / 1e3);
  print(`metrics of epochs written at ${perSecond} thousand a second, a commit for each epoch`);
  copyTrials();
  const rows = trials * epochs * metrics.length;
  const stepValues = trials * steps * series.length;
  const megabytes = Math.round(statSync(path).size / 1e6);
  print(`${trials} trials, ${rows} rows of metrics, ${stepValues} step values: ${megabytes} MB`);
}

/** Gives every further trial a run that is as one of the first. */
function copyTrials() {
  const database = openDatabase(path);
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
    copy('curves', { run: '@run', minimum: 'minimum + @run', maximum: 'maximum + @run' }),
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

/** Every question in processes of its own, which have not answered any before; what is told is the least and the middle one. */
function measure() {
  print(`\n${'question'.padEnd(44)} ms of a processor: least, median; elapsed: least of ${repetitions}`);
  for (const question of Object.keys(questions)) {
    const asked = Array.from({ length: repetitions }, () =>
      JSON.parse(execFileSync(process.execPath, [questionFile, path, question], { encoding: 'utf8' })),
    );
    const processor = asked.map((one) => one.processor).sort((a, b) => a - b);
    const elapsed = Math.min(...asked.map((one) => one.elapsed));
    print(
      `${question.padEnd(44)} ${processor[0].toFixed(1).padStart(7)} ${processor[repetitions >> 1].toFixed(1).padStart(7)} ${elapsed.toFixed(1).padStart(9)}`,
    );
  }
  const database = openDatabase(path, { readonly: true });
  print('');
  for (const [name, sql] of Object.entries(plans)) {
    const details = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    print(`${name.padEnd(24)} ${details.map(({ detail }) => detail).join(' | ')}`);
  }
  database.close();
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
