import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/runtime/store/store.js';
import { resumeRun } from '../../src/sweep/resume.js';
import { run } from '../../src/sweep/run.js';
import { bundleRun } from '../../src/trial/bundle/bundle.js';
import { requireTrainedFiles } from '../../src/trial/trained-state.js';
import { builtinWords } from '../../src/words/words.js';
import { deep } from './picture-runs.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-missing-'));
const path = join(folder, 'results.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run that is trained and not evaluated. */
async function pending(seed: number): Promise<void> {
  const ending = new AbortController();
  const text = `experiment small { data digits(take=120, test=60) { center_crop(12) } ${deep} evaluate { knn() } }`;
  const ended = await run({
    ...{ source: { path: 'small.ae', text }, backend: 'cpu', maxSteps: 2, seed, store: path, signal: ending.signal },
    listener: (event) => {
      if (event.event === 'stage_done') ending.abort();
    },
  });
  ended.model?.dispose();
  expect(ended).toMatchObject({ status: 'complete', evaluation: 'pending' });
}

const filesOf = (store: Store, id: string) =>
  (['weights', 'chain'] as const).flatMap((kind) => store.listFiles(id, kind).map((file) => file.path));

test('all files that are missing are named at once', async () => {
  await pending(1);
  await pending(2);
  const store = await openStore(path, { mode: 'read' });
  const files = [...filesOf(store, 'r1'), ...filesOf(store, 'r2')];
  expect(files).toHaveLength(4);
  requireTrainedFiles(store, ['r1', 'r2']);
  for (const file of files) rmSync(file);
  const naming = (names: readonly string[]) =>
    expect.objectContaining({ reason: 'missing_object', message: expect.stringContaining(names.join(', ')) });
  expect(() => requireTrainedFiles(store, ['r1', 'r2'])).toThrow(naming(files));
  expect(() => bundleRun(store, 'r1')).toThrow(expect.objectContaining({ reason: 'missing_object' }));
  store.close();
  const resumed = resumeRun({
    library: builtinWords,
    ...{ store: path, run: 'r1', checkpoints: { seconds: null, epochs: null } },
    ...{ listener: () => {}, signal: new AbortController().signal, commandLine: [] },
  });
  await expect(resumed).rejects.toThrow(naming(files.slice(0, 2)));
});
