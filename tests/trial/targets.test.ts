import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { apply } from '../../src/models/apply.js';
import { fileWorld } from '../../src/project/world.js';
import type { Part } from '../../src/runtime/datasets/dataset.js';
import type { LoadedData } from '../../src/runtime/datasets/load.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { run } from '../../src/sweep/run.js';
import { loadExamples } from '../../src/trial/data.js';
import { SharedData } from '../../src/trial/shared-data.js';
import { builtinWords } from '../../src/words/words.js';
import { inMemory } from '../runtime/datasets/in-memory.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const scratch = scratchFolder();
const store = join(scratch.path, 'results.db');
const options = { library: builtinWords, store, backend: 'cpu' } as const;

const count = 60;
/** Row i has i in its first column; its target has 1000 + i. */
const inputs = Float32Array.from({ length: 3 * count }, (_, k) => (k % 3 === 0 ? k / 3 : Math.sin(k)));
const targets = Float32Array.from({ length: 2 * count }, (_, k) => 1000 + (k - (k % 2)) / 2 + (k % 2) / 4);
const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);

const network = 'encoder { code: dense(4) }  decoder { dense(target.size) }  loss mse()  train adam() { epochs = 1 }';

function compiledHere(statements: string) {
  const text = `experiment t {\n${statements}  ${network}\n}`;
  const source = { path: join(scratch.path, 't.ae'), text };
  const { value, diagnostics } = compile(source, null, { library: builtinWords, world: fileWorld() });
  if (value === null) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return value;
}

/** The examples of each part, with the first value of each and of its target. */
function pairsOf(data: LoadedData): Readonly<Record<string, readonly (readonly [number, number])[]>> {
  const first = (part: Part, index: number) => {
    const values = inMemory(part);
    return values[(index * values.length) / part.count] ?? Number.NaN;
  };
  return Object.fromEntries(
    (['train', 'validation', 'test'] as const).map((name) => {
      const { part, indices, target } = data[name];
      return [
        name,
        Array.from(indices, (index, i) => [
          first(part, index),
          target === undefined ? Number.NaN : first(target.part, target.indices[i] ?? -1),
        ]),
      ];
    }),
  );
}

beforeAll(() => {
  scratch.put('in.npy', encodeNpy([count, 3], inputs));
  scratch.put('out.npy', encodeNpy([count, 2], targets));
  scratch.put('labels.npy', encodeNpy([count], labels));
  scratch.put('labels_test.npy', encodeNpy([10], labels.slice(50)));
  scratch.put('in_test.npy', encodeNpy([10, 3], inputs.slice(150)));
  scratch.put('out_test.npy', encodeNpy([10, 2], targets.slice(100)));
});

describe('the target of each example is the one in its place', () => {
  it.each([
    ['', 60, 0, 0],
    ['take=20, validation=7, test=11, shuffle_seed=5', 20, 7, 11],
    ['test=10, labels="labels.npy", classes=[2, 0], shuffle_seed=3', 30, 0, 10],
    ['validation=4, test=12, labels="labels.npy", train_on=[1]', 12, 4, 12],
    ['take=9, test=4, test_file="in_test.npy"', 9, 0, 4],
    ['test_file="in_test.npy", labels="labels.npy", test_labels="labels_test.npy", classes=[1]', 20, 0, 3],
  ])('of data divided by %s', async (parts, train, validation, test) => {
    const own = parts.includes('test_file') ? ', test_file="out_test.npy"' : '';
    const compiled = compiledHere(`data npy("in.npy"${parts === '' ? '' : `, ${parts}`})  target npy("out.npy"${own})`);
    const request = { ...compiled, library: builtinWords };
    const pairs = pairsOf(await loadExamples(request, {}));
    expect(Object.values(pairs).map(({ length }) => length)).toEqual([train, validation, test]);
    for (const pair of Object.values(pairs).flat()) expect(pair[1]).toBe(1000 + pair[0]);
    const shared = await new SharedData().load(request, { 'in.npy': join(scratch.path, 'in.npy') });
    expect(pairsOf(shared)).toEqual(pairs);
  });

  it('of digits that are drawn as far as they are used', async () => {
    const compiled = compiledHere('data digits(take=5, validation=2, test=3) { resize(14) }  target digits()');
    const { train, validation, test, target } = await loadExamples({ ...compiled, library: builtinWords }, {});
    expect(target?.train.count).toBe(7);
    for (const { part, indices, target: wanted } of [train, validation, test]) {
      expect(wanted?.indices).toEqual(indices);
      expect(wanted?.part.values).toEqual(part.values);
    }
  });
});

describe('pictures of two folders', () => {
  const folder = (name: string, files: readonly string[]) => {
    for (const [i, file] of files.entries()) {
      const image = { width: 2, height: 2, data: new Uint8Array(4).fill(10 * i), channels: 1 } as const;
      scratch.put(`${name}/${file}`, encode(image));
    }
  };
  const load = (target: string) => {
    const compiled = compiledHere(`data images("noisy")  target images("${target}")`);
    return loadExamples({ ...compiled, library: builtinWords }, {});
  };
  beforeAll(() => {
    folder('noisy', ['a.png', 'b.png', 'c.png']);
    folder('clean', ['a.png', 'b.png', 'c.png']);
    folder('shifted', ['b.png', 'c.png', 'd.png']);
    folder('others', ['x1.png', 'x2.png', 'x3.png']);
  });

  it('are paired in the order of their names, and by them where some are alike', async () => {
    expect((await load('clean')).train.target?.part.count).toBe(3);
    expect((await load('others')).train.target?.part.count).toBe(3);
    await expect(load('shifted')).rejects.toThrow('has b.png in the place of a.png');
  });
});

it('trains the experiments of its chapter', async () => {
  const values = Float32Array.from({ length: 200 * 6 }, (_, k) => Math.sin(k) + 1);
  const tensor = (name: string) => ({ name, shape: [200, 6], values });
  scratch.put('acts.safetensors', encodeSafetensors([tensor('mlp_in'), tensor('mlp_out')]));
  const clean = values.map((value) => value / 2);
  scratch.put('noisy.npy', encodeNpy([200, 6], values));
  scratch.put('clean.npy', encodeNpy([200, 6], clean));
  const ofTest = clean.slice(150 * 6);
  const distance = ofTest.reduce((sum, value) => sum + value ** 2, 0) / ofTest.length;
  scratch.put('data/leaves.csv', readFileSync('experiments/data/leaves.csv'));
  const blocks = [...readFileSync('docs/targets.md', 'utf8').matchAll(/^```ae\n([\s\S]*?)^```$/gm)];
  expect(blocks).toHaveLength(4);
  for (const [i, [, text = '']] of blocks.entries()) {
    const source = { path: scratch.put(`chapter${i}.ae`, text), text };
    const { value, diagnostics } = compile(source, null, { library: builtinWords, world: fileWorld() });
    expect([value === null, diagnostics]).toEqual([false, []]);
    const data = text.includes('digits') ? 'digits(take=50, validation=5, test=5)' : null;
    const trained = await run({ source, backend: 'cpu', store: null, maxSteps: 2, data });
    trained.model?.dispose();
    expect([trained.status, trained.failures]).toEqual(['complete', []]);
    if (text.includes('denoising')) expect(trained.metrics['test.denoising.input_mse']).toBeCloseTo(distance, 5);
  }
});

describe('a model with a target', () => {
  let trained = '';
  beforeAll(async () => {
    const text = `experiment linear {
      data npy("in.npy", take=40, validation=8, test=12, shuffle_seed=1) { standardize() }
      target npy("out.npy") { standardize() }
      encoder { code: dense(3) }
      decoder { dense(target.size) }
      loss mse()
      train adam(lr=0.05) { epochs = 25  batch = 8 }
      show { reconstructions(4) }
    }`;
    const result = await run({ source: { path: scratch.put('linear.ae', text), text }, backend: 'cpu', store });
    result.model?.dispose();
    expect(result.failures).toEqual([]);
    expect(result.metrics['test.mse']).toBeLessThan(1);
    trained = result.runId ?? '';
  });

  it('gives what the target would be, in its units, and its errors are those against it', async () => {
    const rows = await apply(trained, { ...options, output: 'reconstruction', part: 'all' });
    expect(rows.shape).toEqual([2]);
    const { values: errors } = await apply(trained, { ...options, output: 'error', part: 'all' });
    const { values: scaled } = await apply(trained, { ...options, output: 'scaled_error', part: 'all' });
    const { values: scores } = await apply(trained, { ...options, output: 'score', score: 'mse', part: 'all' });
    expect(Math.max(...rows.values.map((value, k) => Math.abs(value - (targets[k] ?? 0))))).toBeLessThan(4);
    for (let i = 0; i < count; i++) {
      const [a = 0, b = 0] = rows.values.slice(2 * i, 2 * i + 2);
      const error = ((a - (targets[2 * i] ?? 0)) ** 2 + (b - (targets[2 * i + 1] ?? 0)) ** 2) / 2;
      expect(errors[i]).toBeCloseTo(error, 3);
      expect(scores[i]).toBeCloseTo(scaled[i] ?? Number.NaN, 6);
    }
  });

  it('takes other rows, and compares with targets that are given for them', async () => {
    const named = { ...options, data: join(scratch.path, 'in_test.npy') };
    const all = await apply(trained, { ...options, output: 'error', part: 'all' });
    const some = await apply(trained, { ...named, output: 'error', target: join(scratch.path, 'out_test.npy') });
    expect([...some.values]).toEqual([...all.values.slice(50)]);
    expect((await apply(trained, { ...named, output: 'code' })).count).toBe(10);
    await expect(apply(trained, { ...named, output: 'error' })).rejects.toMatchObject({
      message: expect.stringContaining("'error' compares what r1 gives with a target, and none is given"),
      hint: 'name it: --target targets.npy',
    });
    await expect(apply(trained, { ...named, output: 'score', target: join(scratch.path, 'out.npy') })).rejects.toThrow(
      'has 60 and none examples',
    );
    await expect(
      apply(trained, { ...named, output: 'score', target: join(scratch.path, 'in_test.npy') }),
    ).rejects.toThrow('takes rows of 2');
  });

  it('is another training with another target file', async () => {
    const compiled = compiledHere('data npy("in.npy", test=10)  target npy("out.npy")');
    const request = { ...compiled, library: builtinWords };
    const before = await loadExamples(request, {});
    expect(before.dataset.checksum).not.toBe(
      (await loadExamples({ ...request, ir: { ...compiled.ir, target: null } }, {})).dataset.checksum,
    );
    scratch.put(
      'out.npy',
      encodeNpy(
        [count, 2],
        targets.map((value) => value + 1),
      ),
    );
    expect((await loadExamples(request, {})).dataset.checksum).not.toBe(before.dataset.checksum);
    await expect(apply(trained, { ...options, output: 'code' })).rejects.toThrow('other data');
    scratch.put('out.npy', encodeNpy([count, 2], targets));
  });
});
