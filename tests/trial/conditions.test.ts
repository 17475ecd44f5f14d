import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../src/models/apply.js';
import { huggingFaceFiles } from '../../src/models/export-huggingface.js';
import { sample } from '../../src/models/sample.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { run } from '../../src/sweep/run.js';
import { load } from '../../src/trial/load.js';
import { builtinWords } from '../../src/words/words.js';
import { compileStatements } from '../compiler/compiled.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const scratch = scratchFolder();
const store = join(scratch.path, 'results.db');
const options = { library: builtinWords, store, backend: 'cpu' } as const;

async function trainedHere(name: string, body: string): Promise<string> {
  const text = `experiment ${name} {\n${body}\n}`;
  const trained = await run({ source: { path: scratch.put(`${name}.ae`, text), text }, backend: 'cpu', store });
  trained.model?.dispose();
  expect(trained.failures).toEqual([]);
  return trained.runId ?? '';
}

const network = `decoder { condition(label)  dense(12, activation=relu)  dense(input.size, activation=sigmoid) }
  loss mse() + 0.1 * kl_gaussian()
  train adam(lr=0.01) { epochs = 3  batch = 8 }`;

const images = `data digits(take=160, test=24) { center_crop(12) }
  encoder { flatten()  condition(label)  z: reparameterize { mu: dense(2)  logvar: dense(2) } }
  ${network}
  show { samples(20)  walk(3, condition=7)  reconstructions(4)  latent_scatter(z) }
  evaluate { psnr()  knn(z.mu, k=3) }`;

/** Two classes whose rows are 0 and 1, so that a decoder that knows the class knows the row. */
const rows = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? '0,0,ash' : '1,1,oak'));
const table = (lines: readonly string[]) => ['a,b,tree', ...lines].join('\n');

describe('a conditional model', () => {
  let digits = '';
  let trees = '';
  beforeAll(async () => {
    digits = await trainedHere('digits_by_class', images);
    scratch.put('trees.csv', table(rows));
    trees = await trainedHere(
      'trees',
      `data csv("trees.csv", label="tree", test=8)
       encoder { z: reparameterize { mu: dense(2)  logvar: dense(2) } }
       decoder { condition(label)  dense(2, activation=sigmoid) }
       loss bce() + kl_gaussian()
       train adam(lr=0.1) { epochs = 20  batch = 8 }`,
    );
  });

  it('draws each code for every class in turn, or for the one that is named', async () => {
    const all = await sample(digits, { ...options, count: 20, seed: null });
    const size = all.values.length / 20;
    expect(all.count).toBe(20);
    const of = (i: number) => all.values.slice(i * size, (i + 1) * size);
    expect(of(3)).not.toEqual(of(4));
    expect(of(3)).not.toEqual(of(13));
    const threes = await sample(digits, { ...options, count: 2, seed: null, condition: '3' });
    expect([...threes.values]).toEqual([...of(3), ...of(13)]);
    const named = await sample(trees, { ...options, count: 30, seed: 5, condition: 'oak' });
    const numbered = await sample(trees, { ...options, count: 30, seed: 5, condition: '1' });
    expect(named.values).toEqual(numbered.values);
    const ash = await sample(trees, { ...options, count: 30, seed: 5, condition: 'ash' });
    expect(Math.min(...named.values)).toBeGreaterThan(0.7);
    expect(Math.max(...ash.values)).toBeLessThan(0.3);
    await expect(sample(trees, { ...options, count: 1, seed: 1, condition: 'oaks' })).rejects.toMatchObject({
      message: expect.stringContaining("no class 'oaks'"),
      hint: "did you mean 'oak'?",
    });
    await expect(sample(digits, { ...options, count: 1, seed: 1, condition: '10' })).rejects.toThrow("no class '10'");
  });

  it('is applied to rows with their classes, and says so of rows without', async () => {
    scratch.put('new.csv', table(['0.5,0.5,oak', '0.5,0.5,oak', '0.5,0.5,ash']));
    const asked = { ...options, output: 'reconstruction' };
    const { values } = await apply(trees, { ...asked, data: join(scratch.path, 'new.csv') });
    expect(values[0]).toBeGreaterThan(0.7);
    expect(values[4]).toBeLessThan(0.3);
    scratch.put('one.csv', table(['0.5,0.5,oak']));
    const one = await apply(trees, { ...asked, data: join(scratch.path, 'one.csv') });
    expect([...one.values]).toEqual([...values.slice(0, 2)]);
    scratch.put('other.csv', table(['0,0,oak', '1,1,yew']));
    await expect(apply(trees, { ...asked, data: join(scratch.path, 'other.csv') })).rejects.toThrow(
      /class 'yew', which r2 was not given: it knows ash, oak/,
    );
    scratch.put('bare.npy', encodeNpy([3, 2], new Float32Array(6)));
    await expect(apply(trees, { ...asked, data: join(scratch.path, 'bare.npy') })).rejects.toThrow('has none');
    // The encoder of the trees is given no class, so their codes need none.
    const codes = await apply(trees, { ...options, output: 'code', data: join(scratch.path, 'bare.npy') });
    expect(codes.count).toBe(3);
    const own = await apply(digits, { ...options, output: 'code' });
    expect(own.count).toBe(24);
  });

  it('has a card on the Hub that says how to hand it the classes', async () => {
    const files = await huggingFaceFiles({ library: builtinWords, run: digits, store, license: 'mit' });
    const card = String(files.find(({ name }) => name === 'README.md')?.content);
    expect(card).toContain('c = torch.tensor([3])  # the class of each example, from 0 to 9');
    expect(card).toContain('code = model.encoder(x, c)');
    expect(card).toContain('rebuilt = model(x, c)');
  });

  it('depends on the class in the encoder too', async () => {
    const model = await load(digits, { store, backend: 'cpu' });
    const image = new Float32Array(144).fill(0.5);
    const [one, two] = [Int32Array.of(1), Int32Array.of(2)];
    expect(model.encode(image, one).values).not.toEqual(model.encode(image, two).values);
    expect(() => model.encode(image)).toThrow('no labels');
    expect(() => model.reconstruct(image, Int32Array.of(10))).toThrow('10 classes');
    model.dispose();
  });
});

it('has a shape of its own, and needs no address', () => {
  const { ir } = compileStatements(`data digits()
    encoder { condition(label)  conv2d(4, kernel=3)  flatten()  condition(label)  code: dense(8) }`);
  expect(ir.encoder.map(({ output, address }) => [output.join('×'), address])).toEqual([
    ['11×28×28', null],
    ['4×26×26', 'encoder/0'],
    ['2704', null],
    ['2714', null],
    ['8', 'encoder/1'],
  ]);
});
