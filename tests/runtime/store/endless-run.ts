/** A process that records a run until it is killed. Arguments: the database. Prints `step n` after each commit. */
import { openStore } from '../../../src/runtime/store/store.js';
import { epoch, sampleRun, steps, trialStarted } from './sample-run.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('which database?');
const store = await openStore(path, { mode: 'write', command: 'aedsl run endless.ae' });
const run = store.startRun(sampleRun({ experiment: 'endless' }));
run.record(trialStarted(1_000_000, 1000));
for (let step = 0; ; step += 1000) {
  run.record(
    steps(
      step,
      Array.from({ length: 1000 }, (_, i) => step + i),
    ),
  );
  run.record(epoch(step / 1000 + 1, { 'train.loss': step }));
  process.stdout.write(`step ${step + 1000}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
