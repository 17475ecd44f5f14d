import { encode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CompiledExperiment } from '../../src/compiler/compile.js';
import { compileRecipe, parseRecipe, recordingWorld, stringifyRecipe, worldOf } from '../../src/project/recipe.js';
import { fileWorld } from '../../src/project/world.js';
import type { LoadedData } from '../../src/runtime/datasets/load.js';
import type { Examples } from '../../src/runtime/datasets/split.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { dataFilesOf, loadExamples } from '../../src/trial/data.js';
import { SharedData } from '../../src/trial/shared-data.js';
import { builtinWords } from '../../src/words/words.js';
import { idxBytes } from '../runtime/datasets/idx-file.js';
import { inMemory } from '../runtime/datasets/in-memory.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const scratch = scratchFolder();

/** Forty rows of which every third is of class `odd` (1), every eighth of `rare` (2), and the others `normal` (0). */
const kinds = Array.from({ length: 40 }, (_, i) => (i % 3 === 1 ? 1 : i % 8 === 0 ? 2 : 0));
const kindNames = ['normal', 'odd', 'rare'];
const rows = kinds.map((kind, i) => [i, kind, i % 5]);

const recipeOf = (data: string, other: string | null = null) => ({
  sources: [
    {
      path: scratch.put('e.ae', ''),
      text: `experiment e {
        data ${data}
        encoder { flatten()  code: dense(1) }
        decoder { dense(input.size) }
        loss mse()
        train sgd(lr=0.1) { epochs = 1  batch = 1 }
      }`,
    },
  ],
  experiment: null,
  params: [],
  data: other,
  epochs: null,
  maxSteps: null,
  files: {},
});

function compiled(data: string, other: string | null = null) {
  const recording = recordingWorld(fileWorld());
  const recipe = recipeOf(data, other);
  const { value, diagnostics } = compileRecipe(recipe, recording.world, { library: builtinWords });
  const said = diagnostics.map(({ code, message, hint }) => `${code} ${message} (${hint ?? ''})`);
  return { value, said, recipe: { ...recipe, files: recording.files } };
}

function read(data: string, other: string | null = null): CompiledExperiment {
  const { value, said, recipe } = compiled(data, other);
  if (value === null) throw new Error(said.join('\n'));
  const again = compileRecipe(parseRecipe(stringifyRecipe(recipe)), worldOf(recipe), { library: builtinWords });
  expect(again.value?.hash).toBe(value.hash);
  return value;
}

const labelsOf = ({ part, indices }: Examples) => [...indices].map((i) => part.labels?.[i] ?? -1);

/** The places and classes of the examples of all parts, after checking that the compiler counted them. */
async function parts(data: string, other: string | null = null) {
  const { ir, dataFrom } = read(data, other);
  const request = { ir, dataFrom, library: builtinWords };
  const loaded = await loadExamples(request, {});
  const { train, validation, test } = loaded;
  expect([train, validation, test].map(({ indices }) => indices.length)).toEqual([
    ir.data.train,
    ir.data.validation,
    ir.data.test,
  ]);
  const shared = await new SharedData().load(request, dataFilesOf(request));
  const valuesOf = (split: typeof loaded) =>
    [split.train, split.validation, split.test].map(({ part, indices }) => {
      const size = inMemory(part).length / part.count;
      return [...indices].map((i) =>
        inMemory(part)
          .slice(i * size, (i + 1) * size)
          .join(),
      );
    });
  expect(valuesOf(shared)).toEqual(valuesOf(loaded));
  return {
    places: [train, validation, test].map(({ indices }) => [...indices]),
    classes: [train, validation, test].map(labelsOf),
    values: valuesOf(loaded),
  };
}

const placesOf = (...wanted: readonly number[]) => kinds.flatMap((kind, i) => (wanted.includes(kind) ? [i] : []));

beforeAll(() => {
  const table = (from: number, to: number, label: (kind: number) => string | number) =>
    ['a,b,c,kind', ...rows.slice(from, to).map((row, i) => [...row, label(kinds[from + i] ?? 0)].join())].join('\n');
  scratch.put(
    'named.csv',
    table(0, 40, (kind) => kindNames[kind] ?? ''),
  );
  scratch.put(
    'numbered.csv',
    table(0, 40, (kind) => kind - 1),
  );
  scratch.put(
    'known.csv',
    table(0, 40, () => 'normal'),
  );
  const floats = Float32Array.from(rows.flat());
  scratch.put('x.npy', encodeNpy([40, 3], floats));
  scratch.put('y.npy', encodeNpy([40], Float32Array.from(kinds)));
  scratch.put(
    'all.safetensors',
    encodeSafetensors([
      { name: 'x', shape: [40, 3], values: floats },
      { name: 'y', shape: [40], values: Float32Array.from(kinds) },
    ]),
  );
  scratch.put(
    'x.idx',
    idxBytes(
      [40, 2, 2],
      Array.from({ length: 160 }, (_, i) => i),
    ),
  );
  scratch.put('y.idx', idxBytes([40], kinds));
  for (const [i, kind] of kinds.entries()) {
    const data = Uint8Array.from({ length: 4 }, () => i);
    scratch.put(
      `pictures/${kindNames[kind]}/${String(i).padStart(2, '0')}.png`,
      encode({ width: 2, height: 2, channels: 1, data }),
    );
  }
});

describe('classes=[…]', () => {
  const all = placesOf(0, 2);
  it.each([
    ['csv("named.csv", label="kind", classes=["normal", "rare"], validation=3, test=4)'],
    ['csv("numbered.csv", label="kind", classes=[-1, 1], validation=3, test=4)'],
    ['npy("x.npy", labels="y.npy", classes=[0, 2], validation=3, test=4)'],
    ['safetensors("all.safetensors", tensor="x", labels="y", classes=[2, 0, 2], validation=3, test=4)'],
    ['idx("x.idx", labels="y.idx", classes=[0, 2], validation=3, test=4)'],
  ])('keeps the examples of these classes in all parts: %s', async (data) => {
    const { places } = await parts(data);
    expect(places).toEqual([all.slice(0, -7), all.slice(-7, -4), all.slice(-4)]);
  });

  it('of folders of pictures, of a file with its own test part, and of a test table with classes of its own', async () => {
    const folder = await parts('images("pictures", classes=["rare", "odd"], test=4)');
    expect(folder.classes.flat()).toEqual([...placesOf(1).map(() => 1), ...placesOf(2).map(() => 2)]);
    const apart = await parts(
      'npy("x.npy", labels="y.npy", test_file="x.npy", test_labels="y.npy", classes=[1], take=4)',
    );
    expect(apart.places).toEqual([placesOf(1).slice(0, 4), [], placesOf(1)]);
    const attacked = 'csv("known.csv", label="kind", test_file="named.csv", classes=["normal", "rare"])';
    expect((await parts(attacked)).places).toEqual([rows.map((_, i) => i), [], placesOf(0, 2)]);
  });

  it('divides what it keeps, in its order or shuffled', async () => {
    const one = await parts('npy("x.npy", labels="y.npy", classes=[0], take=6, validation=2, test=3, shuffle_seed=5)');
    const other = await parts(
      'npy("x.npy", labels="y.npy", classes=[0], take=6, validation=2, test=3, shuffle_seed=6)',
    );
    expect(one.classes.flat().every((kind) => kind === 0)).toBe(true);
    expect(new Set(one.places.flat()).size).toBe(11);
    expect(one.places).not.toEqual(other.places);
  });
});

describe('train_on=[…]', () => {
  it('trains and validates on these classes, and tests on all', async () => {
    const data = 'csv("named.csv", label="kind", train_on=["normal"], take=5, validation=4, test=10)';
    const { places } = await parts(data);
    const normal = placesOf(0).filter((i) => i < 30);
    expect(places).toEqual([normal.slice(0, 5), normal.slice(5, 9), Array.from({ length: 10 }, (_, i) => 30 + i)]);
  });

  it('counts what the test leaves of these classes, shuffled or not, and of a test part apart nothing', async () => {
    const { classes } = await parts('npy("x.npy", labels="y.npy", train_on=[0, 2], test=10, shuffle_seed=3)');
    const [train = [], , test = []] = classes;
    const tested = test.filter((kind) => kind !== 1).length;
    expect(train).toHaveLength(placesOf(0, 2).length - tested);
    expect(train).not.toContain(1);
    expect(test).toContain(1);
    const apart = await parts('npy("x.npy", labels="y.npy", test_file="x.npy", train_on=[0])');
    expect(apart.places).toEqual([placesOf(0), [], rows.map((_, i) => i)]);
  });

  it('goes with classes', async () => {
    const { classes } = await parts('idx("x.idx", labels="y.idx", classes=[0, 1], train_on=[0], test=12)');
    expect(new Set(classes[0])).toEqual(new Set([0]));
    expect(new Set(classes[2])).toEqual(new Set([0, 1]));
  });

  it('draws of digits only those that are used, the same ones as ever', async () => {
    const whole = await parts('digits(take=200, test=60)');
    const chosen = await parts('digits(train_on=[7], classes=[7, 1], take=9, validation=3, test=8)');
    expect(chosen.classes[0]).toEqual(Array(9).fill(7));
    expect(new Set(chosen.classes[2])).toEqual(new Set([1, 7]));
    const sevens = (whole.values[0] ?? []).filter((_, i) => whole.classes[0]?.[i] === 7);
    expect([...(chosen.values[0] ?? []), ...(chosen.values[1] ?? [])]).toEqual(sevens.slice(0, 12));
    const tests = (whole.values[2] ?? []).filter((_, i) => [1, 7].includes(whole.classes[2]?.[i] ?? 0));
    expect(chosen.values[2]).toEqual(tests.slice(0, 8));
  });

  it('counts without the files of published sets, and goes on to a set that replaces the data', () => {
    const counts = (data: string, other: string | null = null) => {
      const { train, validation, test } = read(data, other).ir.data;
      return [train, validation, test];
    };
    expect(counts('mnist(train_on=[0], validation=900)')).toEqual([5023, 900, 10_000]);
    expect(counts('mnist(classes=[0, 1])')).toEqual([12_665, 0, 2115]);
    expect(counts('fashion_mnist(train_on=["Bag"], classes=["T-shirt/top", "Bag"])')).toEqual([6000, 0, 2000]);
    expect(counts('mnist(train_on=[0], validation=900)', 'digits')).toEqual([5894, 0, 10_000]);
    expect(counts('mnist(train_on=[0])', 'digits(train_on=[1])')).toEqual([6116, 0, 10_000]);
  });
});

describe('a selection', () => {
  const hash = (data: string) => read(data).hash;
  it('is in the identity by its classes alone', () => {
    expect(hash('mnist(classes=[3, 1])')).toBe(hash('mnist(classes=["1", 3, 1])'));
    expect(hash('mnist(classes=[1])')).not.toBe(hash('mnist(train_on=[1])'));
    expect(hash('mnist(classes=[1])')).not.toBe(hash('mnist(classes=[2])'));
  });

  it.each([
    ['mnist(classes=[12])', "AE306 the data have no class '12' (the classes are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)"],
    ['fashion_mnist(train_on=["Bags"])', "AE306 the data have no class 'Bags' (did you mean 'Bag'?)"],
    ['csv("named.csv", label="kind", train_on=["odds"])', "AE306 the data have no class 'odds' (did you mean 'odd'?)"],
    [
      'csv("named.csv", label="kind", classes=[0])',
      "AE306 the data have no class '0' (the classes are normal, odd, rare)",
    ],
    [
      'images("pictures", classes=["other"])',
      "AE306 the data have no class 'other' (the classes are normal, odd, rare)",
    ],
    [
      'csv("known.csv", label="kind", test_file="named.csv", train_on=["rare"])',
      "AE306 the training data have no class 'rare' (the classes are normal)",
    ],
    ['mnist(classes=[0, 1], train_on=[2])', "AE306 train_on has the class '2', which classes leaves out ()"],
    ['npy("x.npy", classes=[0])', 'AE302 classes needs labels, and the data have none'],
    ['csv("known.csv", drop=["kind"], train_on=["normal"])', 'AE302 train_on needs labels, and the data have none'],
    ['mnist(classes=[])', 'AE306 classes needs a class at least'],
    ['mnist(classes=[0.5])', 'AE305 classes must be numbers, or names in quotation marks'],
    ['mnist(train_on=[normal])', 'AE305 train_on must be numbers, or names in quotation marks'],
    [
      'mnist(train_on=[0], take=6000)',
      "AE404 'mnist' has 5923 training examples of 1×28×28, of the classes to train on",
    ],
    ['csv("named.csv", label="kind", classes=["rare"], test=5)', 'AE404 there are 4 examples, and 5 of them'],
  ])('that cannot be is refused, naming what there is: %s', (data, said) => {
    expect(compiled(data).said.join('\n')).toContain(said);
  });

  it('leaves out the warning of unseen classes where only some are trained on, and only there', () => {
    const sorted = kinds.toSorted((a, b) => a - b);
    scratch.put('sorted.npy', encodeNpy([40], Float32Array.from(sorted)));
    const warned = (more: string) => compiled(`npy("x.npy", labels="sorted.npy", test=8${more})`).said.join();
    expect(warned('')).toContain('AE512');
    expect(warned(', classes=[0, 2]')).toContain('AE512');
    expect(warned(', train_on=[0]')).toBe('');
  });
});

it('labels that a test file lacks are missed before training, by what is measured on the test part', () => {
  const asked = (measure: string, more = '') =>
    compiled(`npy("x.npy", labels="y.npy", test_file="x.npy", validation=8${more}) evaluate { ${measure} }`).said;
  for (const measure of ['linear_probe()', 'knn()', 'anomaly(normal=[0])']) {
    expect(asked(measure)).toEqual([
      expect.stringMatching(/^AE510 .*but the test part of 'npy' has none .*test_labels=/),
    ]);
    expect(asked(measure, ', test_labels="y.npy"')).toEqual([]);
  }
  expect(asked('knn(part=validation)')).toEqual([]);
});

it('trials that train on other rows share what each of them would read alone', async () => {
  const lines = Array.from({ length: 30 }, (_, i) => (i < 20 ? 1e9 + i : 2e9 + i));
  const file = JSON.stringify(scratch.put('seconds.csv', `t\n${lines.join('\n')}\n`));
  const requests = ['take=10', 'take=20', 'take=30'].map((take) => {
    const { ir, dataFrom } = read(`csv(${file}, ${take})`);
    return { ir, dataFrom, library: builtinWords };
  });
  const alone = await Promise.all(requests.map((request) => loadExamples(request, {})));
  expect(alone.map(({ dataset }) => dataset.train.values.constructor.name)).toEqual([
    'Float64Array',
    'Float64Array',
    'Float32Array',
  ]);
  for (const order of [requests, requests.toReversed()]) {
    const data = new SharedData();
    const shared = new Map<unknown, LoadedData>();
    for (const request of order) shared.set(request, await data.load(request, dataFilesOf(request)));
    const [ten, twenty, thirty] = requests.map((request) => shared.get(request)?.dataset);
    expect([ten, twenty, thirty].map((set) => set?.checksum)).toEqual(alone.map(({ dataset }) => dataset.checksum));
    expect(ten?.train.values).toBe(twenty?.train.values);
  }
});
