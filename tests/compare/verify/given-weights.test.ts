import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rerun } from '../../../src/compare/rerun.js';
import { verifyRun } from '../../../src/compare/verify/verify.js';
import { decodeSafetensors, encodeSafetensors, float32Tensors } from '../../../src/runtime/formats/safetensors.js';
import { openStore, type Store } from '../../../src/runtime/store/store.js';
import { run } from '../../../src/sweep/run.js';
import { packArchive, unpackArchive } from '../../../src/trial/bundle/archive.js';
import { bundleRun, openBundle } from '../../../src/trial/bundle/bundle.js';
import { givenWeights, InitialWeightsError, initOf, readWeights } from '../../../src/trial/weights-file.js';
import { builtinWords } from '../../../src/words/words.js';
import { cpuEngine, readRun, recorded, small } from './trained.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-given-'));
const database = join(folder, 'results.db');
const given = join(folder, 'given.safetensors');

async function fromStore<T>(use: (store: Store) => T): Promise<T> {
  const store = await openStore(database, { mode: 'read' });
  try {
    return use(store);
  } finally {
    store.close();
  }
}

// r2 begins from what r1 ended with, in a file that is gone afterwards.
beforeAll(async () => {
  await recorded(small, database);
  const weights = await fromStore((store) => {
    const [final] = store.listFiles('r1', 'weights');
    return final ? store.readFile(final) : new Uint8Array();
  });
  writeFileSync(given, weights);
  const { model } = await run({ source: small, store: database, backend: 'cpu', init: given });
  model?.dispose();
  rmSync(given);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a run that began from given weights', () => {
  it('is verified with them, and not without', async () => {
    const recordedRun = await readRun(database, 'r2');
    expect(await verifyRun(recordedRun, cpuEngine())).toMatchObject({ identical: true, steps: 30 });
    expect(await verifyRun({ ...recordedRun, init: null }, cpuEngine())).toMatchObject({
      identical: false,
      window: { after: 0, until: 1 },
    });
  });

  it('is trained again as the same trial, whatever became of their file', async () => {
    const { again, identical } = await rerun('r2', {
      library: builtinWords,
      store: database,
      keep: true,
      backend: null,
      threads: null,
      listener: () => {},
      signal: new AbortController().signal,
      commandLine: [],
    });
    again.model?.dispose();
    expect(identical).toBe(true);
    const [first, second] = await fromStore((store) => [store.findRun('r2'), store.findRun(again.runId ?? '')]);
    expect(second?.identity).toBe(first?.identity);
    expect(second?.initialSha256).toBe(first?.initialSha256);
  });

  it('is bundled with them, and with no others', async () => {
    const bundle = await fromStore((store) => bundleRun(store, 'r2'));
    expect(await verifyRun(openBundle(bundle, 'run.tgz').run, cpuEngine())).toMatchObject({ identical: true });
    const names = ['bundle.json', 'experiment.ae', 'recipe.json', 'environment.json', 'chain.json', 'history.json'];
    const tensors = ['weights', 'initial', 'checkpoint', 'series'].map((name) => `${name}.safetensors`);
    const files = unpackArchive(bundle, new Set([...names, ...tensors]), 1 << 28);
    const manifest = new TextDecoder().decode(files.get('bundle.json'));
    const { initialSha256, files: hashes } = JSON.parse(manifest);
    expect(hashes['initial.safetensors']).toBe(initialSha256);
    // The weights at the end in place of those at the beginning, with hashes to suit.
    const entry = `"initial.safetensors": "${initialSha256}"`;
    const said = manifest.replace(entry, `"initial.safetensors": "${hashes['weights.safetensors']}"`);
    const swapped = new Map([
      ...files,
      ['initial.safetensors', files.get('weights.safetensors') ?? new Uint8Array()] as const,
      ['bundle.json', new TextEncoder().encode(said)] as const,
    ]);
    expect(() => openBundle(packArchive(swapped), 'x')).toThrow(/initial weights are not those/);
    const without = new Map([...files].filter(([name]) => name !== 'initial.safetensors'));
    const unsaid = manifest.replace(new RegExp(`,?\\s*${entry}`), '');
    without.set('bundle.json', new TextEncoder().encode(unsaid));
    expect(() => openBundle(packArchive(without), 'x')).toThrow(/initial weights are not those/);
  });

  it('cannot be trained again where they were not kept', () => {
    const nothing = { listFiles: () => [], readFile: () => new Uint8Array() };
    expect(initOf(nothing, { id: 'r9', initialSha256: null })).toBeNull();
    expect(() => initOf(nothing, { id: 'r9', initialSha256: 'f'.repeat(64) })).toThrow(InitialWeightsError);
  });
});

it('weights of another experiment are refused before anything is trained or stored', async () => {
  const source = { ...small, text: small.text.replace('dense(20', 'dense(21') };
  const init = await fromStore((store) => initOf(store, store.findRun('r2')));
  const runs = () => fromStore((store) => store.listRuns({}).length);
  const before = await runs();
  await expect(run({ source, store: database, backend: 'cpu', init })).rejects.toThrow(
    "the weight 'encoder.0.weight' has the shape [21, 144], not [20, 144]",
  );
  // As Keras keeps the matrices of dense layers.
  const tensors = float32Tensors(decodeSafetensors(init?.file ?? new Uint8Array()));
  const onTheirSides = encodeSafetensors(
    tensors.map(({ name, shape, values }) => ({ name, shape: shape.toReversed(), values })),
  );
  const turned = givenWeights(onTheirSides);
  await expect(run({ source: small, store: database, backend: 'cpu', init: turned })).rejects.toThrow(
    "the weight 'encoder.0.weight' has the shape [20, 144], not [144, 20]",
  );
  expect(await runs()).toBe(before);
});

it('a file of weights that cannot be read is refused with what it must be', () => {
  expect(() => readWeights(given)).toThrow(/cannot start from/);
});
