/**
 * A process that records runs and deletes the oldest ones, with their files, until it is killed. Arguments: the database.
 * Prints a line once it is at it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../../src/runtime/store/store.js';
import { sampleRun, trialDone, trialStarted } from './sample-run.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('which database?');
const writing = { mode: 'write', command: 'aedsl rm' } as const;
// Until it is killed, or orphaned by a test that ran out of time.
const parent = process.ppid;
for (let round = 0; process.ppid === parent && parent !== 1; round++) {
  const store = await openStore(path, writing);
  for (let i = 0; i < 3; i++) {
    const run = store.startRun(sampleRun({ source: `${process.pid} ${round} ${i}` }));
    run.record(trialStarted());
    run.saveFigure('own', Buffer.from(`${process.pid} ${round} ${i}`));
    run.saveFigure('shared', Buffer.from(`shared ${round % 2}`));
    const file = `${store.checkpointPrefix(run.id)}-0-1.safetensors`;
    mkdirSync(store.checkpointFolder, { recursive: true });
    writeFileSync(join(store.checkpointFolder, file), 'state');
    run.checkpoint({ stage: 0, step: 1, epochs: 1, seconds: 1, file, sha256: 'a', bytes: 5 });
    run.record(trialDone());
    run.finish();
  }
  const oldest = store.listRuns().slice(3);
  const ids = oldest.map(({ id }) => id);
  const { objects } = store.removeResults(store.planRemoval(ids), ids);
  store.close();
  const alone = await openStore(path, { ...writing, alone: true });
  alone.collectGarbage(round % 3 === 2 ? null : objects);
  alone.close();
  process.stdout.write('round\n');
}
