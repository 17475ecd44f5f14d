import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { extendLibrary } from '../../src/compiler/library/library.js';
import { apply } from '../../src/models/apply.js';
import { huggingFaceFiles } from '../../src/models/export-huggingface.js';
import { exportPytorch } from '../../src/models/export-pytorch.js';
import { sample } from '../../src/models/sample.js';
import { fileWorld } from '../../src/project/world.js';
import { NAMED_SETS } from '../../src/runtime/datasets/named-set.js';
import { decodeNpy } from '../../src/runtime/datasets/npy.js';
import { loadTables } from '../../src/runtime/datasets/table-dataset.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { networkOf } from '../../src/runtime/lowering/network-of-experiment.js';
import { initialWeights } from '../../src/runtime/training/initial-weights.js';
import { run } from '../../src/sweep/run.js';
import { load, loadStored } from '../../src/trial/load.js';
import { Model } from '../../src/trial/model.js';
import { digits as digitSet } from '../../src/words/dataset/digits.js';
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
  show { samples(20)  walk(3, condition=7)  walk(2)  reconstructions(4)  latent_scatter(z) }
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

  it('knows the classes of a published set by name, and by number where the rows have no names', async () => {
    const classNames = ['shirt', 'coat', 'shoe', 'bag', 'hat', 'belt', 'sock', 'scarf', 'glove', 'ankle boot'];
    const garments: typeof digitSet = {
      ...digitSet,
      name: 'garments',
      published: { ...NAMED_SETS.fashion_mnist, classNames },
      load: async (...given) => {
        const loaded = await digitSet.load(...given);
        return { ...loaded, dataset: { ...loaded.dataset, classNames } };
      },
    };
    const library = extendLibrary(builtinWords, { dataset: [garments] });
    const text = `experiment clothes {
      data garments(take=40, test=12) { center_crop(6) }
      encoder { flatten()  condition(label)  z: reparameterize { mu: dense(2)  logvar: dense(2) } }
      decoder { condition(label)  dense(input.size, activation=sigmoid) }
      loss mse() + kl_gaussian()
      train adam() { epochs = 1  batch = 20 }
    }`;
    const source = { path: scratch.put('clothes.ae', text), text };
    const { runId, model } = await run({ source, library, backend: 'cpu', store });
    model?.dispose();
    const asked = { ...options, library, output: 'code' };
    const own = await apply(runId ?? '', asked);
    // The same pictures, with numbers for classes.
    const numbered = await apply(runId ?? '', { ...asked, data: 'digits(test=12)' });
    expect(numbered.values).toEqual(own.values);
    const boots = await sample(runId ?? '', { ...options, library, count: 3, seed: 1, condition: 'ankle boot' });
    expect(boots).toEqual(await sample(runId ?? '', { ...options, library, count: 3, seed: 1, condition: '9' }));
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

/** Rows whose value is their age in decades, and 10 more for the second of two sexes. */
const people = Array.from({ length: 60 }, (_, i) => {
  const age = 20 + ((i * 7) % 41);
  const sex = i % 2 === 0 ? 'f' : 'm';
  const value = age / 10 + (sex === 'm' ? 10 : 0);
  return `${age},${value},${sex},${value / 2}`;
});
const peopleTable = (lines: readonly string[]) => ['age,dose,sex,rest', ...lines].join('\n');
const peopleBody = (data: string, columns = '["age", "sex"]', decoder = columns) =>
  `data ${data} { standardize() }
   encoder { condition(columns=${columns})  z: reparameterize { mu: dense(2)  logvar: dense(2) } }
   decoder { condition(columns=${decoder})  dense(input.size) }
   loss mse() + 0.001 * kl_gaussian()
   train adam(lr=0.05) { epochs = 40  batch = 10 }
   show { samples(6)  walk(2)  reconstructions(4) }`;

describe('a model that is given columns of a table', () => {
  let id = '';
  beforeAll(async () => {
    scratch.put('people.csv', peopleTable(people));
    id = await trainedHere('people', peopleBody('csv("people.csv", test=10, validation=10)'));
  });
  const draw = (condition: string | null, count = 8) =>
    sample(id, { ...options, count, seed: 3, ...(condition === null ? {} : { condition }) });
  const mean = ({ values }: { readonly values: Float32Array }) =>
    values.filter((_, i) => i % 2 === 0).reduce((sum, value) => sum + value, 0) / (values.length / 2);

  it('rebuilds and draws the others by them', async () => {
    const of = await draw('age=50,sex=m');
    expect(of.columns).toEqual(['dose', 'rest']);
    expect(mean(of)).toBeGreaterThan(13.5);
    expect(mean(of)).toBeLessThan(16.5);
    expect(mean(await draw('sex=f, age=30'))).toBeLessThan(5);
    // Each code with every category that is not named.
    const both = await draw('age=50', 4);
    expect([...both.values.slice(2, 4)]).toEqual([...of.values.slice(0, 2)]);
    expect(both.values[0]).toBeLessThan(8);
  });

  it('says what a condition lacks', async () => {
    await expect(draw(null)).rejects.toMatchObject({ hint: 'name a value of each: --condition age=40' });
    await expect(draw('40')).rejects.toThrow("'40' does not say which condition");
    await expect(draw('age=40,age=41')).rejects.toThrow("names 'age' twice");
    await expect(draw('agee=40,sex=f')).rejects.toMatchObject({ hint: "did you mean 'age'?" });
    await expect(draw('age=old,sex=f')).rejects.toThrow("'old' is no number");
    await expect(draw('age=40,sex=female')).rejects.toMatchObject({ hint: 'it has f, m' });
  });

  it('takes them from the table that it is applied to, whatever their order', async () => {
    const rows = people.slice(0, 4).map((line) => line.split(','));
    const turned = (sexes: readonly string[] = []) =>
      ['sex,rest,dose,age', ...rows.map(([age, dose, sex, rest], i) => [sexes[i] ?? sex, rest, dose, age].join())].join(
        '\n',
      );
    const at = (name: string, text: string) => ({ ...options, output: 'error', data: scratch.put(name, text) });
    const { values } = await apply(id, at('turned.csv', turned()));
    const { values: own } = await apply(id, { ...options, output: 'error', part: 'train' });
    expect([...values]).toEqual([...own.slice(0, 4)]);
    // The scaling is that of the training rows, so a row alone gives the same.
    const { values: one } = await apply(id, at('one_person.csv', peopleTable(people.slice(0, 1))));
    expect([...one]).toEqual([...own.slice(0, 1)]);
    await expect(apply(id, at('unseen.csv', turned(['f', 'x'])))).rejects.toThrow(
      "'x' is no category of the training rows",
    );
    await expect(apply(id, at('few.csv', 'dose,rest\n1,2'))).rejects.toThrow("has no column 'age'");
    await expect(apply(id, { ...options, output: 'error', data: 'mnist' })).rejects.toThrow();
    const array = scratch.put('people.npy', encodeNpy([1, 2], new Float32Array(2)));
    await expect(apply(id, { ...options, output: 'error', data: array })).rejects.toThrow('needs the columns age, sex');
  });

  const checked = (body: string) => {
    const source = { path: join(scratch.path, 'checked.ae'), text: `experiment checked {\n${body}\n}` };
    const { value, diagnostics } = compile(source, null, { library: builtinWords, world: fileWorld() });
    return {
      value,
      said: diagnostics.map(({ code, message, span }) => [
        code,
        message,
        span && source.text.slice(span.start, span.end),
      ]),
    };
  };

  it('has them for no features, scaled by what the training rows have alone', () => {
    const { value } = checked(peopleBody('csv("people.csv", test=10)', '["sex"]'));
    expect(value?.ir.data).toMatchObject({
      shape: [3],
      conditions: [{ name: 'sex', categories: ['f', 'm'], range: { low: 0, high: 1 } }],
    });
    expect(value?.ir.encoder[0]?.output).toEqual([5]);
    // A column of numbers that are no categories, and one that both blocks name in another order.
    const both = checked(peopleBody('csv("people.csv", test=10)', '["sex", "age"]', '["age"]')).value;
    expect(both?.ir.data.conditions.map(({ name }) => name)).toEqual(['age', 'sex']);
    expect([both?.ir.encoder[0]?.output, both?.ir.decoder[0]?.output]).toEqual([[5], [3]]);
    // A block may name them, and a table that already does means the same.
    const block = `define block given() { condition(columns=["sex"]) }\n`;
    const { text } = { text: peopleBody('csv("people.csv", test=10)', '["sex"]') };
    const source = {
      path: join(scratch.path, 'block.ae'),
      text: `${block}experiment checked {\n${text.replaceAll('condition(columns=["sex"])', 'given()')}\n}`,
    };
    expect(compile(source, null, { library: builtinWords, world: fileWorld() }).value?.hash).toBe(value?.hash);
    const named = checked(peopleBody('csv("people.csv", condition=["sex"], test=10)', '["sex"]')).value;
    expect(named?.hash).toBe(value?.hash);
  });

  it('is not decided by rows that are not trained on', () => {
    const said = (at: number, text: string, data: string, column = 0, columns = '["age", "sex"]') => {
      const rows = people.map((line, i) =>
        line.split(',').map((field, j) => (i === at && j === column ? text : field)),
      );
      scratch.put('odd.csv', peopleTable(rows.map((row) => row.join())));
      return checked(peopleBody(data, columns)).said.map(([code, message]) => `${code} ${message}`);
    };
    // Row 57 is tested, row 40 is not used at all.
    for (const at of [57, 40]) {
      expect(said(at, 'old', 'csv("odd.csv", take=30, test=10)')).toEqual([
        expect.stringMatching(`AE702 .*row ${at + 2}, column 'age': 'old' is no number, and all training rows`),
      ]);
      expect(said(at, 'x', 'csv("odd.csv", take=30, test=10, categories=["sex"])', 2, '["age"]')).toEqual([
        expect.stringMatching(`AE702 .*row ${at + 2}, column 'sex': 'x' is no category of the training rows`),
      ]);
    }
  });

  it('has categories among the features with categories=, which no transform scales', async () => {
    const data = 'csv("people.csv", categories=["sex", "age"], condition=["age"], test=10, validation=10)';
    const { value, said } = checked(peopleBody(data, '["age"]'));
    // The ages of the last rows are those of no training row.
    expect(said).toMatchObject([['AE702', expect.stringContaining("column 'age': '"), expect.anything()]]);
    expect(value).toBeNull();
    const named = await trainedHere(
      'named',
      `data csv("people.csv", categories=["sex"], test=10, validation=10) { standardize() }
       encoder { code: dense(3) }
       decoder { condition(columns=["age"])  dense(input.size) }
       loss mse()
       train adam(lr=0.05) { epochs = 40  batch = 10 }`,
    );
    const order = 'sex,rest,dose,age\nm,7.5,15,50\nf,2,4,40';
    const asked = { ...options, output: 'reconstruction', data: scratch.put('order.csv', order) };
    const { values, columns } = await apply(named, asked);
    expect(columns).toEqual(['dose', 'rest', 'sex=f', 'sex=m']);
    const isMale = [3, 7].map((place) => (values[place] ?? 0) > 0.5);
    const isFemale = [2, 6].map((place) => (values[place] ?? 0) > 0.5);
    expect([isMale, isFemale]).toEqual([
      [true, false],
      [false, true],
    ]);
    const { weights, trial } = await loadStored(named, store, { library: builtinWords, backend: 'cpu' });
    expect(trial.compiled.ir.data.indicators).toEqual([2, 3]);
    expect([...(weights.get('data/standardize/mean') ?? [])].slice(2)).toEqual([0, 0]);
    expect([...(weights.get('data/standardize/std') ?? [])].slice(2)).toEqual([1, 1]);
    // Its encoder is given no condition, so a code needs none, and one that is there is not unknown.
    const code = await apply(named, { ...asked, output: 'code' });
    const without = scratch.put('without.csv', 'sex,rest,dose\nm,7.5,15\nf,2,4');
    expect((await apply(named, { ...asked, output: 'code', data: without })).values).toEqual(code.values);
    expect(code.notes).toEqual([]);
    const unknown = scratch.put('unknown.csv', 'sex,rest,dose,age\nx,1,2,3');
    await expect(apply(named, { ...asked, data: unknown })).rejects.toThrow("row 2, column 'sex': 'x' is no category");
  });

  it('is given its class and its columns by the layers that name them', () => {
    const { value } = checked(`data csv("people.csv", label="sex", test=10)
      encoder { condition(label)  condition(columns=["age"])  code: dense(1) }
      decoder { dense(input.size) }
      loss mse()
      train adam() { epochs = 1 }`);
    if (value === null) throw new Error('it compiles, with a warning');
    const weight = (place: number) => Float32Array.from({ length: 5 }, (_, i) => (i === place ? 1 : 0));
    const codes = [2, 3, 4].map((place) => {
      const weights = new Map([
        ...initialWeights(networkOf(value.ir, builtinWords), 1),
        ...([
          ['encoder/0/weight', weight(place)],
          ['encoder/0/bias', new Float32Array(1)],
        ] as const),
      ]);
      const model = new Model(value.ir, weights, builtinWords);
      const columns = Float32Array.of(31, 47);
      const { values } = model.encode(new Float32Array(4), { classes: Int32Array.of(1, 0), columns });
      model.dispose();
      return [...values];
    });
    expect(codes).toEqual([
      [0, 1],
      [1, 0],
      [31, 47],
    ]);
  });

  it('is another data set where a condition is another, and has a limit', () => {
    const read = (name: string, lines: readonly string[]) => {
      const examples = scratch.put(name, peopleTable(lines));
      const asked = { label: null, drop: [], testExamples: null, conditions: [{ name: 'sex', kind: null }] };
      return loadTables({ examples, ...asked }).dataset;
    };
    const [first = '', ...rest] = people;
    const other = read('other_people.csv', [first.replace(',f,', ',m,'), ...rest]);
    expect(other.train.values).toEqual(read('same_people.csv', people).train.values);
    expect(other.checksum).not.toBe(read('same_people.csv', people).checksum);
    const many = Array.from({ length: 10_001 }, (_, i) => `1,2,s${i},3`);
    expect(() => read('many_people.csv', many)).toThrow("column 'sex' has 10,001 different texts");
  });

  it('is refused columns that there are not, with the place', () => {
    const said = (columns: string, data = 'csv("people.csv")') => checked(peopleBody(data, columns, '["sex"]')).said;
    expect(said('["aeg", "sex"]')).toEqual([['AE702', expect.stringContaining("no column 'aeg'"), '"aeg"']]);
    expect(said('["sex", "sex"]')).toMatchObject([
      ['AE526', expect.stringContaining('given twice'), expect.anything()],
    ]);
    expect(said('[]')).toMatchObject([['AE526', expect.stringContaining('needs a column'), expect.anything()]]);
    expect(said('["sex"]', 'digits()')).toMatchObject([
      ['AE526', expect.stringContaining("'digits' has no columns"), '"sex"'],
    ]);
    expect(said('["age", "sex", "dose", "rest"]')).toMatchObject([
      ['AE702', expect.stringContaining('all are conditions'), expect.anything()],
    ]);
    const alone = checked(peopleBody('csv("people.csv")').replace('condition(columns', 'condition(label, columns'));
    expect(alone.said).toMatchObject([['AE303', expect.stringContaining('not both'), expect.anything()]]);
    const unscaled = checked(peopleBody('csv("people.csv")').replace('standardize()', ''));
    expect(unscaled.said).toMatchObject([['AE513', expect.stringContaining("'age' has values of up to 60"), '"age"']]);
    scratch.put('others.csv', peopleTable([...people, '30,1,x,2']));
    const row = "row 62, column 'sex': 'x' is no category";
    expect(said('["sex"]', 'csv("others.csv", test=3)')).toMatchObject([
      ['AE702', expect.stringContaining(row), expect.anything()],
    ]);
    expect(said('["sex"]', 'csv("others.csv", take=20, test=0)')).toEqual([]);
    const tested = 'csv("people.csv", test_file="others.csv")';
    expect(said('["sex"]', tested)).toMatchObject([['AE702', expect.stringContaining(row), expect.anything()]]);
    scratch.put('gaps.csv', peopleTable([...people.slice(0, 8), '30,1,,2', ',1,f,2']));
    const gap = [['AE702', expect.stringContaining("row 10, column 'sex': the value is missing"), expect.anything()]];
    expect(said('["sex"]', 'csv("gaps.csv")')).toMatchObject(gap);
    expect(said('["sex"]', 'csv("gaps.csv", fill=0)')).toMatchObject(gap);
    const dropped = checked(peopleBody('csv("gaps.csv", missing=drop)')).value;
    expect(dropped?.ir.data.train).toBe(8);
  });

  it('is replayed by PyTorch with the values that it was given', async () => {
    const folder = join(scratch.path, 'pytorch');
    await exportPytorch({ library: builtinWords, run: id, store, folder });
    expect(readFileSync(join(folder, 'model.py'), 'utf8')).toMatch(
      /\(row\["age"\] - [\d.]+\) \/ [\d.]+,\n +\*one_hot\(row\["sex"\], \("f", "m"\)\)/,
    );
    const { dims, data } = decodeNpy(readFileSync(join(folder, 'conditions.npy')), 'conditions.npy');
    expect(dims).toEqual([40, 3]);
    const ages = people.slice(0, 40).map((line) => Number(line.split(',')[0]));
    const mean = ages.reduce((sum, age) => sum + age, 0) / 40;
    const std = Math.sqrt(ages.reduce((sum, age) => sum + (age - mean) ** 2, 0) / 40);
    expect([...data.slice(0, 6)]).toEqual(
      [(ages[0] ?? 0) - mean, (ages[1] ?? 0) - mean].flatMap((x, i) => [Math.fround(x / std), 1 - i, i]),
    );
  });
});

it('has vectors of its own with embedding: rows of a weight, which training moves for the classes that it has', async () => {
  const id = await trainedHere(
    'vectors',
    `data digits(take=40, test=10, classes=[0, 1, 7]) { center_crop(8) }
     encoder { condition(label, embedding=2)  conv2d(3, kernel=3)  relu()  code: dense(4) }
     decoder { condition(label, embedding=3, frozen=true)  dense(input.size) }
     loss mse()
     train sgd(lr=0.5) { epochs = 1  batch = 10 }`,
  );
  const { weights, trial } = await loadStored(id, store, { library: builtinWords, backend: 'cpu' });
  const { ir } = trial.compiled;
  expect(ir.encoder[0]).toMatchObject({ address: 'encoder/0', output: [3, 8, 8] });
  const start = initialWeights(networkOf(ir, builtinWords), 1);
  const moved = (key: string) => {
    const [before, after] = [start.get(key), weights.get(key)];
    return [...(after ?? [])].flatMap((value, i) => (value === before?.[i] ? [] : [Math.floor(i / 2)]));
  };
  expect([...new Set(moved('encoder/0/weight'))]).toEqual([0, 1, 7]);
  expect(moved('decoder/0/weight')).toEqual([]);
  const { diagnostics } = compile(
    {
      path: join(scratch.path, 'wrong.ae'),
      text: `experiment wrong {\n${peopleBody('csv("people.csv")').replaceAll(']', '], embedding=2')}\n}`,
    },
    null,
    { library: builtinWords, world: fileWorld() },
  );
  expect(diagnostics[0]).toMatchObject({ code: 'AE526', message: expect.stringContaining("'age' has numbers") });
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
