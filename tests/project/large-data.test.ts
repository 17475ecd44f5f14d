import { readdirSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { closed } from '../../src/compiler/ir/interval.js';
import type { FileFormat, FileRequest, UsedExamples } from '../../src/compiler/library/data-file.js';
import { knownWord } from '../../src/compiler/library/library.js';
import { failed, ok } from '../../src/compiler/library/word.js';
import { recordingWorld } from '../../src/project/recipe.js';
import { fileWorld } from '../../src/project/world.js';
import { EVERYTHING } from '../../src/runtime/datasets/split.js';
import { describeTable } from '../../src/runtime/datasets/table-dataset.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { builtinWords } from '../../src/words/words.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const folder = scratchFolder();
const MEBIBYTE = 2 ** 20;
const used = { take: null, validation: 0, test: null, shuffleSeed: null };

beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', folder.path);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('examples that take seconds to look through are announced before', () => {
  const announced: unknown[] = [];
  const formatOf = (bytes: number): FileFormat => ({
    areFolders: false,
    names: /\.npy$/,
    describe(_request, _used, onBytes) {
      onBytes?.(bytes);
      return failed('AE702', 'is not read here');
    },
  });
  const describe = fileWorld('auto', new Map(), (path, bytes) => announced.push([path, bytes])).describeFile({
    path: `${folder.path}/e.ae`,
    text: '',
  });
  describe({ format: 'npy', path: 'small.npy' }, used, formatOf(100 * MEBIBYTE));
  describe({ format: 'npy', path: 'large.npy' }, used, formatOf(600 * MEBIBYTE));
  expect(announced).toEqual([['large.npy', 600 * MEBIBYTE]]);
});

function looks(word: string, request: FileRequest & Readonly<Record<string, unknown>>, parts: UsedExamples = used) {
  const bytes: number[] = [];
  const described = knownWord(builtinWords, 'dataset', word).format?.describe(request, parts, (all) => bytes.push(all));
  return { bytes, value: described?.ok ? described.value : null };
}

test('a large array says what is looked through of it, and nothing once that is kept', () => {
  const [rows, width] = [300, 2 ** 20];
  // The file is sparse.
  const path = folder.put('rows.npy', headOf(rows, width));
  truncateSync(path, 128 + rows * width);
  const request = { format: 'npy', path, role: 'examples' };
  const first = looks('npy', request, { ...used, take: 2, test: 1 });
  expect(first.bytes).toEqual([3 * width]);
  expect(first.value).toMatchObject({ count: rows, staysAbove: 2 ** 30 });
  const surveys = join(folder.path, 'aedsl', 'surveys');
  const later = new Date(Date.now() + 60_000);
  for (const name of readdirSync(surveys)) utimesSync(join(surveys, name), later, later);
  const again = looks('npy', request, { ...used, take: 2, test: 1 });
  expect(again).toEqual({ bytes: [], value: first.value });
  vi.stubEnv('AEDSL_DATA_MEMORY', 'much');
  expect(looks('npy', request, { ...used, take: 2, test: 1 }).value).toBeNull();
});

test('what is read into memory whatever it takes does not stay in its file', () => {
  const path = folder.put('images.npy', encodeNpy([4, 8, 8, 3], new Float32Array(4 * 8 * 8 * 3)));
  const staysAbove = (more: object) =>
    looks('npy', { format: 'npy', path, role: 'examples', ...more }).value?.staysAbove;
  expect(staysAbove({ layout: 'nchw' })).toBe(2 ** 30);
  expect(staysAbove({ layout: 'nhwc' })).toBeUndefined();
  expect(staysAbove({ layout: 'nchw', range: [0, 255] })).toBeUndefined();
});

test('a table says how large it is when it is read to its end, and what a value takes meanwhile', () => {
  const text = `a,b\n${'1,2\n3,4\n'.repeat(20)}`;
  const path = folder.put('t.csv', text);
  const bytes: number[] = [];
  const columns = { label: null, drop: [] };
  const described = describeTable(path, columns, null, EVERYTHING, undefined, (all) => bytes.push(all));
  expect(bytes).toEqual([text.length]);
  expect(described.readingBytes).toBe(12);
});

test('a recipe keeps what a run is made of, and not what its machine had memory for', () => {
  const described = { count: 10, shape: [2], range: closed(0, 1), classes: null };
  const memory = { staysAbove: MEBIBYTE, valueBytes: 8, readingBytes: 12 };
  const recorded = recordingWorld({
    ...fileWorld(),
    describeFile: () => () => ok({ ...described, ...memory }),
  });
  const source = { path: `${folder.path}/e.ae`, text: '' };
  recorded.world.describeFile(source)({ format: 'npy', path: 'x.npy' }, used, looking);
  expect(Object.values(recorded.files)).toEqual([described]);
});

const looking: FileFormat = { areFolders: false, names: /\.npy$/, describe: () => failed('AE702', 'is not read here') };

/** The head of an array of bytes, 128 bytes long. */
function headOf(rows: number, width: number): Uint8Array {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${rows}, ${width}), }`.padEnd(117);
  return Uint8Array.of(
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    1,
    0,
    118,
    0,
    ...new TextEncoder().encode(`${text}\n`),
  );
}
