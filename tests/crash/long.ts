import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { killedSweep } from './killed-sweep.js';
import { resumptions, sweepRows } from './sweep-rows.js';

const [given = '200', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const wanted = Number(given);
const program = resolve('dist/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'aedsl-crash-'));

/** Long enough that every kill hits it while it trains. */
const experiment = `experiment crash {
  param rate = 0.01
  data digits(take=2000, validation=200, test=200) { center_crop(20) }
  corrupt masking(0.2)
  encoder { h: dense(64, activation=sigmoid)  code: dense(16, activation=sigmoid) }
  decoder tied(encoder, output=sigmoid)
  pretrain rbm(on=[h, code], lr=0.1) { epochs = ${Math.ceil(wanted / 4) + 4}  batch = 20 }
  loss mse()
  train adam(lr=rate) { epochs = ${wanted + 8}  batch = 20  keep = best }
  show { filters(h)  loss_curves() }
}
`;
const sweep = [
  'crash.ae',
  'rate=0.001,0.01',
  '--seeds',
  '4',
  '--metric',
  'validation.loss',
  '--prune',
  'median:from=4:every=4',
];

const places = ['straight', 'killed'].map((name) => join(folder, name));
const [straight = '', killed = ''] = places;
for (const place of places) {
  mkdirSync(place);
  writeFileSync(join(place, 'crash.ae'), experiment);
}
const began = performance.now();
const seconds = () => `${Math.round((performance.now() - began) / 1000)} s`;
const reference = spawnSync(process.execPath, [program, 'sweep', ...sweep, '--reporter', 'silent'], { cwd: straight });
if (reference.status !== 0) throw new Error(`the straight sweep ended with ${reference.status}`);
process.stdout.write(`straight sweep: ${seconds()}\n`);

let kills = 0;
for (let round = 0; kills < wanted; round++) {
  rmSync(killed, { recursive: true });
  mkdirSync(killed);
  writeFileSync(join(killed, 'crash.ae'), experiment);
  const ended = await killedSweep({
    program,
    folder: killed,
    sweep,
    settings: ['--checkpoint-every', '0.2s'],
    kills: wanted - kills,
    longest: 1500,
    random: generator(Number(seed) + round),
    onKill: (n) => {
      if (n % 10 === 0) process.stdout.write(`${kills + n} kills, ${seconds()}\n`);
    },
  });
  kills += ended.kills;
  const database = join(killed, 'results.db');
  const [expected, found] = [sweepRows(join(straight, 'results.db')), sweepRows(database)];
  const different = found.filter((row, i) => row !== expected[i]);
  if (ended.status !== 0 || found.length !== expected.length || different.length > 0) {
    process.stdout.write(`round ${round}, seed ${seed}: status ${ended.status}, ${different.length} rows differ\n`);
    process.stdout.write(`${different.slice(0, 5).join('\n')}\nkept in ${folder}\n`);
    process.exit(1);
  }
  const { all, fromCheckpoints } = resumptions(database);
  process.stdout.write(`${found.length} rows equal; runs went on ${all} times, ${fromCheckpoints} from checkpoints\n`);
}
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${kills} kills, integrity ok, all rows and hashes equal (seed ${seed}), ${seconds()}\n`);

/** Numbers in [0, 1), the same for one seed: a linear congruential generator (Numerical Recipes). */
function generator(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
