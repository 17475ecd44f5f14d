/**
 * Trains the experiments of `landscapes.ae` on their grids and writes `recorded/NAME.json`: the validation error of each place, in
 * the order of the grid, the last axis fastest. `node benchmarks/search/record.mjs [NAME…]`; about two thousand trials of some
 * tenths of a second.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { landscapes } from './landscapes.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const aedsl = process.env.AEDSL_PROGRAM ?? here('../../dist/src/cli/main.js');
const wanted = process.argv.slice(2);

for (const { name, axes, seeds = 1 } of landscapes) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-landscape-'));
  try {
    const began = performance.now();
    const values = record(join(folder, 'results.db'), name, axes, seeds);
    const minutes = (performance.now() - began) / 60000;
    mkdirSync(here('recorded'), { recursive: true });
    writeFileSync(here(`recorded/${name}.json`), `${JSON.stringify({ name, axes, seeds, values })}\n`);
    process.stdout.write(`${name}: ${values.length} trials in ${minutes.toFixed(1)} min\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The validation error of each trial; null where the training diverged. */
function record(database, name, axes, seeds) {
  const words = axes.map((axis) => `${axis.name}=[${axis.places.join(', ')}]`);
  const options = ['--seeds', String(seeds), '--max-parameters', '1000000', '--json', '--db', database];
  const file = here('landscapes.ae');
  const { status, stdout } = spawnSync(process.execPath, [aedsl, 'sweep', `${file}:${name}`, ...words, ...options], {
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // 1: some trials diverged.
  if (status !== 0 && status !== 1) throw new Error(`the sweep of ${name} ended with ${status}`);
  const events = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  const values = new Array(events.find(({ event }) => event === 'started').trials.length).fill(null);
  for (const event of events) {
    if (event.event !== 'trial_state' || event.state !== 'complete') continue;
    values[event.trial] = Number(event.metrics['validation.sse'].toPrecision(7));
  }
  return values;
}
