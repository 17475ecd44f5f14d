// A search and a pruned sweep on Slurm: `sync` submits what the results decide, and is killed. Nothing may be submitted twice,
// and all trials are those of the same sweep on this machine.
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ok, place, program, requireEqual, sweptHere, text } from './sweep-of-24.mjs';

const [root = ''] = process.argv.slice(2);
const began = performance.now();
const say = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

const sweeps = {
  search: ['units=int:2:12', '--method', 'tpe', '--trials', '8', '--lag', '3', '--objective', 'validation.mse'],
  pruned: ['units=[2,8]', '--seeds', '4', '--prune', 'halving:reduction=2', '--objective', 'validation.mse'],
};

for (const [name, axes] of Object.entries(sweeps)) {
  const [here, there] = [place(root, `${name}-here`), place(root, `${name}-there`)];
  const plan = ['sweep', 'small.ae', ...axes, '--checkpoint-every', '10epochs'];
  const localEnd = sweptHere(here, plan);
  ok(there.aedsl([...plan, '--on', 'slurm']));
  for (let kills = 0; kills < 8; kills++) {
    const child = spawn(process.execPath, [program, 'sync', 's1'], { cwd: there.folder, stdio: 'ignore' });
    const ended = new Promise((done) => child.once('exit', done));
    await pause(200 + 150 * kills);
    child.kill('SIGKILL');
    await ended;
  }
  ok(there.aedsl(['sync', 's1', '--wait']));
  assert.equal(await localEnd, 0);
  requireEqual(here, there, { trials: 8, lines: 100 });
  const submitted = submissions(there);
  assert.ok(submitted.length > 2, 'it was submitted in rounds');
  const times = [...Array(8).keys()].map((trial) => submitted.flat().filter((each) => each === trial).length).sort();
  // Half of the trials of a rung go on to the next, and each part is submitted once; the last trial has rungs of its own.
  assert.deepEqual(times.slice(0, 7), name === 'search' ? Array(7).fill(1) : [1, 1, 1, 1, 2, 2, 3]);
  assert.ok(name === 'pruned' || times[7] === 1);
  say(`${name}: 8 syncs were killed, and its trials are those of this machine`);
}

/** Trials of each array that was submitted. */
function submissions({ folder }) {
  const intents = join(folder, 'results.db.slurm/s1/submissions');
  return readdirSync(intents)
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => JSON.parse(text(join(intents, name))).tasks.flat());
}
