import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTables } from '../../../src/runtime/datasets/array_dataset.js';
import { decodeCsv } from '../../../src/runtime/datasets/csv.js';
import { describeFile } from '../../../src/runtime/datasets/describe.js';
import { scratchFolder } from './scratch_folder.js';
import { errorOf } from './thrown.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const folder = scratchFolder();
const all = { label: null, drop: [], testExamples: null };

describe('comma-separated values (RFC 4180)', () => {
  const rows = (text: string): unknown => {
    const { columns, rows: fields } = decodeCsv(bytes(text), 'f.csv');
    return [columns, ...fields()];
  };

  it('lines end in CRLF or LF, the last one in either or in nothing', () => {
    const expected = [
      ['a', 'b'],
      ['1', '2'],
      ['3', ''],
    ];
    for (const text of ['a,b\r\n1,2\r\n3,\r\n', 'a,b\n1,2\n3,', 'a,b\n1,2\r\n3,\n'])
      expect(rows(text)).toEqual(expected);
  });

  it('commas, quotes and line ends may be in quoted fields', () => {
    expect(rows('a,"b, c"\n"x ""y""","1\r\n2"\n"",\n')).toEqual([
      ['a', 'b, c'],
      ['x "y"', '1\r\n2'],
      ['', ''],
    ]);
  });

  it('a byte order mark, and spaces around names, do not count', () => {
    expect(rows('\uFEFFa , b\n1,2')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  it('reads whatever was written in quotes', () => {
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(fc.string(), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
      );
    fc.assert(
      fc.property(table, (fields) => {
        const header = (fields[0] ?? []).map((_, i) => `c${i}`);
        const written = [header, ...fields].map((row) => row.map((f) => `"${f.replaceAll('"', '""')}"`).join(','));
        expect(rows(written.join('\n'))).toEqual([header, ...fields]);
      }),
    );
  });

  it.each([
    ['ragged_row', 'row 3 has 1 value for 2 columns (none in column 2)', 'a,b\n1,2\n3\n4,5'],
    ['ragged_row', 'row 2 has 3 values for 2 columns (one too many in column 3)', 'a,b\n1,2,3'],
    ['ragged_row', 'row 3 is blank', 'a,b\n1,2\n\n3,4'],
    ['wrong_format', 'row 2, column 2', 'a,b\n1,x"y"\n'],
    ['wrong_format', 'row 3, column 1', 'a,b\n1,2\n"3,4\n'],
    ['wrong_format', 'row 2, column 1', 'a,b\n"1" ,2\n'],
    ['wrong_format', "another column 'a'", 'a,b,a\n1,2,3'],
    ['wrong_format', 'row 1, column 2: the column has no name', 'a,,b\n1,2,3'],
    ['wrong_format', 'separated by something else', 'a;b\n1;2'],
    ['wrong_format', 'row 1 has numbers (5.1, 3.5)', '5.1,3.5\n4.9,3.0'],
    ['wrong_shape', 'no rows', 'a,b\n'],
    ['wrong_shape', 'no rows', ''],
  ])('%s: %s', async (reason, message, text) => {
    const error = await errorOf(() => decodeCsv(bytes(text), 'f.csv'));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(message);
  });

  it('columns that are counted are named', () => {
    expect(rows('0,1,2\n7,8,9')).toEqual([
      ['0', '1', '2'],
      ['7', '8', '9'],
    ]);
  });

  it('other encodings are refused', async () => {
    expect((await errorOf(() => decodeCsv(Uint8Array.of(0x61, 0xe9, 0x0a), 'f.csv'))).reason).toBe('wrong_format');
  });
});

describe('csv tables of numbers', () => {
  const load = (text: string, columns: { readonly label?: string; readonly drop?: readonly string[] } = {}) =>
    loadTables({ ...all, ...columns, examples: folder.put('f.csv', text) });

  it('every column but the label and those that are dropped is a feature, in their order', () => {
    const dataset = load('id,y,a,b\nx1,0,1.5,-2\nx2,2,.25,1e3\n', { label: 'y', drop: ['id'] });
    expect(dataset).toMatchObject({ name: 'csv', shape: [2], classes: 3, test: null });
    expect(dataset.train.values).toEqual(Float32Array.of(1.5, -2, 0.25, 1000));
    expect(dataset.train.labels).toEqual(Uint8Array.of(0, 2));
  });

  it('classes that are texts are numbered in their sorted order', () => {
    expect(load('y,a\nb,1\na,2\nb,3\nB,4\n', { label: 'y' }).train.labels).toEqual(Uint8Array.of(2, 1, 2, 0));
  });

  it('the test table has the training table’s columns and classes', async () => {
    const examples = folder.put('train.csv', 'y,a\nred,1\nblue,2\n');
    const tested = (text: string) => () =>
      loadTables({ examples, testExamples: folder.put('test.csv', text), label: 'y', drop: [] });
    expect(tested('y,a\nred,3\n')().test?.labels).toEqual(Uint8Array.of(1));
    expect((await errorOf(tested('y,b\nred,3\n'))).reason).toBe('mismatch');
    expect((await errorOf(tested('y,a,b\nred,3,4\n'))).message).toContain('columns that');
    expect((await errorOf(tested('y,a\ngreen,3\n'))).message).toContain("row 2, column 'y'");
  });

  it('columns are found by their names, in the test table and where features are named', async () => {
    const examples = folder.put('train.csv', 'a,b,y\n1,2,red\n3,4,blue\n');
    const testExamples = folder.put('test.csv', 'y,b,a\nblue,6,5\n');
    const { train, test, classNames, columns } = loadTables({ ...all, label: 'y', examples, testExamples });
    expect({ columns, classNames }).toEqual({ columns: ['a', 'b'], classNames: ['blue', 'red'] });
    expect(train.values).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(test?.values).toEqual(Float32Array.of(5, 6));
    const chosen = loadTables({ ...all, examples, features: ['b', 'a'] });
    expect(chosen.train.values).toEqual(Float32Array.of(2, 1, 4, 3));
    expect(chosen.unusedColumns).toEqual(['y']);
    const missing = await errorOf(() => loadTables({ ...all, examples, features: ['a', 'c', 'd'] }));
    expect(missing).toMatchObject({ reason: 'mismatch', message: expect.stringContaining('the columns c, d') });
  });

  it.each(['', ' ', 'NA', 'nan', 'N/A', 'null', '?', 'None'])(
    'a missing value, written %j, has a place',
    async (hole) => {
      const error = await errorOf(() => load(`a,b\n1,2\n3,${hole}\n`));
      expect(error.reason).toBe('missing_value');
      expect(error.message).toContain("row 3, column 'b': the value is missing");
    },
  );

  it('a missing class too, but not what is dropped', async () => {
    const error = await errorOf(() => load('a,y\n1,\n', { label: 'y' }));
    expect(error.message).toContain("row 2, column 'y': the value is missing");
    expect(load('a,b\n1,\n', { drop: ['b'] }).train.count).toBe(1);
  });

  it.each([
    ['wrong_type', "row 2, column 'a': 'tall' is no number", 'a\ntall\n', {}],
    ['wrong_type', "row 2, column 'a': '1,5' is no number", 'a\n"1,5"\n', {}],
    ['wrong_type', "row 3, column 'a': '0x10' is no number", 'a\n1\n0x10\n', {}],
    ['wrong_type', "row 2, column 'a': 'Infinity' is no number", 'a\nInfinity\n', {}],
    ['wrong_value', "row 2, column 'a': 1e39 doesn't fit into float32", 'a\n1e39\n', {}],
    ['wrong_value', "row 3, column 'y': -1 is no class", 'a,y\n1,1\n2,-1\n', { label: 'y' }],
    ['wrong_value', "row 2, column 'y': 0.5 is no class", 'a,y\n1,0.5\n', { label: 'y' }],
    ['unknown_name', "no column 'z'", 'a,y\n1,0\n', { label: 'z' }],
    ['unknown_name', "no column 'z'", 'a,y\n1,0\n', { drop: ['z'] }],
    ['wrong_shape', 'no column of numbers left', 'a,y\n1,0\n', { label: 'y', drop: ['a'] }],
  ])('%s: %s', async (reason, message, text, columns) => {
    const error = await errorOf(() => load(text, columns));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(message);
  });

  it('the compiler learns the shape, the range and the classes, or what is wrong where', () => {
    const path = folder.put('d.csv', 'y,a,b\n0,1,-3\n1,8,2\n');
    const request = { format: 'csv', path, label: 'y', drop: [] } as const;
    expect(describeFile(request)).toEqual({
      ok: true,
      value: {
        shape: [2],
        count: 2,
        classes: 2,
        range: { low: -3, high: 8, lowOpen: false, highOpen: false },
        contents: {
          numbers: 'reals',
          columns: ['a', 'b'],
          classNames: null,
          featureRanges: { low: [1, -3], high: [8, 2] },
        },
      },
    });
    const named = folder.put('named.csv', 'y,a\nred,1\nblue,8\n');
    expect(describeFile({ ...request, path: named })).toMatchObject({
      value: { contents: { classNames: ['blue', 'red'] } },
    });
    expect(describeFile({ ...request, label: 'z' })).toMatchObject({ problem: { code: 'AE702', argument: 'label' } });
    const hole = folder.put('hole.csv', 'y,a,b\n0,1,\n');
    expect(describeFile({ ...request, path: hole })).toMatchObject({
      problem: { code: 'AE702', message: expect.stringContaining("row 2, column 'b'") },
    });
    expect(describeFile({ ...request, path: 'nowhere.csv' })).toMatchObject({ problem: { code: 'AE701' } });
  });
});
