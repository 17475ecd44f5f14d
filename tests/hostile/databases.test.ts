import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProcessConsole, Styled } from '../../src/cli/console.js';
import { main } from '../../src/cli/program.js';
import { openStore } from '../../src/runtime/store/store.js';
import { run } from '../../src/sweep/run.js';
import Database from '../sqlite.js';

const experiment = `experiment tiny {
  param units = 4 where units > 0
  data digits(take=60, validation=20, test=20) { center_crop(8) }
  encoder { code: dense(units, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 2  batch = 20 }
  show { filters(code) }
}
`;

let folder = '';
const real = () => join(folder, 'real.db');
const crafted = () => join(folder, 'crafted.db');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-hostile-'));
  for (const seed of [1, 2]) {
    const done = await run({ source: { path: 'tiny.ae', text: experiment }, seed, store: real(), backend: 'cpu' });
    done.model?.dispose();
  }
  const store = await openStore(real(), { mode: 'write', command: 'test' });
  const [source, identities] = [store.findRun('r1').source, ['r1', 'r2'].map((id) => store.findRun(id).identity)];
  const sweep = store.startSweep({
    name: 'tiny',
    experiment: 'tiny',
    file: 'tiny.ae',
    backend: 'cpu',
    axes: [{ name: 'units', values: [4] }],
    objective: { metric: 'validation.loss', goal: 'min', of: 'best' },
    pruning: JSON.stringify({ kind: 'halving', reduction: 2, from: 1 }),
    command: 'test',
    trials: identities.map((identity, i) => ({ parameters: { units: 4 }, seed: i + 1, identity, recipe: source })),
  });
  for (const trial of [0, 1]) {
    const objective = { value: 0.5, epoch: 1 };
    sweep.change({ trial, state: 'cached', reason: null, runId: `r${trial + 1}`, objective });
  }
  sweep.decision({ event: 'rung', rung: 0, epoch: 1, kept: [0, 1], pruned: [] }, []);
  sweep.action({ do: 'jobs', jobs: 1 });
  sweep.finish('complete');
  store.close();
  const database = new Database(real());
  database.pragma('journal_mode = DELETE');
  database.close();
  cpSync(`${real()}.objects`, `${crafted()}.objects`, { recursive: true });
  cpSync(`${real()}.checkpoints`, `${crafted()}.checkpoints`, { recursive: true });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that reads a database. Those that end with another number of seconds train, and come last. */
const commands: readonly (readonly string[])[] = [
  ['ls'],
  ['ls', 's1'],
  ['ls', '--runs', '--json'],
  ['show', 'r1'],
  ['show', 's1', '--importance'],
  ['show', 'r1', '--json'],
  ['compare', 's1'],
  ['compare', 'r1', 'r2'],
  ['watch', 's1', '--once'],
  ['watch', 'r1', '--once', '--json'],
  ['report', 's1', '-o', 'report.html'],
  ['report', 'r1', '-o', 'report.html'],
  ['export', 's1', '--as', 'csv', '--rows', 'steps', '-o', 'rows.csv'],
  ['export', 's1', '--as', 'json', '--rows', 'epochs', '-o', 'rows.json'],
  ['export', 'r1', '--as', 'safetensors', '-o', 'weights.safetensors'],
  ['export', 'r1', '--as', 'pytorch', '-o', 'pytorch'],
  ['export', 'r1', '--as', 'onnx', '-o', 'model.onnx'],
  ['export', 'r1', '--as', 'huggingface', '-o', 'huggingface'],
  ['export', 's1', '--as', 'tensorboard', '-o', 'tensorboard'],
  ['export', 's1', '--as', 'mlflow', '-o', 'mlflow'],
  ['export', 's1', '--as', 'wandb-offline', '-o', 'wandb'],
  ['figures', 'r1', '-o', 'figures', '--format', 'both'],
  ['figures', 's1', '-o', 'figures', '--format', 'svg'],
  ['import'],
  ['explain', 'r1', 'r2'],
  ['bundle', 'r1', '-o', 'r1.tgz'],
  ['apply', 'r1', '--data', 'digits(take=1, test=5)', '-o', 'codes.npy', '--backend', 'cpu'],
  ['sample', 'r1', '-n', '1', '-o', 'samples.png', '--backend', 'cpu'],
  ['resume', 's1'],
  ['resume', 'r1'],
  ['rerun', 'r1', '--no-store'],
];

/** Of processor time, which others on the machine don't take. */
const mostMilliseconds = 20_000;
const mostBytes = 1.5e9;

/** Runs a command in this process. */
async function aedsl(words: readonly string[]): Promise<{ readonly code: number; readonly printed: string }> {
  let printed = '';
  const keep = (text: string | Styled) => {
    printed += (typeof text === 'string' ? text : text.text).slice(0, 100_000);
  };
  const console: ProcessConsole = {
    out: keep,
    err: keep,
    data: keep,
    redraw: () => {},
    colour: { out: false, err: false },
    interactive: false,
    columns: 80,
    unread: new AbortController().signal,
    incomplete: () => false,
    flushed: () => Promise.resolve(),
  };
  const before = process.cwd();
  process.chdir(folder);
  try {
    const code =
      words[0] === 'import'
        ? await main(['import', crafted(), '--db', join(mkdtempSync(join(folder, 'import-')), 'results.db')], console)
        : await main([...words, '--db', crafted()], console);
    return { code, printed };
  } finally {
    process.chdir(before);
  }
}

async function expectAnAnswer(words: readonly string[], about: string): Promise<void> {
  const started = process.cpuUsage();
  const { code, printed } = await aedsl(words);
  const { user, system } = process.cpuUsage(started);
  const where = `aedsl ${words.join(' ')}: ${about}: ${printed.slice(0, 500)}`;
  expect.soft((user + system) / 1000, where).toBeLessThan(mostMilliseconds);
  expect.soft(process.memoryUsage().rss, where).toBeLessThan(mostBytes);
  expect.soft([0, 1, 2, 3, 4], where).toContain(code);
  expect.soft(printed.includes('defect'), where).toBe(false);
}

/** Values that no column, or hardly any, can hold. */
const hostile: readonly (readonly [name: string, value: string | number | bigint | null | Uint8Array])[] = [
  ['NULL', null],
  ['-1', -1n],
  ['0', 0n],
  ['3', 3n],
  ['a trillion', 10n ** 12n],
  ['2^53', 2n ** 53n],
  ['2^63 - 1', 2n ** 63n - 1n],
  ['1.5', 1.5],
  ['infinity', Infinity],
  ['1e300', 1e300],
  ['no text', ''],
  ['a text', 'x'],
  ['escapes', '\u001b[2J\u0007\r\n'],
  ['a path', '../../../../etc/passwd'],
  ['a long text', 'x'.repeat(1 << 21)],
  ['an empty list', '[]'],
  ['an empty object', '{}'],
  ['null in JSON', 'null'],
  ['deep JSON', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['a long list', `[${'1,'.repeat(1 << 20)}1]`],
  ['a prototype', '{"__proto__":{"sources":[]},"constructor":1,"sources":[{"path":1}]}'],
  ['bytes', new Uint8Array([0, 1, 254])],
];

const tables = ['sessions', 'texts', 'runs', 'parameters', 'stages', 'metrics', 'series', 'epoch_metrics'];
const more = ['final_metrics', 'curves', 'objects', 'files', 'events', 'sweeps', 'sweep_trials', 'sweep_actions'];
const all = [...tables, ...more, 'sweep_decisions', 'checkpoints'];

/** Makes a copy whose tables take any value, as whoever makes a file byte by byte can. */
function craft(change: (database: Database) => void): void {
  copyFileSync(real(), crafted());
  for (const ending of ['-wal', '-shm', '-journal', '.lock']) rmSync(`${crafted()}${ending}`, { force: true });
  const lenient = (act: (database: Database) => void) => {
    const database = new Database(crafted()).unsafeMode();
    database.pragma('writable_schema = ON');
    database.pragma('ignore_check_constraints = ON');
    database.pragma('foreign_keys = OFF');
    database.pragma('synchronous = OFF');
    act(database);
    database.close();
  };
  const schema: { rowid: number; sql: string }[] = [];
  lenient((database) => {
    schema.push(
      ...database
        .prepare<[], { rowid: number; sql: string }>("SELECT rowid, sql FROM sqlite_schema WHERE sql LIKE '%STRICT%'")
        .all(),
    );
    database.exec("UPDATE sqlite_schema SET sql = replace(replace(sql, 'STRICT, ', ''), 'STRICT', '')");
    database.exec("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE sql NOT LIKE '%WITHOUT ROWID%'");
  });
  lenient(change);
  const original = new Database(real(), { readonly: true });
  const rows = original.prepare<[], { name: string; sql: string }>('SELECT name, sql FROM sqlite_schema').all();
  original.close();
  lenient((database) => {
    const restore = database.prepare('UPDATE sqlite_schema SET sql = ? WHERE name = ?');
    for (const { name, sql } of rows) restore.run(sql, name);
  });
}

function isRowid(table: string, column: string): boolean {
  return [table.replace(/^sweep_/, '').replace(/s$/, ''), 'text_id', 'id'].includes(column) && table !== 'stages';
}

function columnsOf(table: string): readonly string[] {
  const database = new Database(real(), { readonly: true });
  try {
    return database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
  } finally {
    database.close();
  }
}

it('answers every command where nothing is wrong', async () => {
  craft(() => {});
  for (const words of commands) {
    const { code, printed } = await aedsl(words);
    const expected = words[0] === 'sample' || words.join(' ') === 'resume r1' ? [2, 4] : [0];
    expect(expected, `${words.join(' ')}: ${printed}`).toContain(code);
  }
}, 120_000);

it('answers every command whatever a column holds, in a sentence and in time', async () => {
  const step = Number(process.env.AEDSL_HOSTILE_STEP ?? 151);
  let turn = 0;
  for (const table of all) {
    for (const column of columnsOf(table)) {
      for (const [name, value] of hostile) {
        let made = false;
        for (const words of commands) {
          if (turn++ % step !== 0) continue;
          if (!made) {
            craft((database) => {
              // A rowid is a whole number in any file.
              if (isRowid(table, column) && typeof value !== 'bigint') return;
              database.prepare(`UPDATE OR IGNORE ${table} SET ${column} = ?`).run(value);
            });
            made = true;
          }
          await expectAnAnswer(words, `${table}.${column} is ${name}`);
        }
      }
    }
  }
}, 600_000);

it('names the column, the run and the value of a row that does not fit', async () => {
  const cases: readonly (readonly [sql: string, words: readonly string[], said: string])[] = [
    ['UPDATE stages SET steps_done = 1e15 + 0.5', ['show', 'r1'], 'stages.steps_done of r1 is 1000000000000000.5'],
    ['UPDATE stages SET epochs = 9007199254740993', ['show', 'r1'], 'stages.epochs of r1 is 9007199254740992'],
    ["UPDATE runs SET seconds = 'soon'", ['ls', '--runs'], 'runs.seconds of r2 is "soon"'],
    ["UPDATE runs SET status = char(27) || '[2J'", ['ls', '--runs'], 'runs.status of r2 is "\\u001b[2J"'],
    [
      'INSERT INTO series SELECT run, stage, metric, 4000000000, steps, NULL, NULL, NULL, float32 FROM series',
      ['watch', 'r1', '--once'],
      'series.first_step of r1',
    ],
    ['UPDATE sweep_trials SET trial = trial + 900000', ['ls', 's1'], 'sweep_trials.trial of s1 goes from'],
    ["UPDATE sweeps SET objective = '{}'", ['show', 's1'], 'sweeps.objective of s1 is "{}"'],
  ];
  for (const [sql, words, said] of cases) {
    craft((database) => {
      database.exec(sql);
    });
    const { code, printed } = await aedsl(words);
    expect.soft(printed, sql).toContain(said);
    expect.soft(code, sql).toBe(4);
  }
}, 60_000);

it('answers every command where bytes of the file are damaged', async () => {
  const bytes = readFileSync(real());
  let state = 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let turn = 0; turn < Number(process.env.AEDSL_HOSTILE_FLIPS ?? 60); turn++) {
    const damaged = Buffer.from(bytes);
    for (let i = random(20); i >= 0; i--) damaged[100 + random(bytes.length - 100)] = random(256);
    for (const ending of ['-wal', '-shm', '-journal', '.lock']) rmSync(`${crafted()}${ending}`, { force: true });
    writeFileSync(crafted(), damaged);
    await expectAnAnswer(commands[turn % commands.length] ?? ['ls'], `damage ${turn}`);
  }
}, 300_000);
