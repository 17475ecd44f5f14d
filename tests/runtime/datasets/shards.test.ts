import { rmSync, truncateSync, utimesSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadArrays, loadTensors, numpyArrays, withArray } from '../../../src/runtime/datasets/array-dataset.js';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import { mostExamplesInMemory } from '../../../src/runtime/datasets/data-memory.js';
import type { Part } from '../../../src/runtime/datasets/dataset.js';
import { rawExamples } from '../../../src/runtime/datasets/row-reader.js';
import { matchingFiles } from '../../../src/runtime/datasets/shards.js';
import { EVERYTHING } from '../../../src/runtime/datasets/split.js';
import { areDouble, areInMemory } from '../../../src/runtime/datasets/stored-rows.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { encodeSafetensors } from '../../../src/runtime/formats/safetensors.js';
import { cropOf } from './given-words.js';
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

describe('examples that stay in their files', () => {
  const npy = (descr: string, rows: number, columns: number, bytes: Uint8Array): Uint8Array => {
    const file = encodeNpy([rows, columns], new Uint8Array(rows * columns));
    const text = Buffer.from(file.buffer, 0, file.length - rows * columns).toString('latin1');
    return Buffer.concat([Buffer.from(text.replace("'|u1'", `'${descr}'`), 'latin1'), bytes]);
  };
  /** The bytes of whole numbers from -3 on, or from 0 on. */
  const encoders: Readonly<Record<string, (values: readonly number[]) => Uint8Array>> = {
    '|u1': (all) => Uint8Array.from(all, (value) => value + 3),
    '|i1': (all) => new Uint8Array(Int8Array.from(all).buffer),
    '<i8': (all) => new Uint8Array(BigInt64Array.from(all, (value) => BigInt(value) * 2n ** 33n).buffer),
    '<f4': (all) => new Uint8Array(Float32Array.from(all, (value) => value / 7).buffer),
    '>f4': (all) => Buffer.from(Float32Array.from(all, (value) => value / 7).buffer).swap32(),
    '<f8': (all) => new Uint8Array(Float64Array.from(all, (value) => value / 7).buffer),
    '<f2': (all) => new Uint8Array(Uint16Array.from(all, (value) => 0x3c00 + value).buffer),
  };
  /** Columns of years, which float32 would blur. */
  const years = (all: readonly number[]) =>
    new Uint8Array(Float64Array.from(all, (value, i) => 2000 + value / 1024 + (i % 2)).buffer);

  const batch = (part: Part, indices: Uint32Array) => {
    const maker = batchMaker([2], [], 'evaluation');
    const at = { step: 0, firstExample: 0 };
    const out = new Float32Array(indices.length * 2);
    maker.fill(part, indices, at, out);
    return { out, double: maker.inDouble(part, indices, at) };
  };

  it.each([...Object.keys(encoders), 'years'])('are the examples in memory, to the bit: %s', (type) => {
    const encode = encoders[type] ?? years;
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 5 }).filter((lengths) => lengths.some((n) => n > 0)),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.boolean(),
        (lengths, chosen, isTaken) => {
          const place = String(count++);
          let row = 0;
          for (const [i, length] of lengths.entries()) {
            const part = Array.from({ length: 2 * length }, (_, j) => ((2 * row + j) * 7) % 97);
            folder.put(`${place}/${i}.npy`, npy(type === 'years' ? '<f8' : type, length, 2, encode(part)));
            row += length;
          }
          const load = (mostInMemory: number) =>
            loadArrays(
              numpyArrays,
              { examples: `${folder.path}/${place}/*.npy`, ...noLabels, mostInMemory },
              isTaken ? { ...EVERYTHING, take: 1, test: 0 } : EVERYTHING,
            ).dataset;
          const [memory, files] = [load(Number.POSITIVE_INFINITY), load(0)];
          expect(areInMemory(memory.train.values)).toBe(true);
          expect(areInMemory(files.train.values)).toBe(false);
          expect(areDouble(files.train.values)).toBe(areDouble(memory.train.values));
          expect({ ...files, train: null }).toEqual({ ...memory, train: null });
          const indices = Uint32Array.from(chosen, (at) => at % memory.train.count);
          expect(batch(structuredClone(files.train), indices)).toEqual(batch(memory.train, indices));
          expect([...rawExamples(files.train, indices)].flatMap((values) => [...values])).toEqual([
            ...(memory.train.values instanceof Uint8Array
              ? batch(memory.train, indices).out
              : [...rawExamples(memory.train, indices)].flatMap((values) => [...values])),
          ]);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('are refused once a file is another, is cut, or is gone', async () => {
    const examples = saved(values(6, 2), 2, [2, 4]);
    const [first, second] = [examples.replace('*', '000'), examples.replace('*', '001')];
    const load = () => loadArrays(numpyArrays, { examples, ...noLabels, mostInMemory: 0 }).dataset.train;
    const said = async (part: Part, row: number) => (await errorOf(() => batch(part, Uint32Array.of(row)))).message;
    const later = new Date(Date.now() + 5000);
    const changed = load();
    batch(changed, Uint32Array.of(0, 5));
    utimesSync(second, later, later);
    batch(changed, Uint32Array.of(0, 1));
    expect(await said(changed, 2)).toBe(`${second}: was changed after its checksum was computed`);
    const cut = load();
    truncateSync(first, 140);
    expect(await said(cut, 0)).toBe(`${first}: has 140 bytes, and had 144 when its checksum was computed`);
    expect((await errorOf(load)).reason).toBe('truncated');
    const gone = loadArrays(numpyArrays, { examples: second, ...noLabels, mostInMemory: 0 }).dataset.train;
    batch(gone, Uint32Array.of(1));
    rmSync(second);
    expect(await said(gone, 0)).toBe(`${second}: was deleted or replaced while it was in use`);
    expect(await said(gone, 0)).toBe(`${second}: there is no such file`);
  });

  it('are images and targets, may be cropped, and hold no number that is none', async () => {
    const pixels = values(4, 12);
    const examples = folder.put('images.npy', encodeNpy([4, 3, 4], pixels));
    const load = (mostInMemory: number) => loadArrays(numpyArrays, { examples, ...noLabels, mostInMemory }).dataset;
    expect({ ...load(0), train: null }).toEqual({ ...load(48 * 4), train: null });
    const maker = batchMaker([1, 3, 4], [cropOf('center_crop', { size: [2, 2] })], 'evaluation');
    const cropped = (mostInMemory: number) => {
      const out = new Float32Array(8);
      maker.fill(load(mostInMemory).train, Uint32Array.of(3, 1), { step: 0, firstExample: 0 }, out);
      return out;
    };
    expect(cropped(0)).toEqual(cropped(48 * 4));
    pixels[31] = Number.NaN;
    const broken = folder.put('nan.npy', encodeNpy([4, 3, 4], pixels));
    expect(
      (await errorOf(() => loadArrays(numpyArrays, { examples: broken, ...noLabels, mostInMemory: 0 }))).message,
    ).toBe(`${broken}: element 31 is NaN, not a finite float32: value 7 of row 2, counted from 0`);
  });

  it('begin at a size that a variable says', () => {
    expect(mostExamplesInMemory({})).toBe(2 ** 30);
    expect(mostExamplesInMemory({ AEDSL_DATA_MEMORY: '512MiB' })).toBe(2 ** 29);
    expect(mostExamplesInMemory({ AEDSL_DATA_MEMORY: '0' })).toBe(0);
    expect(() => mostExamplesInMemory({ AEDSL_DATA_MEMORY: '2GB' })).toThrow("AEDSL_DATA_MEMORY: is '2GB'");
  });
});
