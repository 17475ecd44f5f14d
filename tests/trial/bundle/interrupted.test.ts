import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../../src/runtime/store/store.js';
import { resumeRun } from '../../../src/sweep/resume.js';
import { run } from '../../../src/sweep/run.js';
import { unpackArchive } from '../../../src/trial/bundle/archive.js';
import { bundleRun } from '../../../src/trial/bundle/bundle.js';
import { builtinWords } from '../../../src/words/words.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-bundle-'));
const source = {
  path: join(folder, 'small.ae'),
  text: `experiment small {
  data digits(take=80, validation=20, test=20) { center_crop(8) }
  encoder { h: dense(6, activation=sigmoid)  code: dense(4, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  pretrain rbm(on=[h]) { epochs = 2  batch = 10 }
  loss mse()
  train adam(lr=0.01) { epochs = 5  batch = 10  keep = best }
}
`,
};
/** Of both stages: updates are counted through. */
const steps = 2 * 8 + 5 * 8;
/** These say which run it is, of which process. */
const ofTheRun = ['bundle.json', 'environment.json', 'history.json'];
const tensors = ['weights.safetensors', 'checkpoint.safetensors', 'series.safetensors'];
const names = ['recipe.json', 'experiment.ae', 'chain.json', ...tensors];
let whole: Readonly<Record<string, string>>;

async function bundled(database: string): Promise<Readonly<Record<string, string>>> {
  const store = await openStore(database, { mode: 'read' });
  const files = unpackArchive(bundleRun(store, 'r1'), new Set([...names, ...ofTheRun]), 1 << 28);
  store.close();
  const kept = [...files].filter(([name]) => !ofTheRun.includes(name));
  return Object.fromEntries(kept.map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]));
}

/** Ends the training after so many updates. */
function until(count: number) {
  const ended = new AbortController();
  let seen = 0;
  return {
    signal: ended.signal,
    due: () => {
      if (++seen === count) ended.abort();
    },
  };
}

beforeAll(async () => {
  const database = join(folder, 'whole.db');
  const { model } = await run({ source, store: database, backend: 'cpu' });
  model?.dispose();
  whole = await bundled(database);
  expect(Object.keys(whole).sort()).toEqual([...names].sort());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the bundle of a run does not depend on interruptions nor on times of checkpoints', async () => {
  let count = 0;
  const cases = fc.array(fc.integer({ min: 1, max: steps - 1 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(cases, fc.constantFrom(0.0001, 0.02, 30), async (stops, seconds) => {
      const database = join(folder, `${count++}.db`);
      const checkpoints = { seconds, epochs: null };
      const [first = 1, ...others] = stops;
      const begun = until(first);
      // The listener hears of updates in batches, so a training ends somewhere after the one that it was to end with.
      const listener = (event: { readonly event: string }, due: () => void) => {
        if (event.event === 'epoch' || event.event === 'checkpoint' || event.event === 'steps') due();
      };
      let { status, model } = await run({
        source,
        store: database,
        backend: 'cpu',
        checkpoints,
        signal: begun.signal,
        listener: (event) => listener(event, begun.due),
      });
      model?.dispose();
      for (const stop of [...others, Number.POSITIVE_INFINITY]) {
        if (status !== 'interrupted') break;
        const again = until(stop);
        ({ status, model } = await resumeRun({
          library: builtinWords,
          store: database,
          run: 'r1',
          checkpoints,
          signal: again.signal,
          listener: (event) => listener(event, again.due),
          commandLine: [],
        }));
        model?.dispose();
      }
      expect(status).toBe('complete');
      expect(await bundled(database)).toEqual(whole);
    }),
    { numRuns: 6 },
  );
});

it('a training that ends before its plan has no checkpoint in its bundle, whenever one was taken', async () => {
  const bundles = [];
  for (const seconds of [0.0001, 30]) {
    const database = join(folder, `short-${seconds}.db`);
    const checkpoints = { seconds, epochs: null };
    const { model } = await run({ source, store: database, backend: 'cpu', maxSteps: 11, checkpoints });
    model?.dispose();
    bundles.push(await bundled(database));
  }
  expect(bundles[0]).toEqual(bundles[1]);
  expect(Object.keys(bundles[0] ?? {})).not.toContain('checkpoint.safetensors');
});
