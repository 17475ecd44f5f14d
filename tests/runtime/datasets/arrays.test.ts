import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  describeArrayFile,
  loadArrays,
  loadTensors,
  numpyArrays,
  withArray,
} from '../../../src/runtime/datasets/array-dataset.js';
import { type ByteSource, bytesAt, bytesInMemory } from '../../../src/runtime/datasets/byte-source.js';
import { mostArrayReadWhole } from '../../../src/runtime/datasets/data-limits.js';
import { loadData } from '../../../src/runtime/datasets/load.js';
import { arrayInNpz } from '../../../src/runtime/datasets/npz.js';
import { readTensors } from '../../../src/runtime/datasets/safetensors.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { encodeSafetensors } from '../../../src/runtime/formats/safetensors.js';
import { datasetOf } from './given-words.js';
import { inMemory } from './in-memory.js';
import { scratchFolder } from './scratch-folder.js';
import { errorOf } from './thrown.js';

interface SavedArray {
  readonly name: string;
  /** In base64. */
  readonly content: string;
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

interface SavedArrays {
  readonly read: readonly SavedArray[];
  readonly refused: readonly Pick<SavedArray, 'name' | 'content'>[];
  readonly npz: Readonly<Record<'stored' | 'deflated' | 'alone', string>>;
  readonly safetensors: string;
  readonly tensors: Readonly<Record<string, readonly number[]>>;
}

/** What NumPy and safetensors save: see arrays.py. */
const SAVED: SavedArrays = JSON.parse(readFileSync(new URL('arrays.json', import.meta.url), 'utf8'));

const folder = scratchFolder();
const put = (name: string, base64: string): string => folder.put(name, Buffer.from(base64, 'base64'));
const none = { labels: null, testExamples: null, testLabels: null };
const read = (path: string, name: string | null = null) =>
  withArray(numpyArrays, path, name, (array) => array.read(null)).array;

describe('arrays that NumPy saves', () => {
  it.each(SAVED.read)('$name', ({ content, dims, values }) => {
    const array = read(put('saved.npy', content));
    expect(array.dims).toEqual(dims);
    expect([...array.data]).toEqual(values);
  });

  it.each(SAVED.refused)('$name are named, and no pickle is looked into', async ({ name, content }) => {
    const error = await errorOf(() => read(put('refused.npy', content)));
    expect(error.reason).toBe('wrong_type');
    expect(error.message).toContain(name);
    expect(error.hint).toContain('save');
  });

  it.each(['stored', 'deflated'] as const)('arrays in an archive, %s', async (kind) => {
    const path = put('saved.npz', SAVED.npz[kind]);
    expect([...read(path, 'x').data]).toEqual(Array.from({ length: 24 }, (_, i) => i));
    const arrays = { examples: 'x', labels: 'y', testExamples: 'x', testLabels: 'y' };
    const files = { examples: path, labels: path, testExamples: path, testLabels: path, arrays };
    const { dataset } = loadArrays(numpyArrays, files);
    expect(dataset).toMatchObject({ shape: [1, 3, 4], classes: 2, test: { count: 2 } });
    expect(dataset.train.labels).toEqual(Uint8Array.of(1, 0));
    expect((await errorOf(() => read(path))).message).toContain('has 2 arrays: x, y');
    expect((await errorOf(() => read(path, 'z'))).hint).toBe('its arrays are x, y');
    const cut = folder.put('cut.npz', readFileSync(path).subarray(0, 300));
    expect((await errorOf(() => read(cut, 'x'))).reason).toBe('wrong_format');
  });

  it('nothing but the directory and the array that is asked for is read of an archive', () => {
    const saved = Buffer.from(SAVED.npz.stored, 'base64');
    const end = saved.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
    const directory = saved.readUInt32LE(end + 16);
    // As if arrays lay between the last one and the directory.
    const others = 2 ** 20;
    const large = Buffer.concat([saved.subarray(0, directory), Buffer.alloc(others), saved.subarray(directory)]);
    large.writeUInt32LE(directory + others, end + others + 16);
    let count = 0;
    const source: ByteSource = {
      ...bytesInMemory(large),
      read(into, place) {
        count += into.length;
        return bytesInMemory(large).read(into, place);
      },
    };
    const contentOf = (array: ByteSource) => bytesAt(array, 0, array.length);
    const alone = arrayInNpz(bytesInMemory(saved), 'x', 'saved.npz');
    expect(contentOf(arrayInNpz(source, 'x', 'large.npz'))).toEqual(contentOf(alone));
    expect(count).toBeLessThan(2 ** 17);
  });

  it('an only array in an archive needs no name, and an archive that unpacks too far is refused', async () => {
    expect(read(put('alone.npz', SAVED.npz.alone)).dims).toEqual([2, 3, 4]);
    const bomb = Buffer.from(SAVED.npz.deflated, 'base64');
    // The size that the directory states of x: its 24 bytes are 4 of 20 into the entry that names it.
    const entry = bomb.indexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    bomb.writeUInt32LE(2 ** 31, entry + 24);
    expect((await errorOf(() => read(folder.put('bomb.npz', bomb), 'x'))).reason).toBe('too_large');
  });

  it('other files are named', async () => {
    const said = async (content: string) => (await errorOf(() => read(folder.put('other.npy', content)))).message;
    expect(await said('PAR1')).toContain('is a Parquet file');
    expect(await said('not an array')).toContain('is no NumPy file');
  });
});

describe('images with their channels last', () => {
  const [height, width] = [5, 6];
  const pixels = Float32Array.from({ length: 2 * height * width * 3 }, (_, i) => i / 1000);
  const path = folder.put('last.npy', encodeNpy([2, height, width, 3], pixels));
  const files = { ...none, examples: path };

  it('are asked about, and read where it is said', async () => {
    const error = await errorOf(() => loadArrays(numpyArrays, files));
    expect(error.message).toContain('5 channels of 6×3 pixels, or images of 5×6 with 3 channels?');
    expect(error).toMatchObject({ argument: 'layout', hint: expect.stringContaining('layout=nhwc') });
    expect((await errorOf(() => describeArrayFile(numpyArrays, path, null, { role: 'examples' }))).argument).toBe(
      'layout',
    );
    expect(loadArrays(numpyArrays, { ...files, layout: 'nchw' }).dataset.shape).toEqual([5, 6, 3]);

    const { dataset } = loadArrays(numpyArrays, { ...files, layout: 'nhwc' });
    expect(dataset.shape).toEqual([3, 5, 6]);
    const values = inMemory(dataset.train);
    for (const [n, c, y, x] of [
      [0, 0, 0, 0],
      [1, 2, 4, 5],
      [0, 1, 3, 2],
      [1, 0, 2, 5],
    ] as const) {
      const last = ((n * height + y) * width + x) * 3 + c;
      expect(values[((n * 3 + c) * height + y) * width + x]).toBe(pixels[last]);
    }
    expect(describeArrayFile(numpyArrays, path, null, { role: 'examples', layout: 'nhwc' }).shape).toEqual([3, 5, 6]);
  });

  it.each([
    [[2, 8, 8, 16], 'layout'],
    [[2, 6, 6, 2], 'layout'],
    [[2, 3, 8, 16], null],
    [[2, 4, 4, 8], null],
    [[2, 16, 8, 8], null],
    [[2, 16, 8, 12], null],
    [[2, 8, 8, 8], null],
    [[2, 8, 12, 2], null],
  ])('%j, of any number of channels, are asked about where the rows would be square', async (shape, argument) => {
    const count = shape.reduce((product, n) => product * n, 1);
    const examples = folder.put('many.npy', encodeNpy(shape, new Float32Array(count)));
    if (argument === null) expect(loadArrays(numpyArrays, { ...none, examples }).dataset.shape).toEqual(shape.slice(1));
    else expect((await errorOf(() => loadArrays(numpyArrays, { ...none, examples }))).argument).toBe(argument);
    expect(loadArrays(numpyArrays, { ...none, examples, layout: 'nchw' }).dataset.shape).toEqual(shape.slice(1));
  });

  it('so are those of a tensor; other shapes are not asked about', async () => {
    const tensor = encodeSafetensors([{ name: 'x', shape: [2, height, width, 3], values: pixels }]);
    const names = { ...none, path: folder.put('last.safetensors', tensor), examples: null };
    expect((await errorOf(() => loadTensors(names))).argument).toBe('layout');
    expect(loadTensors({ ...names, layout: 'nhwc' }).dataset.shape).toEqual([3, 5, 6]);
    const first = folder.put('first.npy', encodeNpy([2, 3, height, width], pixels));
    expect(loadArrays(numpyArrays, { ...none, examples: first }).dataset.shape).toEqual([3, 5, 6]);
    const flat = folder.put('flat.npy', encodeNpy([2, 90], pixels));
    expect((await errorOf(() => loadArrays(numpyArrays, { ...none, examples: flat, layout: 'nhwc' }))).argument).toBe(
      'layout',
    );
  });
});

describe('safetensors with types of all kinds', () => {
  const path = put('kinds.safetensors', SAVED.safetensors);

  it.each(['bf16', 'f16', 'i16', 'bool'])('%s is read', (name) => {
    expect([...readTensors(path)(name).array.data]).toEqual(SAVED.tensors[name]);
  });

  it('a type that is not read is named when its tensor is asked for, and is in no other’s way', async () => {
    const error = await errorOf(() => readTensors(path)('f8'));
    expect(error.message).toContain("tensor 'f8': has elements of type F8_E4M3");
    expect(error.hint).toContain('tensor.float()');
  });
});

describe('large arrays', () => {
  it('of 2.3 GB only the examples are read that are used', async () => {
    const [count, size] = [3_000_000, 784];
    const head = encodeNpy([1, size], new Uint8Array(size)).subarray(0, 128);
    const text = Buffer.from(head).toString('latin1').replace('(1, 784), }      ', `(${count}, 784), }`);
    const path = folder.put('large.npy', Buffer.from(text, 'latin1'));
    truncateSync(path, 128 + count * size);
    const file = openSync(path, 'r+');
    const [first, second, last] = [0, 1, count - 1];
    for (const row of [first, second, last]) writeSync(file, Uint8Array.of(1 + (row % 251)), 0, 1, 128 + row * size);
    closeSync(file);
    const labels = folder.put('large-labels.npy', encodeNpy([count], new Uint8Array(count).fill(3, 1, 2)));

    const parts = { take: 1, validation: 1, test: 1, shuffleSeed: null };
    const request = datasetOf('npy', { file: path, labels });
    const data = await loadData(request, parts, { provided: null, cache: folder.path });
    expect(data.isWhole).toBe(false);
    const firsts = [data.train, data.validation, data.test].map(
      ({ part, indices }) => inMemory(part)[(indices[0] ?? 0) * size],
    );
    expect(firsts).toEqual([1, 2, 1 + (last % 251)]);
    expect(data.dataset.train.labels).toEqual(Uint8Array.of(0, 3, 0));
    const described = describeArrayFile(numpyArrays, path, null, { role: 'examples', used: parts });
    expect(described).toMatchObject({ count, shape: [size] });
    // Shuffled, they are others, and they are those of the division.
    const shuffled = await loadData(request, { ...parts, shuffleSeed: 1 }, { provided: null, cache: folder.path });
    expect(shuffled.dataset.train.count).toBe(3);
    expect(shuffled.parts.shuffleSeed).toBeNull();
    expect(count * size).toBeGreaterThan(mostArrayReadWhole);
  });
});
