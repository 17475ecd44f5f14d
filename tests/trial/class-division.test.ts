import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { recordingWorld } from '../../src/project/recipe.js';
import { fileWorld } from '../../src/project/world.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { run } from '../../src/sweep/run.js';
import { builtinWords } from '../../src/words/words.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const folder = scratchFolder();
const table = (labels: readonly (string | number)[]) =>
  `a,b,y\n${labels.map((label, i) => `${Math.sin(i)},${(i % 7) / 7 + (label === labels[0] ? 0 : 3)},${label}`).join('\n')}\n`;
const sorted = Array.from({ length: 60 }, (_, i) => Math.floor(i / 20));
folder.put('sorted.csv', table(sorted));
folder.put(
  'x.npy',
  encodeNpy(
    [60, 2],
    Float32Array.from({ length: 120 }, (_, i) => Math.sin(i)),
  ),
);
folder.put('y.npy', encodeNpy([60], Uint8Array.from(sorted)));
folder.put('mixed.csv', table(sorted.map((_, i) => i % 3)));
folder.put('other.csv', table(['0', '1', '7', '7']));
folder.put('signed.csv', table(sorted.map((_, i) => (i % 2 === 0 ? -1 : 1))));
folder.put('large.csv', table(sorted.map((_, i) => (i % 2 === 0 ? 3 : 200_000_000))));
folder.put('texts.csv', table(sorted.map((_, i) => (i % 2 === 0 ? 'False' : 'True'))));

const sourceOf = (data: string, more = '') => ({
  path: `${folder.path}/classes.ae`,
  text: `experiment classes {
    data ${data} { standardize() }
    encoder { code: dense(2) }
    decoder { dense(input.size) }
    loss mse()
    train adam(lr=0.01) { epochs = 3  batch = 10 }
    ${more}
  }`,
});

const diagnosed = (data: string) =>
  compile(sourceOf(data), null, { library: builtinWords, world: fileWorld() }).diagnostics;

/** Of a network that is told the class. */
const diagnosedWithClass = (data: string) => {
  const { path, text } = sourceOf(data);
  const told = { path, text: text.replace('code: dense(2)', 'condition(label)  code: dense(2)') };
  return compile(told, null, { library: builtinWords, world: fileWorld() }).diagnostics;
};

beforeAll(() => vi.stubEnv('AEDSL_DATA', folder.path));
afterAll(() => vi.unstubAllEnvs());

it('a test table with texts for classes is refused beside one with numbers', () => {
  const [found, ...more] = diagnosed('csv("signed.csv", label="y", test_file="texts.csv")');
  expect(found?.message).toMatch(/texts.csv: has texts for classes \(.*True.*\), and those of the training table are/);
  expect(more).toEqual([]);
  expect(diagnosed('csv("texts.csv", label="y", test_file="texts.csv")')).toEqual([]);
  expect(diagnosed('csv("signed.csv", label="y", test_file="signed.csv")')).toEqual([]);
});

it('a test table with other columns is refused by their names', () => {
  folder.put('ab.csv', 'a,b\n1,2\n2,3\n');
  folder.put('abc.csv', 'a,b,c\n1,2,5\n');
  folder.put('a.csv', 'a\n1\n');
  const said = (test: string) => diagnosed(`csv("ab.csv", test_file="${test}")`).map(({ message }) => message);
  expect(said('abc.csv')).toEqual([
    expect.stringMatching(/abc.csv: has columns that the training table doesn't have: c$/),
  ]);
  expect(said('a.csv')).toEqual([expect.stringMatching(/\ba.csv: doesn't have the column b$/)]);
});

it('a table with an index is warned of once for both files, and its run remembers no warning', () => {
  const indexed = `Unnamed: 0,a\n${Array.from({ length: 20 }, (_, i) => `${i},${Math.cos(i)}`).join('\n')}\n`;
  for (const name of ['indexed.csv', 'indexed_test.csv']) folder.put(name, indexed);
  const data = 'csv("indexed.csv", test_file="indexed_test.csv")';
  expect(diagnosed(data)).toMatchObject([
    { code: 'AE514', severity: 'warning', hint: 'leave it out with drop=["Unnamed: 0"]' },
  ]);
  const { world, files } = recordingWorld(fileWorld());
  compile(sourceOf(data), null, { library: builtinWords, world });
  expect(Object.keys(files)).toHaveLength(2);
  expect(JSON.stringify(files)).not.toContain('doubts');
});

describe('a set that is sorted by class', () => {
  it.each([
    ['csv("sorted.csv", label="y", test=20)', ["the class '2' of the test part"]],
    ['csv("sorted.csv", label="y", test=30)', ["the class '2' of the test part"]],
    [
      'csv("sorted.csv", label="y", validation=20, test=20)',
      ["the class '1' of the validation part", "the class '2' of the test part"],
    ],
    ['csv("sorted.csv", label="y", take=10, validation=5, test=40)', ["the classes '1', '2' of the test part"]],
  ])('%s is warned of before training, with what to write', (data, sentences) => {
    const found = diagnosed(data);
    expect(found).toHaveLength(sentences.length);
    found.forEach((one, i) => {
      expect(one).toMatchObject({ code: 'AE512', severity: 'warning' });
      expect(one.message).toContain(sentences[i]);
      expect(one.hint).toContain('shuffle_seed=1');
    });
  });

  it('is not, where it is mixed or every class is trained on', () => {
    for (const data of [
      'csv("sorted.csv", label="y", test=20, shuffle_seed=1)',
      'csv("sorted.csv", label="y", test=19)',
      'csv("mixed.csv", label="y", validation=20, test=20)',
      'csv("sorted.csv", drop=["y"], test=20)',
    ]) {
      expect(diagnosed(data)).toEqual([]);
      if (data.includes('label=')) expect(diagnosedWithClass(data)).toEqual([]);
    }
  });

  it.each([
    ['csv("sorted.csv", label="y", test=20)', "the class '2'", 'shuffle_seed=1', 'classes=[0, 1]'],
    ['csv("sorted.csv", label="y", take=20, validation=20)', "the classes '1', '2'", 'shuffle_seed=1', 'classes=[0]'],
    ['csv("sorted.csv", label="y", take=40)', "the class '2'", 'shuffle_seed=1', 'classes=[0, 1]'],
    ['csv("mixed.csv", label="y", test_file="other.csv")', "the class '7'", 'train on some', 'classes=[0, 1, 2]'],
    [
      'csv("mixed.csv", label="y", test_file="other.csv", test=2)',
      "the class '7'",
      'train on some',
      'classes=[0, 1, 2]',
    ],
    ['csv("mixed.csv", label="y", train_on=[0, 2], test=30)', "the class '1'", 'train on some', 'classes=[0, 2]'],
    [
      'csv("sorted.csv", label="y", take=4, test=50, shuffle_seed=1)',
      "the class '2'",
      'train on some',
      'classes=[0, 1]',
    ],
    ['npy("x.npy", labels="y.npy", test=20)', "the class '2'", 'shuffle_seed=1', 'classes=[0, 1]'],
  ])('is refused where the network is told the class: %s', (data, named, ...hints) => {
    const found = diagnosedWithClass(data);
    expect(found).toMatchObject([{ code: 'AE512', severity: 'error', message: expect.stringContaining(named) }]);
    for (const hint of hints) expect(found[0]?.hint).toContain(hint);
  });

  it('may leave classes out that it names', () => {
    expect(diagnosedWithClass('csv("sorted.csv", label="y", classes=[0, 1], shuffle_seed=1, test=10)')).toEqual([]);
  });

  it('is warned of where mixing leaves a class to the test', () => {
    const [found] = diagnosed('csv("sorted.csv", label="y", take=4, test=50, shuffle_seed=1)');
    expect(found).toMatchObject({ code: 'AE512', severity: 'warning', hint: expect.stringContaining('train on some') });
  });

  it('classes of a test file alone are named, shuffled or not', () => {
    for (const shuffled of ['', ', shuffle_seed=1']) {
      const [found] = diagnosed(`csv("mixed.csv", label="y", test_file="other.csv"${shuffled})`);
      expect(found?.message).toContain("the class '7' of the test part");
      expect(found?.hint).toContain('a probe cannot know them');
    }
    // Mixing brings in what the training file has.
    const [late] = diagnosed('csv("sorted.csv", label="y", take=10, test_file="mixed.csv")');
    expect(late).toMatchObject({ code: 'AE512', hint: expect.stringContaining('shuffle_seed=1') });
    expect(diagnosed('csv("mixed.csv", label="y", test_file="other.csv", test=2)')).toEqual([]);
  });
});

describe('labels of any kind', () => {
  it.each([
    ['csv("signed.csv", label="y", test=20)', 1],
    ['csv("large.csv", label="y", test=20)', 1],
    ['csv("texts.csv", label="y", test=20)', 1],
    ['csv("mixed.csv", label="y", test_file="other.csv")', 0.5],
  ])('%s', async (data, least) => {
    const began = performance.now();
    const { metrics, model, pictures } = await run({
      source: sourceOf(data, 'evaluate { linear_probe()  knn(k=1) }  show { latent_scatter() }'),
      backend: 'cpu',
    });
    model?.dispose();
    expect(metrics['test.linear_probe']).toBeGreaterThanOrEqual(least);
    expect(metrics['test.knn']).toBeGreaterThanOrEqual(least);
    expect(pictures).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
