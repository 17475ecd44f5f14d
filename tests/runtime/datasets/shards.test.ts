import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadArrays, loadTensors, numpyArrays, withArray } from '../../../src/runtime/datasets/array-dataset.js';
import { matchingFiles } from '../../../src/runtime/datasets/shards.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { encodeSafetensors } from '../../../src/runtime/formats/safetensors.js';
import { scratchFolder } from './scratch-folder.js';
import { errorOf } from './thrown.js';

const folder = scratchFolder();
let count = 0;

const values = (rows: number, columns: number) => Float32Array.from({ length: rows * columns }, (_, i) => i / 7);

/** Saves rows in files of some lengths. @returns the pattern of their names */
function saved(all: Float32Array, columns: number, lengths: readonly number[]): string {
  const place = String(count++);
  let row = 0;
  for (const [i, length] of lengths.entries()) {
    const part = all.subarray(row * columns, (row + length) * columns);
    folder.put(`${place}/x-${String(i).padStart(3, '0')}.npy`, encodeNpy([length, columns], part));
    row += length;
  }
  return `${folder.path}/${place}/x-*.npy`;
}

const noLabels = { labels: null, testExamples: null, testLabels: null };

describe('files that a pattern names', () => {
  it('are one array: any rows of it, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (lengths, columns, chosen) => {
          const rows = lengths.reduce((sum, length) => sum + length, 0);
          const all = values(rows, columns);
          const places = rows === 0 ? [] : chosen.map((place) => place % rows);
          withArray(numpyArrays, saved(all, columns, lengths), null, (array) => {
            expect(array.dims).toEqual([rows, columns]);
            expect([...array.read(null).array.data]).toEqual([...all]);
            const read = array.read(Uint32Array.from(places)).array;
            expect(read.dims).toEqual([places.length, columns]);
            expect([...read.data]).toEqual(
              places.flatMap((row) => [...all.subarray(row * columns, (row + 1) * columns)]),
            );
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are the data set of one file, with one checksum', () => {
    const all = values(9, 4);
    const one = loadArrays(numpyArrays, { examples: folder.put('one.npy', encodeNpy([9, 4], all)), ...noLabels });
    const several = loadArrays(numpyArrays, { examples: saved(all, 4, [2, 3, 4]), ...noLabels });
    expect(several.dataset).toEqual(one.dataset);
    for (const [i, rows] of [5, 4].entries()) {
      const part = all.subarray(i * 20, i * 20 + rows * 4);
      folder.put(`tensors/${i}.safetensors`, encodeSafetensors([{ name: 'x', shape: [rows, 4], values: part }]));
    }
    const path = `${folder.path}/tensors/*.safetensors`;
    const tensors = loadTensors({ path, examples: 'x', ...noLabels }).dataset;
    expect(tensors.train.values).toEqual(one.dataset.train.values);
  });

  it('are in the order of their names, and hidden ones are none', () => {
    for (const name of ['b2.npy', 'b10.npy', 'b.npy', '.b1.npy', 'b1.npy.tmp', 'é1.npy', 'c/b3.npy']) {
      folder.put(`names/${name}`, '');
    }
    const names = (pattern: string) =>
      matchingFiles(`${folder.path}/names/${pattern}`).map((path) => path.slice(folder.path.length + 7));
    expect(names('*.npy')).toEqual(['b.npy', 'b10.npy', 'b2.npy', 'é1.npy']);
    expect(names('b*.npy')).toEqual(['b.npy', 'b10.npy', 'b2.npy']);
    expect(names('*1*.*')).toEqual(['b1.npy.tmp', 'b10.npy', 'é1.npy']);
    expect(names('b.npy*b.npy')).toEqual([]);
    expect(names('nothing*')).toEqual([]);
    expect(matchingFiles(`${folder.path}/no-such-folder/*`)).toEqual([]);
  });

  it('take no time that grows with the square of a name', () => {
    folder.put(`long/${'a'.repeat(200)}`, '');
    expect(matchingFiles(`${folder.path}/long/${'*a'.repeat(100)}b`)).toEqual([]);
  });

  it('have examples of one shape and one type', async () => {
    const load = (examples: string) => errorOf(() => loadArrays(numpyArrays, { examples, ...noLabels }));
    folder.put('wide/0.npy', encodeNpy([2, 3], values(2, 3)));
    folder.put('wide/1.npy', encodeNpy([2, 4], values(2, 4)));
    expect((await load(`${folder.path}/wide/*.npy`)).message).toBe(
      `${folder.path}/wide/1.npy: is an array of shape [2, 4] of float32, and ${folder.path}/wide/0.npy has [2, 3] of float32`,
    );
    folder.put('double/0.npy', encodeNpy([2, 3], values(2, 3)));
    folder.put('double/1.npy', encodeNpy([2, 3], Float64Array.from(values(2, 3))));
    expect((await load(`${folder.path}/double/*.npy`)).reason).toBe('mismatch');
    expect((await load(`${folder.path}/none/*.npy`)).reason).toBe('not_found');
    folder.put('nan/0.npy', encodeNpy([1, 2], Float32Array.of(1, 2)));
    folder.put('nan/1.npy', encodeNpy([2, 2], Float32Array.of(1, 2, 3, Number.NaN)));
    expect((await load(`${folder.path}/nan/*.npy`)).message).toContain('nan/1.npy');
    folder.put('cut/0.npy', encodeNpy([2, 3], values(2, 3)).subarray(0, -4));
    expect((await load(`${folder.path}/cut/*.npy`)).reason).toBe('truncated');
  });
});
