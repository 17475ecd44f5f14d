import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lines, program, type Workplace, workplace } from '../cli/command.js';
import Database from '../sqlite.js';
import { killedSweep } from './killed-sweep.js';
import { sweepRows } from './sweep-rows.js';

/** Pretrained, and with checkpoints and pictures. */
const experiment = `experiment beside {
  param rate = 0.01
  data digits(take=300, validation=100, test=100) { center_crop(12) }
  encoder { code: dense(12, activation=sigmoid) }
  decoder tied(encoder, output=sigmoid)
  pretrain rbm(on=[code], lr=0.1) { epochs = 10  batch = 20 }
  loss mse()
  train adam(lr=rate) { epochs = 30  batch = 10 }
  show { filters(code) }
}
`;
const sweeps = [
  { name: 'one', settings: ['beside.ae', 'rate=0.002,0.01', '--name', 'one'] },
  { name: 'two', settings: ['beside.ae', 'rate=0.03,0.05', '--seeds', '2', '--name', 'two'] },
];

let straight: Workplace;
let shared: Workplace;
beforeAll(() => {
  [straight, shared] = [workplace(), workplace()];
  for (const { folder } of [straight, shared]) writeFileSync(join(folder, 'beside.ae'), experiment);
  for (const { settings } of sweeps) {
    expect(straight.aedsl('sweep', ...settings, '--reporter', 'silent').status).toBe(0);
  }
}, 120_000);
afterAll(() => {
  straight.leave();
  shared.leave();
});

/** Numbers that differ from run to run of the test: the instants of the kills are to be any. */
const { random } = Math;

test('two sweeps and runs write one database at once, are killed over and over, and keep every row', {
  timeout: 600_000,
}, async () => {
  const { folder } = shared;
  const database = join(folder, 'results.db');
  const killing = sweeps.map(({ name, settings: sweep }) =>
    killedSweep({
      program,
      folder,
      sweep,
      name,
      settings: ['--checkpoint-every', '0.05s'],
      kills: 4,
      longest: 400,
      random,
    }),
  );
  const ended = await Promise.all(killing);
  expect(ended.map(({ status }) => status)).toEqual([0, 0]);
  // On a fast machine they may be over before the last kills.
  expect(ended.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(1);
  for (const { name } of sweeps) {
    expect(sweepRows(database, name)).toEqual(sweepRows(join(straight.folder, 'results.db'), name));
  }
  const rows = new Database(database, { readonly: true });
  expect(
    rows
      .prepare('SELECT run, stage, metric, count(*) AS n FROM epoch_metrics GROUP BY 1, 2, 3, epoch HAVING n > 1')
      .all(),
  ).toEqual([]);
  const named = rows.prepare<[], string>('SELECT file FROM checkpoints').pluck().all();
  rows.close();
  // Whoever opens it next clears up after those that were killed.
  expect(shared.aedsl('run', 'beside.ae', '--epochs', '1', '--json').status).toBe(0);
  expect(readdirSync(`${database}.sessions`)).toEqual([]);
  expect(readdirSync(`${database}.objects/temporary`)).toEqual([]);
  const files = readdirSync(`${database}.checkpoints`);
  expect(files.filter((file) => !named.includes(file) && !file.startsWith(`r${lastRun(shared)}-`))).toEqual([]);
});

function lastRun({ aedsl }: Workplace): number {
  const [run] = lines(aedsl('ls', '--runs', '-n', '1', '--json').stdout);
  return Number(String(run?.runId).slice(1));
}

test('commands that begin at the same moment in an empty folder all record what they train', () => {
  const place = workplace();
  try {
    const command = `'${process.execPath}' '${program}' run experiments/first.ae --epochs 1 --json`;
    const script = Array.from({ length: 4 }, (_, i) => `${command} --seed ${i + 1} & p${i}=$!`).join('\n');
    const waits = Array.from({ length: 4 }, (_, i) => `wait $p${i} || exit 1`).join('\n');
    const { status, stderr } = spawnSync('bash', ['-c', `${script}\n${waits}`], {
      cwd: place.folder,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('waiting')]);
    expect(
      lines(place.aedsl('ls', '--json').stdout)
        .map(({ seed, status: of }) => `${seed} ${of}`)
        .sort(),
    ).toEqual([1, 2, 3, 4].map((seed) => `${seed} complete`));
  } finally {
    place.leave();
  }
});
