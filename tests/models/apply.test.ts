import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scoreEncoderFor } from '../../src/cli/score-formats.js';
import { runDetail, runPage } from '../../src/cli/show-run.js';
import { worstFirst } from '../../src/models/applied-scores.js';
import { type Applied, apply } from '../../src/models/apply.js';
import { sample } from '../../src/models/sample.js';
import { parseRecipe, stringifyRecipe } from '../../src/project/recipe.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { openStore } from '../../src/runtime/store/store.js';
import { run } from '../../src/sweep/run.js';
import { load } from '../../src/trial/load.js';
import type { Model } from '../../src/trial/model.js';
import { builtinWords } from '../../src/words/words.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const scratch = scratchFolder();
const store = join(scratch.path, 'results.db');

/** Applies to a file of the scratch folder, or to whatever is named. */
const applied = (
  id: string,
  data: string | null,
  options: Partial<Parameters<typeof apply>[1]> = {},
): Promise<Applied> => apply(id, { library: builtinWords, store, data, output: 'code', backend: 'cpu', ...options });

/** Its file is there, as paths of a stored experiment count only beside it. */
function trainedHere(name: string, body: string) {
  const text = `experiment ${name} {\n${body}\n}`;
  return run({ source: { path: scratch.put(`${name}.ae`, text), text }, backend: 'cpu', store });
}

it('all rows of a table are read in the precision of the training', async () => {
  const lines = Array.from({ length: 60 }, (_, i) => (i < 40 ? 1e9 + i : 3e9));
  scratch.put('seconds.csv', ['t', ...lines].join('\n'));
  const { runId, model } = await trainedHere(
    'seconds',
    `data csv("seconds.csv", take=40, test=20) { standardize() }
     encoder { code: dense(1) }
     decoder { dense(1) }
     loss mse()
     train sgd(lr=0.01) { epochs = 1  batch = 10 }`,
  );
  model?.dispose();
  const own = await applied(runId ?? '', null, { part: 'all' });
  expect(new Set(own.values.subarray(0, 40)).size).toBe(40);
  expect([...(await applied(runId ?? '', scratch.put('late.csv', 't\n1000000007\n3e9\n'))).values]).toEqual([
    own.values[7],
    own.values[40],
  ]);
});

describe('a model of a table', () => {
  const rows = Array.from({ length: 80 }, (_, i) => [i % 7, 300 + ((i * 13) % 40), -1 + (i % 3) / 10, (i * 29) % 11]);
  const raw = Float32Array.from(rows.flat());
  const table = (columns: readonly string[], cells: readonly (readonly (number | string)[])[]) =>
    [columns, ...cells].map(String).join('\n');
  let id = '';
  let model: Model;

  beforeAll(async () => {
    const cells = rows.map((row, i) => [`n${i}`, ...row, i % 2 ? 'oak' : 'ash']);
    scratch.put('trained.csv', table(['id', 'a', 'b', 'c', 'd', 'tree'], cells));
    const trained = await trainedHere(
      'trees',
      `data csv("trained.csv", label="tree", drop=["id"], take=40, validation=10, test=20, shuffle_seed=1) { min_max(clip=true) }
       encoder { low: dense(3, activation=tanh)  code: dense(2) }
       decoder { dense(4) }
       loss mse()
       train adam(lr=0.01) { epochs = 2  batch = 10  keep = best }
       evaluate { linear_probe(code) }
       show { latent_scatter(code) }`,
    );
    trained.model?.dispose();
    id = trained.runId ?? '';
    model = await load(id, { store, backend: 'cpu' });
  });
  afterAll(() => model.dispose());

  it('scores rows, and names what made each score', async () => {
    const odd = rows.map((row, i) => (i === 33 ? [row[0] ?? 0, row[1] ?? 0, 25, row[3] ?? 0] : row));
    const labelled = odd.map((row, i) => [`n${i}`, ...row, i % 2 ? 'oak' : 'ash']);
    const path = scratch.put('odd.csv', table(['id', 'a', 'b', 'c', 'd', 'tree'], labelled));
    const data = `csv("${path}", label="tree", drop=["id"])`;
    const [scores, scaled] = [
      await applied(id, data, { output: 'score' }),
      await applied(id, data, { output: 'scaled_error' }),
    ];
    const scored = scores.scored ?? [];
    expect(scored).toHaveLength(80);
    expect(scored.map(({ index }) => index)).toEqual(rows.map((_, i) => i));
    // What `min_max(clip=true)` cuts off is in the score and not in `scaled_error`.
    const within = scored.filter(({ index }) => index !== 33);
    for (const { score, index } of within) expect(score).toBeCloseTo(Math.sqrt(4 * (scaled.values[index] ?? 0)), 4);
    expect([...scores.values]).toEqual(scored.map(({ score }) => score));
    const [worst, next] = worstFirst(scored);
    expect(worst).toMatchObject({ index: 33, class: 'oak', file: null, features: [{ feature: 'c' }, {}, {}] });
    expect(worst?.features[0]?.share).toBeGreaterThan(0.7);
    expect(worst?.score).toBeGreaterThan(next?.score ?? 0);
    const squared = await applied(id, data, { output: 'score', score: 'mse' });
    expect(squared.scored?.[7]?.score).toBeCloseTo(scaled.values[7] ?? 0, 5);
    const absolute = (await applied(id, data, { output: 'score', score: 'mae' })).scored?.[33];
    expect(absolute?.features[0]?.share).toBeLessThan(worst?.features[0]?.share ?? 0);

    const named = scoreEncoderFor('s.csv', null)(scores, scored);
    const lines = [...(typeof named === 'object' && Symbol.iterator in named ? named : [])].join('').split('\n');
    expect(lines[0]).toBe('index,class,score,feature_1,share_1,feature_2,share_2,feature_3,share_3');
    expect(lines[1]).toMatch(/^33,oak,[\d.]+,c,0\.\d+,/);
    expect(lines).toHaveLength(82);
    const inOrder = scoreEncoderFor('s.json', 'rows')(scores, scored);
    const json: unknown = JSON.parse(
      [...(typeof inOrder === 'object' && Symbol.iterator in inOrder ? inOrder : [])].join(''),
    );
    expect(json).toEqual(scored);
    expect(() => scoreEncoderFor('s.npy', 'worst')).toThrow('an array does not say which row');
    expect(scoreEncoderFor('s.npy', null)(scores, scored)).toEqual(encodeNpy([80], Float64Array.from(scores.values)));
  });

  it('takes the columns by their names, all rows, and says what it left out', async () => {
    const mixed = rows.map(([a = 0, b = 0, c = 0, d = 0], i) => [d, `x${i}`, c, b, a]);
    const path = scratch.put('mixed.csv', table(['d', 'note', 'c', 'b', 'a'], mixed));
    const codes = await applied(id, path);
    expect(codes).toMatchObject({
      count: 80,
      shape: [2],
      columns: ['code_1', 'code_2'],
      rows: `all 80 rows of ${path}`,
    });
    expect(codes.values).toEqual(model.encode(raw).values);
    expect(codes.notes).toEqual([`${path}: ignored 'note', which ${id} was not trained on`]);
  });

  it('names the columns that a table lacks', async () => {
    const path = scratch.put('lacking.csv', table(['d', 'a'], [[1, 2]]));
    await expect(applied(id, path)).rejects.toMatchObject({
      message: expect.stringContaining("doesn't have the columns b, c"),
      hint: 'its columns are d, a',
    });
  });

  it('takes rows without names in the order of the training, and says which that is', async () => {
    const npy = scratch.put('rows.npy', encodeNpy([80, 4], raw));
    const codes = await applied(id, npy);
    expect(codes.values).toEqual(model.encode(raw).values);
    expect(codes.notes).toEqual([`${npy} has no column names: read as 'a', 'b', 'c' and 1 more, in this order`]);
    const tensors = encodeSafetensors([{ name: 'x', shape: [80, 4], values: raw }]);
    const safetensors = await applied(id, scratch.put('rows.safetensors', tensors));
    expect(safetensors.values).toEqual(codes.values);
    const bare = scratch.put('bare.csv', rows.map((row) => row.join()).join('\n'));
    const unnamed = await applied(id, `csv("${bare}", header=false)`);
    expect(unnamed.values).toEqual(codes.values);
    expect(unnamed.notes[0]).toContain("has no column names: read as 'a', 'b', 'c' and 1 more, in this order");
  });

  it('warns of values far outside the training’s, and measures their error before they were cut off', async () => {
    const far = Float32Array.of(3, 305_000, -1, 4);
    const path = scratch.put('far.csv', table(['a', 'b', 'c', 'd'], [[...far]]));
    const [rebuilt, error, scaled] = [
      await applied(id, path, { output: 'reconstruction' }),
      await applied(id, path, { output: 'error' }),
      await applied(id, path, { output: 'scaled_error' }),
    ];
    expect(error.notes[0]).toContain(`column 'b' has only 305000, far outside what ${id} was trained on (300 to 339)`);
    expect(error.notes[0]).toContain('min_max cuts them off');
    expect(rebuilt.columns).toEqual(['a', 'b', 'c', 'd']);
    expect(rebuilt.values).toEqual(model.reconstruct(far).values);
    const squares = [...rebuilt.values].map((x, i) => (x - (far[i] ?? 0)) ** 2);
    expect((error.values[0] ?? 0) / (squares.reduce((sum, x) => sum + x, 0) / 4)).toBeCloseTo(1, 6);
    expect(error).toMatchObject({ shape: [], count: 1, columns: ['error'] });
    expect(scaled.values[0]).toBeLessThan(2);
    expect(rebuilt.unit).toContain('the values of its columns');
  });

  it('says nothing of values a little outside', async () => {
    const path = scratch.put('near.csv', table(['a', 'b', 'c', 'd'], [[8, 295, -0.75, 12]]));
    expect((await applied(id, path)).notes).toEqual([]);
  });

  it('has parts of its own data, and all of it', async () => {
    const counts = await Promise.all(
      (['train', 'validation', 'test', 'all', null] as const).map(
        async (part) => (await applied(id, null, { part })).count,
      ),
    );
    expect(counts).toEqual([40, 10, 20, 80, 20]);
    expect((await applied(id, null, { part: 'all' })).values).toEqual(model.encode(raw).values);
    const words = `csv("${join(scratch.path, 'trained.csv')}", take=7)`;
    expect((await applied(id, words)).count).toBe(7);
    await expect(applied(id, words, { part: 'test' })).rejects.toThrow(/no test part/);
    const divided = words.replace('take=7', 'take=7, validation=2, test=3');
    expect(await applied(id, divided, { part: 'all' })).toMatchObject({
      count: 12,
      rows: `12 of 80 rows of ${divided}`,
    });
    expect((await applied(id, divided)).count).toBe(3);
  });

  it('gives each of many rows what it gives that row among few', () => {
    const few = model.encode(raw).values;
    // More rows than an evaluation takes in one pass.
    const many = model.encode(
      Float32Array.from({ length: 30 * raw.length }, (_, i) => raw[i % raw.length] ?? Number.NaN),
    );
    expect(many.count).toBe(2400);
    expect(many.values.every((value, i) => value === few[i % few.length])).toBe(true);
  });

  it('shows its columns and classes, as text and as JSON', async () => {
    const database = await openStore(store, { mode: 'read' });
    const record = database.findRun(id);
    expect(runPage(database, record)).toMatch(/columns +a, b, c, d\n +classes +ash, oak\n/);
    expect(runDetail(database, record)).toMatchObject({ columns: ['a', 'b', 'c', 'd'], classNames: ['ash', 'oak'] });
    expect(runPage(database, { ...record, source: '{}' })).not.toContain('classes');
    database.close();
  });

  it('refuses what is neither a file nor a data set', async () => {
    await expect(applied(id, 'nowhere')).rejects.toThrow("there is no file 'nowhere', and no data set of that name");
    await expect(applied(id, 'images')).rejects.toThrow(/AE30/);
    await expect(applied(id, 'nowhere.csv')).rejects.toThrow("there is no file 'nowhere.csv'");
    await expect(applied(id, scratch.put('some.md', 'd,a\n1,2'))).rejects.toThrow(/doesn't have the columns b, c/);
    await expect(applied(id, 'cvs("x.csv")')).rejects.toThrow(/AE201/);
  });

  it('knows less of a run that an older version stored, and reads it as it was', async () => {
    const database = await openStore(store, { mode: 'read' });
    const { source } = database.findRun(id);
    database.close();
    const recipe = parseRecipe(source);
    expect(stringifyRecipe(recipe)).toBe(source);
    const [contents] = Object.values(recipe.files).map((file) => file.contents);
    expect(contents).toMatchObject({ columns: ['a', 'b', 'c', 'd'], classNames: ['ash', 'oak'], numbers: 'reals' });
    const older = source.replace(/,"contents":\{.*?\}\}/, '');
    expect(older).not.toContain('contents');
    expect(stringifyRecipe(parseRecipe(older))).toBe(older);
  });
});

describe('a model of columns that float32 would cost too much', () => {
  const start = 1_700_000_000;

  it('rebuilds them, and measures errors, in float64', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `${start + i},${(i % 5) / 4}`);
    const path = scratch.put('times.csv', ['time,value', ...lines].join('\n'));
    const { runId, model } = await trainedHere(
      'times',
      `data csv("times.csv") { standardize() }
       encoder { code: dense(2) }
       decoder { dense(2) }
       loss mse()
       train adam(lr=0.05) { epochs = 200  batch = 20 }`,
    );
    model?.dispose();
    const rebuilt = await applied(runId ?? '', path, { output: 'reconstruction' });
    const error = await applied(runId ?? '', path, { output: 'error' });
    expect(rebuilt.values).toBeInstanceOf(Float64Array);
    const times = [...rebuilt.values].filter((_, i) => i % 2 === 0);
    // In float32 all of them would be one of two numbers.
    expect(new Set(times).size).toBe(60);
    times.forEach((time, i) => void expect(Math.abs(time - start - i)).toBeLessThan(3));
    error.values.forEach((value, i) => {
      const squares = [start + i - (times[i] ?? 0), (i % 5) / 4 - (rebuilt.values[2 * i + 1] ?? 0)].map((d) => d * d);
      expect(value).toBeCloseTo(((squares[0] ?? 0) + (squares[1] ?? 0)) / 2, 4);
    });
  });
});

it('samples of a table have the names of its columns, and its variances their squared units', async () => {
  scratch.put('pairs.csv', ['x,y', ...Array.from({ length: 20 }, (_, i) => `${i},${-i}`)].join('\n'));
  const { runId, model } = await trainedHere(
    'pairs',
    `data csv("pairs.csv") { standardize() }
     encoder { z: reparameterize { mu: dense(1)  logvar: dense(1) } }
     decoder { gaussian_head { mu: dense(2)  logvar: learned(2, init=-1, frozen=true) } }
     loss gaussian_nll(reduction=sum) + kl_gaussian()
     train adam(lr=0.01) { epochs = 1  batch = 10 }`,
  );
  model?.dispose();
  const spread = await applied(runId ?? '', null, { output: 'variance' });
  expect(spread).toMatchObject({ shape: [2], count: 20, columns: ['x', 'y'] });
  expect(spread.unit).toContain('squares');
  // x and y are 0 to 19 and their opposites: both have the variance 33.25.
  for (const value of spread.values) expect(value).toBeCloseTo(33.25 * Math.exp(-1), 4);
  const drawn = await sample(runId ?? '', { library: builtinWords, store, count: 3, seed: 1, backend: 'cpu' });
  expect(drawn).toMatchObject({ count: 3, columns: ['x', 'y'] });
});

describe('a model of pictures', () => {
  const pixels = (count: number) => Uint8Array.from({ length: count * 12 }, (_, i) => (i * 37) % 256);
  const picture = (i: number) =>
    ({ width: 3, height: 4, depth: 8, channels: 1, data: pixels(3).slice(i * 12, i * 12 + 12) }) as const;
  let id = '';

  beforeAll(async () => {
    scratch.put('pictures.npy', encodeNpy([12, 4, 3], pixels(12)));
    const trained = await trainedHere(
      'pictures',
      `data npy("pictures.npy", test=2)
       encoder { code: dense(2) }
       decoder { dense(input.size, activation=sigmoid) }
       loss mse()
       train adam(lr=0.01) { epochs = 1  batch = 5 }`,
    );
    trained.model?.dispose();
    id = trained.runId ?? '';
  });

  it('gives no variance without a decoder that does', async () => {
    await expect(applied(id, null, { output: 'variance' })).rejects.toMatchObject({
      message: expect.stringContaining('gives no variance'),
      hint: 'one that does ends in gaussian_head',
    });
  });

  it('scores pictures by the names of their files', async () => {
    const picture = (shade: number) =>
      encode({ width: 3, height: 4, channels: 1, data: new Uint8Array(12).fill(shade) });
    scratch.put('shades/dark/1.png', picture(0));
    scratch.put('shades/light/2.png', picture(255));
    const { scored } = await applied(id, join(scratch.path, 'shades'), { output: 'score' });
    expect(scored).toMatchObject([
      { index: 0, file: 'dark/1.png', class: 'dark', features: [] },
      { index: 1, file: 'light/2.png', class: 'light', features: [] },
    ]);
    const [single] = (await applied(id, join(scratch.path, 'shades/light/2.png'), { output: 'score' })).scored ?? [];
    expect(single).toMatchObject({ index: 0, file: '2.png', score: scored?.[1]?.score });
  });

  it('is applied to more pictures of a file, to a folder and to a single one, without the run’s division', async () => {
    const more = await applied(id, scratch.put('more.npy', encodeNpy([20, 4, 3], pixels(20))));
    expect(more).toMatchObject({ count: 20, notes: [] });
    for (const i of [0, 1, 2]) scratch.put(`folder/class_${i % 2}/${i}.png`, encode(picture(i)));
    const folder = await applied(id, join(scratch.path, 'folder'));
    const single = await applied(id, join(scratch.path, 'folder', 'class_0', '0.png'));
    expect(folder.values).toEqual(
      Float32Array.of(...[0, 2, 1].flatMap((i) => [...more.values.subarray(2 * i, 2 * i + 2)])),
    );
    expect(single.values).toEqual(more.values.subarray(0, 2));
    expect((await applied(id, null)).count).toBe(2);
  });

  it('takes a folder by its name alone, but a data set before a folder of its name, which a note says', async () => {
    for (const name of ['other', 'images', 'digits']) scratch.put(`${name}/0.png`, encode(picture(0)));
    const { runId, model } = await trainedHere(
      'drawn',
      `data digits(take=4, test=2)
       encoder { code: dense(2) }
       decoder { dense(input.size) }
       loss mse()
       train adam(lr=0.01) { epochs = 1  batch = 4 }`,
    );
    model?.dispose();
    const before = process.cwd();
    process.chdir(scratch.path);
    try {
      for (const name of ['other', 'images']) expect(await applied(id, name)).toMatchObject({ count: 1, notes: [] });
      expect((await applied(runId ?? '', 'digits', { part: 'test' })).notes).toEqual([
        'digits is the data set of that name; --data ./digits takes the file or folder',
      ]);
    } finally {
      process.chdir(before);
    }
  });

  it.each([
    ['tanh', (x: number) => 2 * x - 1, /the values are -1 to 1, outside .* \(0 to 1\); .* \(x \+ 1\) \/ 2$/],
    ['inverted', (x: number) => 1 - 2 * x, /the values are -1 to 1, outside /],
    ['doubled', (x: number) => 2 * x, /the values are 0 to 2, outside .* \(0 to 1\)$/],
  ])('warns of pixels in another range: %s', async (name, scaled, note) => {
    const values = Float32Array.from({ length: 24 }, (_, i) => scaled((i % 12) / 11));
    const path = scratch.put(`${name}.npy`, encodeNpy([2, 4, 3], values));
    expect((await applied(id, path)).notes).toEqual([expect.stringMatching(note)]);
  });

  it('says nothing of pixels that resampling brought a little outside', async () => {
    const values = Float32Array.from({ length: 24 }, (_, i) => -0.04 + (1.08 * (i % 12)) / 11);
    expect((await applied(id, scratch.put('resampled.npy', encodeNpy([2, 4, 3], values)))).notes).toEqual([]);
  });

  it('warns of pixels from 0 where it was trained on -1 to 1', async () => {
    scratch.put(
      'tanh_trained.npy',
      encodeNpy(
        [12, 4, 3],
        Float32Array.from(pixels(12), (byte) => byte / 127.5 - 1),
      ),
    );
    const { runId, model } = await trainedHere(
      'tanh',
      `data npy("tanh_trained.npy")
       encoder { code: dense(2) }
       decoder { dense(input.size, activation=tanh) }
       loss mse()
       train adam(lr=0.01) { epochs = 1  batch = 5 }`,
    );
    model?.dispose();
    const [note] = (await applied(runId ?? '', join(scratch.path, 'pictures.npy'))).notes;
    expect(note).toContain('none of them negative');
  });

  it('warns of pixels up to 255 where it was trained on bytes', async () => {
    const floats = scratch.put('floats.npy', encodeNpy([2, 4, 3], Float32Array.from(pixels(2))));
    expect((await applied(id, floats)).notes[0]).toContain('save pixels as bytes (uint8), or divide them by 255');
    const last = scratch.put(
      'last.npy',
      encodeNpy(
        [1, 4, 3],
        Float32Array.from({ length: 12 }, (_, i) => (i < 11 ? 0.5 : 200)),
      ),
    );
    expect((await applied(id, last)).notes[0]).toContain('divide them by 255');
  });

  it('warns of pixels that were divided twice', async () => {
    const values = Float32Array.from(pixels(2), (byte) => byte / 255 / 255);
    const dark = scratch.put('dark.npy', encodeNpy([2, 4, 3], values));
    const [note] = (await applied(id, dark)).notes;
    expect(note).toContain(`${id} was trained on 0 to 1: bytes are divided by 255`);
  });

  it.each([
    [[2, 12], 'reshape(len(x), 4, 3)'],
    [[2, 4, 3, 1], 'transpose(0, 3, 1, 2)'],
    [[2, 3, 1, 4], 'layout=nchw'],
    [[2, 3, 4, 1], 'axes are in another order'],
    [[2, 1, 3, 4], 'axes are in another order'],
    [[4, 3], 'reshape(1, 4, 3)'],
    [[2, 5, 3], 'must have the shape'],
  ])('says how rows of %j would fit', async (shape, hint) => {
    const count = shape.reduce((product, n) => product * n, 1);
    const path = scratch.put('other.npy', encodeNpy(shape, new Uint8Array(count)));
    await expect(applied(id, path)).rejects.toMatchObject({
      message: expect.stringContaining(`${id} takes rows of 1×4×3`),
      hint: expect.stringContaining(hint),
    });
  });
});
