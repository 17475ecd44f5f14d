import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { resumeRun } from '../../src/sweep/resume.js';
import { type RunOptions, run } from '../../src/sweep/run.js';
import { builtinWords } from '../../src/words/words.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-rows-')));
mkdirSync(join(folder, '.git'));
mkdirSync(join(folder, 'acts'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const shards = [20, 44, 48].map((rows, i) => {
  const path = join(folder, 'acts', `${i}.npy`);
  writeFileSync(
    path,
    encodeNpy(
      [rows, 6],
      Float32Array.from({ length: rows * 6 }, (_, j) => ((j * 37 + i) % 101) / 9),
    ),
  );
  return path;
});
const source = {
  path: join(folder, 'acts.ae'),
  text: `experiment acts {
    data npy("acts/*.npy", test=16, validation=16, shuffle_seed=3) { standardize() }
    encoder { code: dense(4, activation=tanh) }
    decoder { dense(input.size) }
    loss mse()
    pretrain autoencoder(optimizer=adam()) { epochs = 1  batch = 16 }
    train adam(lr=0.01) { epochs = 3  batch = 16 }
    evaluate { fve()  pca() }
  }`,
};
const store = join(folder, 'results.db');

function trained(memory: string, options: Partial<RunOptions> = {}) {
  vi.stubEnv('AEDSL_DATA_MEMORY', memory);
  return run({ source, backend: 'cpu', ...options });
}

it('a training on rows in files has the bits of one in memory, and survives a file that is written to', async () => {
  const inMemory = await trained('1MiB');
  const changed = readFileSync(shards[1] ?? '');
  const failed = trained('0', {
    store,
    listener: (event) => {
      if (event.event === 'diagnostics' && event.stage === 'train' && event.epoch === 2) {
        writeFileSync(shards[1] ?? '', changed);
      }
    },
  });
  await expect(failed).rejects.toThrow(`${shards[1]}: was changed after its checksum was computed`);
  // The content is what it was, so the run goes on from where it was.
  const events: string[] = [];
  const resumed = await resumeRun({
    store,
    run: 'r1',
    library: builtinWords,
    listener: (event) => void (event.event === 'epoch' && events.push(`${event.stage} ${event.epoch}`)),
  });
  expect(events).toEqual(['train 3']);
  expect(resumed.weightsSha256).toBe(inMemory.weightsSha256);
  expect(resumed.metrics).toEqual(inMemory.metrics);
});
