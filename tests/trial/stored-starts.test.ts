import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyRun } from '../../src/compare/verify/verify.js';
import { compile } from '../../src/compiler/compile.js';
import { encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { openStore, type Store } from '../../src/runtime/store/store.js';
import { planSweep } from '../../src/sweep/plan/sweep-plan.js';
import { run } from '../../src/sweep/run.js';
import { bundleRun, openBundle } from '../../src/trial/bundle/bundle.js';
import { ExperimentError } from '../../src/trial/prepare.js';
import { StoredStarts } from '../../src/trial/stored-starts.js';
import { givenWeights, initOf, storedWeights } from '../../src/trial/weights-file.js';
import { builtinWords } from '../../src/words/words.js';
import { cpuEngine, readRun } from '../compare/verify/trained.js';
import { testWorld } from '../compiler/world.js';
import Database from '../sqlite.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-stored-'));
const database = join(folder, 'results.db');

const experiment = (name: string, layers: string) => ({
  path: join(folder, `${name}.ae`),
  text: `experiment ${name} {
  data digits(take=40, test=10) { center_crop(12) }
  ${layers}
  loss mse()
  train sgd(lr=0.5) { epochs = 1  batch = 20 }
}
`,
});

const first = experiment(
  'first',
  `encoder { h: dense(8)  relu()  top: relu()  z: reparameterize { mu: dense(3)  logvar: dense(3) } }
  decoder { back: dense(8, bias=false)  relu()  dense(input.size, activation=sigmoid) }`,
);
const encoder = (from: string, layer = 'h', more = '') =>
  `encoder { own: dense(8, init=stored("${from}", ${layer})${more})  code: dense(2) }  decoder { dense(input.size) }`;

async function fromStore<T>(use: (store: Store) => T): Promise<T> {
  const store = await openStore(database, { mode: 'read' });
  try {
    return use(store);
  } finally {
    store.close();
  }
}

const train = async (source: ReturnType<typeof experiment>, seed = 1) => {
  const { model, ...trained } = await run({ source, seed, store: database, backend: 'cpu' });
  model?.dispose();
  return trained;
};

/** What an experiment starts from, or what is wrong with that. */
async function startOf(layers: string, path = database) {
  const { value, diagnostics } = compile(experiment('second', layers), null, {
    library: builtinWords,
    world: testWorld(),
  });
  const told = (all: typeof diagnostics) => all.map(({ code, message, hint }) => `${code} ${message} (${hint})`);
  if (value === null) return { init: null, told: told(diagnostics) };
  try {
    const { init, warnings } = await new StoredStarts(path, builtinWords).of(value, null);
    return { init, told: told(warnings) };
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    return { init: null, told: told(error.diagnostics) };
  }
}

/** r1 and r2 are two seeds of `first`; r3 starts from r1 and is frozen. */
beforeAll(async () => {
  await train(first);
  await train(first, 2);
  await train(experiment('second', encoder('r1', 'h', ', frozen=true')));
  await fromStore((store) => {
    writeFileSync(join(folder, 'first.tgz'), bundleRun(store, 'r1'));
    const [final] = store.listFiles('r1', 'weights');
    if (final) writeFileSync(join(folder, 'first.safetensors'), store.readFile(final));
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a layer that starts from a stored run', () => {
  it('has what that came to, and keeps it where it is frozen', async () => {
    const [theirs, ended, begun] = await fromStore((store) => [
      storedWeights(store, 'r1'),
      storedWeights(store, 'r3'),
      initOf(store, store.findRun('r3')),
    ]);
    for (const name of ['weight', 'bias']) {
      const values = theirs?.get(`encoder/0/${name}`);
      expect(values?.some((x) => x !== 0)).toBe(true);
      expect(ended?.get(`encoder/0/${name}`)).toEqual(values);
      expect(begun?.values.get(`encoder/0/${name}`)).toEqual(values);
    }
    expect([...(begun?.values.keys() ?? [])]).toEqual(['encoder/0/bias', 'encoder/0/weight']);
  });

  it('has one identity, whatever the run is called, and another for other weights', async () => {
    const identity = (await fromStore((store) => store.findRun('r1'))).identity.slice(0, 16);
    const start = await startOf(encoder('r1'));
    expect(start.told).toEqual([]);
    for (const name of [identity, 'first.tgz', 'r2']) {
      const other = await startOf(encoder(name));
      expect([name, other.init?.sha256 === start.init?.sha256]).toEqual([name, name !== 'r2']);
    }
    expect((await startOf(encoder('first'))).init?.sha256).toBe((await startOf(encoder('r2'))).init?.sha256);
    const place = await startOf(encoder('first.safetensors', '"encoder.0"'));
    expect(place.init?.sha256).toBe(start.init?.sha256);
    const again = await train(experiment('second', encoder('first.tgz', 'h', ', frozen=true')));
    expect([again.runId, again.cached]).toEqual(['r3', true]);
  });

  it('is named by the label of an activation, by `code`, a head, or its place', async () => {
    const [start] = [await startOf(encoder('r1'))];
    for (const layer of ['top', '"encoder.0"']) {
      expect((await startOf(encoder('r1', layer))).init?.sha256).toBe(start.init?.sha256);
    }
    const weights = await fromStore((store) => storedWeights(store, 'r1'));
    const mean = 'encoder { dense(8)  code: dense(3, init=stored(r1, z.mu)) }  decoder { dense(input.size) }';
    expect((await startOf(mean)).init?.values.get('encoder/1/bias')).toEqual(weights?.get('encoder/1/mu/bias'));
    const second = 'encoder { dense(8)  code: dense(2, init=stored(r3, code)) }  decoder { dense(input.size) }';
    const code = await fromStore((store) => storedWeights(store, 'r3'));
    expect((await startOf(second)).init?.values.get('encoder/1/weight')).toEqual(code?.get('encoder/1/weight'));
    const heads = `encoder { dense(8)  code: reparameterize { mu: dense(3, init=stored(r1, z.mu))  logvar: dense(3) } }
      decoder { dense(input.size) }`;
    expect([...((await startOf(heads)).init?.values.keys() ?? [])]).toEqual([
      'encoder/1/mu/bias',
      'encoder/1/mu/weight',
    ]);
  });

  it('lends a mirrored or tied decoder nothing but a tied weight', async () => {
    for (const decoder of ['mirror(encoder, output=linear)', 'tied(encoder, output=linear)']) {
      const { init, told } = await startOf(`encoder { code: dense(8, init=stored(r1, h)) }  decoder ${decoder}`);
      expect([told, [...(init?.values.keys() ?? [])]]).toEqual([[], ['encoder/0/bias', 'encoder/0/weight']]);
    }
  });

  it('gives way to what --init gives', async () => {
    const { value } = compile(experiment('second', encoder('r1')), null, {
      library: builtinWords,
      world: testWorld(),
    });
    if (value === null) throw new RangeError('it does not compile');
    const bias = new Float32Array(8).fill(2);
    const given = givenWeights(encodeSafetensors([{ name: 'encoder.0.bias', shape: [8], values: bias }]));
    const starts = new StoredStarts(database, builtinWords);
    const [alone, both] = [(await starts.of(value, null)).init, (await starts.of(value, given)).init];
    expect(both?.values.get('encoder/0/bias')).toEqual(bias);
    expect(both?.values.get('encoder/0/weight')).toEqual(alone?.values.get('encoder/0/weight'));
    expect((await starts.of(value, alone)).init).toBe(alone);
  });

  it('is another trial for each run that a sweep names', () => {
    const source = experiment('second', encoder('r1').replace('"r1"', 'from'));
    const text = source.text.replace('{', '{ param from = "r1"');
    const { value } = planSweep({
      ...{ library: builtinWords, source: { ...source, text }, axes: ['from=r1,r2,r2'] },
      world: testWorld(),
    });
    expect(value?.trials.map(({ compiled }) => compiled.starts.map(({ run: name }) => name))).toEqual([['r1'], ['r2']]);
  });

  it('is bundled with its weights, and verified without the run that they come from', async () => {
    expect(await verifyRun(await readRun(database, 'r3'), cpuEngine())).toMatchObject({ identical: true });
    const { run: bundled } = openBundle(await fromStore((store) => bundleRun(store, 'r3')), 'r3.tgz');
    expect(await verifyRun(bundled, cpuEngine())).toMatchObject({ identical: true });
    expect(await verifyRun({ ...bundled, init: null }, cpuEngine()).catch(String)).not.toMatchObject({
      identical: true,
    });
  });
});

describe('a layer that cannot start so is told why before anything trains:', () => {
  it.each([
    [encoder('r9'), /^AE703 .*there is no run 'r9' \(`aedsl ls` lists the runs/],
    [encoder('nobody'), /^AE703 .*nobody/],
    [encoder('none.tgz'), /^AE703 there is no file/],
    [encoder('none.safetensors'), /^AE703 cannot start from/],
    [encoder('../../etc/x.tgz'), /^AE703 cannot read .*outside|not beside/],
    [encoder('r1', 'hh'), /^AE211 r1 has no layer 'hh' \(did you mean 'h'\?\)/],
    [encoder('r1', 'q.mu'), /^AE211 r1 has no layer 'q.mu' \(.*z/],
    [encoder('first.safetensors'), /^AE211 first.safetensors has no layer 'h' \(.*encoder\.0/],
    [
      encoder('r1', 'z'),
      /^AE402 'z' of r1 \(reparameterize\) has no weights of its own \(name one of its layers: z\.mu or z\.logvar/,
    ],
    [
      'encoder { code: dense(3) }  decoder { own: dense(8, init=stored(r1, back))  dense(input.size) }',
      /^AE402 'back' of r1 has no bias, and 'own' \(dense\) has one \(write bias=false\)/,
    ],
    [encoder('r1', 'h', ', bias=false'), /^AE402 'h' of r1 has a bias, and 'own' \(dense\) has none \(write bias=true/],
    [
      encoder('r1').replace('dense(8', 'dense(9'),
      /^AE402 the weight of 'own' \(dense\) is 9×144, and that of 'h' of r1 8×144 \(that layer goes from 144 to 8, and this one from 144 to 9\)/,
    ],
    [
      'encoder { conv2d(4, kernel=3, init=stored(r1, h))  code: dense(2) }  decoder { dense(input.size) }',
      /^AE402 'conv2d' cannot start from 'h' of r1, which is dense \(write a dense here\)/,
    ],
    [
      'encoder { code: dense(8) }  decoder tied(encoder, output=sigmoid)  pretrain rbm(init=stored(r1, h)) { epochs = 1 }',
      /^AE305 'rbm' draws its own/,
    ],
    [encoder('r1', '3'), /^AE305 layer must be a text/],
  ])('%s', async (layers, problem) => {
    const { init, told } = await startOf(layers);
    expect(init).toBeNull();
    expect(told[0]).toMatch(problem);
    expect(told).toHaveLength(1);
  });

  it('one problem for what several layers name, and none where there are no results', async () => {
    const layers = `encoder { dense(8, init=stored(r9, h))  code: dense(3, init=stored(r9, code)) }
      decoder { dense(input.size) }`;
    expect((await startOf(layers)).told).toHaveLength(1);
    expect((await startOf(layers, join(folder, 'none.db'))).told).toEqual([
      expect.stringMatching(/^AE703 there is no run 'r9': there are no results here yet/),
    ]);
    const { error } = await train(experiment('second', encoder('r9'))).then(
      () => ({ error: null }),
      (thrown: unknown) => ({ error: thrown }),
    );
    expect(error).toBeInstanceOf(ExperimentError);
    expect(await fromStore((store) => store.listRuns({ experiment: 'second' }).length)).toBe(1);
  });

  it('other arithmetic is a warning, and the weights are used; a run that did not end is refused', async () => {
    const altered = new Database(database);
    altered.exec("UPDATE runs SET numerics = '0' WHERE run = 2");
    const { init, told } = await startOf(encoder('r2'));
    expect(init).not.toBeNull();
    expect(told).toEqual([
      expect.stringMatching(/^AE704 r2 was trained with version 0 of the arithmetic, and this is/),
    ]);
  });
});
