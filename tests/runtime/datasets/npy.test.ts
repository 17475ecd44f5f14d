import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeArrayFile, loadArrays, numpyArrays } from '../../../src/runtime/datasets/array-dataset.js';
import { bytesInMemory } from '../../../src/runtime/datasets/byte-source.js';
import { decodeNpy, openNpy } from '../../../src/runtime/datasets/npy.js';
import { rowsOf } from '../../../src/runtime/datasets/open-array.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { describeFile } from './given-words.js';
import { scratchFolder } from './scratch-folder.js';
import { reasonOf } from './thrown.js';

/** Files that NumPy 2.4 saved, in base64 with the 36 spaces that pad each header written as `~`. */
const SAVED = {
  // numpy.arange(6).reshape(2, 3) as uint8; over 4 as little- and big-endian float32; over 10 as float64
  bytes:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9~~ICAgICAgICAgIAoAAQIDBAU=',
  little:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9~~ICAgICAgICAgIAoAAAAAAACAPgAAAD8AAEA/AACAPwAAoD8=',
  big: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9~~ICAgICAgICAgIAoAAAAAPoAAAD8AAAA/QAAAP4AAAD+gAAA=',
  double:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9~~ICAgICAgICAgIAoAAAAAAAAAAJqZmZmZmbk/mpmZmZmZyT8zMzMzMzPTP5qZmZmZmdk/AAAAAAAA4D8=',
  // [3, 0, 2] as int64
  labels:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAg~~ICAgICAgICAgIAoDAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAA=',
  // [[True, False]]
  booleans:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIpLCB9~~ICAgICAgICAgIAoBAA==',
  // numpy.asfortranarray of the first
  fortran:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0g~~ICAgICAgICAgIAoAAAAAAABAQAAAgD8AAIBAAAAAQAAAoEA=',
  // [1j], [[1, nan]] as float32, [2 ** 40] as int64
  complex:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGMxNicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0g~~ICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAPA/',
  nan: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIpLCB9~~ICAgICAgICAgIAoAAIA/AADAfw==',
  huge: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAg~~ICAgICAgICAgIAoAAAAAAAEAAA==',
} as const;

const saved = (name: keyof typeof SAVED): Uint8Array =>
  Uint8Array.from(Buffer.from(SAVED[name].replaceAll('~', 'ICAg'.repeat(8)), 'base64'));

const folder = scratchFolder();

describe('the NumPy format', () => {
  it('bytes, floats of both byte orders, doubles, integers and booleans', () => {
    expect(decodeNpy(saved('bytes'), 'a')).toEqual({ dims: [2, 3], data: Uint8Array.of(0, 1, 2, 3, 4, 5) });
    const quarters = { dims: [2, 3], data: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) };
    expect(decodeNpy(saved('little'), 'a')).toEqual(quarters);
    expect(decodeNpy(saved('big'), 'a')).toEqual(quarters);
    expect(decodeNpy(saved('double'), 'a').data).toEqual(Float64Array.of(0, 0.1, 0.2, 0.3, 0.4, 0.5));
    expect(decodeNpy(saved('labels'), 'a')).toEqual({ dims: [3], data: Int32Array.of(3, 0, 2) });
    expect(decodeNpy(saved('huge'), 'a')).toEqual({ dims: [1], data: Float64Array.of(2 ** 40) });
    expect(decodeNpy(saved('fortran'), 'a')).toEqual({ dims: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) });
    expect(decodeNpy(saved('booleans'), 'a')).toEqual({ dims: [1, 2], data: Int32Array.of(1, 0) });
  });

  it('of an array in Fortran order some rows are read column by column, and many scattered ones from the whole', () => {
    const [count, rest] = [600, [2, 500]] as const;
    const file = Buffer.from(
      encodeNpy(
        [count, ...rest],
        Float32Array.from({ length: count * 1000 }, (_, i) => i),
      ),
    );
    file.write(file.toString('latin1', 0, 128).replace('False', 'True '), 'latin1');
    let reads = 0;
    const memory = bytesInMemory(file);
    const read = (into: Uint8Array, place: number): number => {
      reads++;
      return memory.read(into, place);
    };
    const array = openNpy({ ...memory, memory: null, read }, 'a');
    const whole = array.read(null);
    const readsOf = (rows: Uint32Array): number => {
      reads = 0;
      const { path, array: some } = array.read(rows);
      expect({ path, array: { dims: some.dims, data: [...some.data.slice(0, 5000)] } }).toEqual({
        path: 'a',
        array: { dims: [rows.length, ...rest], data: [...rowsOf(whole, rows).array.data.slice(0, 5000)] },
      });
      return reads;
    };
    expect(readsOf(Uint32Array.of(0, 1, 2, 3, 599))).toBe(2000);
    expect(readsOf(Uint32Array.of(7, 3, 4, 599, 0))).toBe(4000);
    expect(readsOf(Uint32Array.from({ length: 300 }, (_, i) => 2 * i))).toBe(1);
  });

  it.each([
    ['truncated', saved('little').subarray(0, 140)],
    ['truncated', saved('little').subarray(0, 100)],
    ['truncated', saved('little').subarray(0, 5)],
    ['trailing_bytes', Uint8Array.from([...saved('bytes'), 0])],
    ['wrong_format', Uint8Array.from([0x50, 0x4b, 3, 4])],
    ['wrong_format', saved('bytes').fill(9, 6, 7)],
    ['wrong_format', saved('bytes').fill(32, 10, 128)],
    ['wrong_type', saved('complex')],
    ['wrong_value', saved('nan')],
  ])('%s', async (reason, bytes) => {
    expect(await reasonOf(() => decodeNpy(bytes, 'a'))).toBe(reason);
  });
});

describe('data sets of NumPy files', () => {
  const files = { labels: null, testExamples: null, testLabels: null };

  it('[n, features] of floats', () => {
    const { dataset } = loadArrays(numpyArrays, { ...files, examples: folder.put('a.npy', saved('little')) });
    expect(dataset).toMatchObject({ name: 'npy', shape: [3], classes: null });
    expect(dataset.train).toMatchObject({ count: 2, labels: null });
  });

  it('the checksum is of what was decoded, not of the file', () => {
    const sumOf = (name: keyof typeof SAVED): string =>
      loadArrays(numpyArrays, { ...files, examples: folder.put(`${name}.npy`, saved(name)) }).dataset.checksum;
    expect(sumOf('little')).toBe(sumOf('big'));
    expect(sumOf('little')).not.toBe(sumOf('double'));
    expect(sumOf('little')).not.toBe(sumOf('bytes'));
  });

  it('integers that are examples become floats', () => {
    const { dataset } = loadArrays(numpyArrays, { ...files, examples: folder.put('b.npy', saved('booleans')) });
    expect(dataset.train.values).toEqual(Float32Array.of(1, 0));
  });

  it('a large file is described a piece at a time, as if it were in memory', () => {
    // 12 rows of 3.2 million float16, of which a piece has 10; nothing is stored of the zeros.
    const path = folder.put('large.npy', '');
    const header = Buffer.alloc(128, ' ');
    header.set(saved('double').subarray(0, 10));
    header.write("{'descr': '<f2', 'fortran_order': False, 'shape': (12, 3200000), }", 10);
    const file = openSync(path, 'w');
    writeSync(file, header);
    ftruncateSync(file, 128 + 12 * 3_200_000 * 2);
    // 1.5 and -2 in the last row: the first two columns differ there alone.
    writeSync(file, Uint8Array.of(0, 0x3e, 0, 0xc0), 0, 4, 128 + 11 * 3_200_000 * 2);
    closeSync(file);
    const { constants, ...described } = describeArrayFile(numpyArrays, path, null, { role: 'examples' });
    expect(described).toMatchObject({ count: 12, shape: [3_200_000], low: -2, high: 1.5 });
    expect(constants?.length).toBe(3_199_998);
    expect(constants?.[0]).toBe('3');
    const used = { take: 9, validation: 3, test: null, shuffleSeed: null };
    const half = describeArrayFile(numpyArrays, path, null, { role: 'examples', used });
    expect(half).toMatchObject({ low: -2, high: 1.5, constants: expect.objectContaining({ length: 3_200_000 }) });
  });

  it('a file of another kind names what reads it, and one without examples is named as such', () => {
    const problemOf = (format: string, name: string, content: Uint8Array | string) => {
      const described = describeFile({ format, path: folder.put(name, content), role: 'examples' });
      return described.ok ? null : [described.problem.message.replace(/^.*: /, ''), described.problem.hint];
    };
    expect(problemOf('npy', 't.csv', 'a,b\n1,2\n')).toEqual(['is no NumPy file', 'csv("…") reads tables']);
    expect(problemOf('idx', 'x.idx', saved('little'))).toEqual(['is a NumPy array (.npy)', 'npy("…") reads it']);
    expect(problemOf('npy', 'none.npy', encodeNpy([0, 3], new Float32Array()))).toEqual([
      'has no examples',
      'give some examples',
    ]);
  });

  it('a description has the range of the values', () => {
    const path = folder.put('range.npy', saved('little'));
    expect(describeArrayFile(numpyArrays, path, null, { role: 'examples' })).toEqual({
      count: 2,
      shape: [3],
      low: 0,
      high: 1.25,
      classes: null,
      contents: {
        numbers: 'reals',
        columns: null,
        classNames: null,
        featureRanges: { low: [0, 0.25, 0.5], high: [0.75, 1, 1.25] },
      },
      staysAbove: 2 ** 30,
    });
    expect(describeFile({ format: 'npy', path, role: 'examples' })).toMatchObject({ ok: true, value: { count: 2 } });
    expect(describeFile({ format: 'npy', path: 'nowhere.npy', role: 'examples' })).toMatchObject({
      ok: false,
      problem: { code: 'AE701' },
    });
    expect(describeFile({ format: 'idx', path, role: 'examples' })).toMatchObject({
      ok: false,
      problem: { code: 'AE702' },
    });
  });
});
