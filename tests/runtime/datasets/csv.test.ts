import { existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRows } from '../../../src/runtime/datasets/csv.js';
import { type NumberTable, readTable, type TableFormat } from '../../../src/runtime/datasets/csv-arrays.js';
import { NumberReader } from '../../../src/runtime/datasets/csv-numbers.js';
import { mostArrayReadWhole } from '../../../src/runtime/datasets/data-limits.js';
import { describedTable, loadedTable } from '../../../src/runtime/datasets/recent-tables.js';
import { EVERYTHING } from '../../../src/runtime/datasets/split.js';
import { describeTable, loadTables } from '../../../src/runtime/datasets/table-dataset.js';
import { csv } from '../../../src/words/dataset/csv.js';
import { describeFiles } from '../../../src/words/dataset/files.js';
import { describeFile } from './given-words.js';
import { scratchFolder } from './scratch-folder.js';
import { errorOf } from './thrown.js';

interface TableCase {
  readonly name: string;
  /** In base64. */
  readonly content: string;
  readonly given: TableFormat;
  readonly columns: readonly string[];
  readonly values: readonly (readonly number[])[];
}

/** What pandas reads: see tables.py. */
const CASES: readonly TableCase[] = JSON.parse(readFileSync(new URL('tables.json', import.meta.url), 'utf8'));

const none = { label: null, drop: [] };
const folder = scratchFolder();
const all = { label: null, drop: [], testExamples: null };

describe('comma-separated values (RFC 4180)', () => {
  const rows = (text: string, pieces = 1): unknown => {
    const size = Math.ceil(text.length / pieces);
    const cut = Array.from({ length: pieces }, (_, i) => text.slice(i * size, (i + 1) * size));
    return Array.from(csvRows(cut, ',', null, 'f.csv'), ({ fields }) => fields);
  };

  it('lines end in CRLF, LF or CR, the last one in any of them or in nothing', () => {
    const expected = [
      ['a', 'b'],
      ['1', '2'],
      ['3', ''],
    ];
    for (const text of ['a,b\r\n1,2\r\n3,\r\n', 'a,b\n1,2\n3,', 'a,b\n1,2\r\n3,\n', 'a,b\r1,2\r3,'])
      expect(rows(text)).toEqual(expected);
  });

  it('commas, quotes and line ends may be in quoted fields', () => {
    expect(rows('a,"b, c"\n"x ""y""","1\r\n2"\n"",\n')).toEqual([
      ['a', 'b, c'],
      ['x "y"', '1\r\n2'],
      ['', ''],
    ]);
  });

  it('reads whatever was written in quotes, wherever the pieces of the file are cut', () => {
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(fc.string(), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
      );
    const pieces = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(table, pieces, fc.constantFrom('\n', '\r\n'), (fields, count, end) => {
        const header = (fields[0] ?? []).map((_, i) => `c${i}`);
        const written = [header, ...fields].map((row) => row.map((f) => `"${f.replaceAll('"', '""')}"`).join(','));
        expect(rows(written.join(end), count)).toEqual([header, ...fields]);
        const plain = [header, ...fields.map((row) => row.map((field) => field.replaceAll(/["\r\n,]/g, '')))];
        expect(rows(plain.map((row) => `${row.join(',')}${end}`).join(''), count)).toEqual(plain);
      }),
    );
  });

  it('comments are left out and counted', () => {
    const text = '#x\na,b\n# "\r\n1,#2\n#';
    expect([...csvRows([text.slice(0, 8), text.slice(8)], ',', '#', 'f.csv')]).toEqual([
      { fields: ['a', 'b'], row: 2 },
      { fields: ['1', '#2'], row: 4 },
    ]);
  });

  it.each([
    ['row 2, column 2', 'a,b\n1,x"y"\n'],
    ['row 3, column 1', 'a,b\n1,2\n"3,4\n'],
    ['row 2, column 1', 'a,b\n"1" ,2\n'],
  ])('wrong_format: %s', async (message, text) => {
    for (const pieces of [1, text.length]) {
      const error = await errorOf(() => rows(text, pieces));
      expect(error.reason).toBe('wrong_format');
      expect(error.message).toContain(message);
    }
  });
});

describe('numbers of a table', () => {
  it('are the doubles that JavaScript reads, whichever way they are read', () => {
    const points = new NumberReader({ decimal: '.', thousands: null });
    const commas = new NumberReader({ decimal: ',', thousands: null });
    const digits = fc.stringMatching(/^\d{0,12}$/);
    fc.assert(
      fc.property(fc.constantFrom('', '-', '+'), digits, digits, fc.boolean(), (sign, whole, rest, hasPoint) => {
        const text = `${sign}${whole}${hasPoint ? '.' : ''}${rest}`;
        const value = whole === '' && rest === '' ? Number.NaN : Number(text);
        expect(points.read(text)).toBe(value);
        expect(commas.read(text.replace('.', ','))).toBe(value);
      }),
      { numRuns: 500 },
    );
  });
});

describe('tables as programs write them', () => {
  it.each(CASES)('$name', ({ content, given, columns, values }) => {
    const table = readTable(folder.put('case.csv', Buffer.from(content, 'base64')), { ...none, ...given });
    expect(table.features).toEqual(columns);
    expect(table.examples.array.dims).toEqual([values.length, columns.length]);
    expect(Float32Array.from(table.examples.array.data)).toEqual(Float32Array.from(values.flat()));
  });

  it('a file that is longer than a piece, gzipped or not, has its rows', () => {
    const text = `a,b\n${Array.from({ length: 200_000 }, (_, i) => `${i},"${i / 4}"`).join('\n')}\n`;
    for (const content of [text, gzipSync(text)]) {
      const { array } = readTable(folder.put('long.csv', content), none).examples;
      expect(array.dims).toEqual([200_000, 2]);
      expect(array.data.every((value, i) => value === (i % 2 === 0 ? i / 2 : (i - 1) / 8))).toBe(true);
    }
  });

  it.each([
    ['ragged_row', 'row 3 has 1 value for 2 columns (none in column 2)', 'a,b\n1,2\n3\n4,5', {}, 'separator='],
    ['ragged_row', 'row 2 has 3 values for 2 columns (one too many in column 3)', 'a,b\n1,2,3', {}, 'separator='],
    ['ragged_row', 'row 2 has 3 values for 2 columns', 'a b\n"1" 2 3\n"2" 4 5', {}, 'numbers the rows, as R writes'],
    ['wrong_value', "row 3, column 'b': '-Infinity' is not a finite number", 'a,b\n1,2\n1,-Infinity', {}, 'dropna'],
    ['wrong_value', "row 2, column 'a': 'inf' is not a finite number", 'a\ninf', {}, 'dropna'],
    ['missing_value', "row 3, column 'a'", 'a,b\n1,2\n,\n3,4', {}, 'missing=drop'],
    ['wrong_format', "row 1, columns 1 and 3 are both named 'a'", 'a,b,a\n1,2,3', {}, 'name of its own'],
    ['wrong_format', "column 2 has no name in the first row, and '2' in row 2", 'a,,b\n1,2,3', {}, 'name it'],
    ['wrong_format', "column 1 has no name in the first row, and '0.5' in row 2", ',b\n0.5,3', {}, 'name it'],
    ['wrong_format', 'row 1 has numbers (5.1, 3.5)', '5.1,3.5\n4.9,3.0', {}, 'header=false'],
    ['wrong_format', 'row 1 has numbers (5,1, 3,5)', '5,1;3,5\n4,9;3', {}, 'header=false'],
    ['wrong_format', 'row 1 has numbers (5, 6, 7)', '5,6,7\n1,2,3', {}, 'header=false'],
    ['wrong_format', 'row 1 has numbers (1, 1)', '1,1\n1,2', {}, 'header=false'],
    ['wrong_format', 'row 1 has numbers (5.1, 3.5, 1.4, …)', '5.1,3.5,1.4,0.2,setosa\n', {}, 'header=false'],
    ['wrong_type', "'1.234,5' is no number", 'a;b\n1.234,5;2\n', {}, 'decimal="," and thousands="."'],
    ['wrong_type', "'1,234' is no number", 'a,b\n"1,234",2\n', {}, 'thousands=","'],
    ['wrong_type', "'1 234,5' is no number", 'a;b\n1 234,5;2\n', {}, 'decimal="," and thousands=" "'],
    ['wrong_type', "row 3, column 'a': '1,5' is no number", 'a;b\n2.5;2\n1,5;2\n', {}, 'decimal=","'],
    ['wrong_type', "'12,34' is no number", 'a\n"12,34"\n', { thousands: ',' }, 'decimal=","'],
    ['wrong_type', "column 'b': 'x' is no number", 'a,b,c,d\n1,x,2,y\n', {}, 'drop=["b", "d"]'],
    ['wrong_type', "column 'b': 'x' is no number", 'a,b,c,d\n1,x,2,y\n', {}, 'label= if one of them names the classes'],
    ['wrong_type', "column 'b': 'x' is no number", 'a,b\n1,x\n', {}, 'write label="b" if it names the classes'],
    ['wrong_type', "'x' is no number", 'a,b,c\n1,x,y\n', { label: 'c' }, 'categories=["b"], or leave the column out'],
    [
      'wrong_type',
      "row 4, column 'a': 'Total' is no number",
      'a,b\n1,2\n3,4\nTotal,6\n',
      {},
      'the rows above have a number',
    ],
    ['wrong_type', "'cm' is no number", 'a,b\ncm,kg\n1,2\n', {}, 'remove the row if it is a second header'],
    ['wrong_type', "'45%' is no number", 'a,b\n45%,1\n', {}, "without '%'"],
    ['wrong_type', "'$3.50' is no number", 'a,b\n$3.50,1\n', {}, "without '$'"],
    ['wrong_type', "'\u22123' is no number", 'a,b\n\u22123,1\n', {}, 'minus'],
    ['missing_value', "column 'Sales'", 'Sales,,\n,,\na,b,c\n1,2,3\n', {}, 'remove what stands above'],
    ['ragged_row', 'row 2 has 2 values for 1 columns', 'Sales\na,b\n1,2\n', {}, 'remove what stands above'],
    ['ragged_row', 'row 2 has', '# made by hand\n# in 2024\na,b\n1,2\n', {}, 'comment="#"'],
    [
      'wrong_format',
      'is a pointer of Git LFS',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d\n',
      {},
      'git lfs pull',
    ],
    ['wrong_format', 'is JSON', ' [{"a": 1},\n {"a": 2}]', {}, 'read_json'],
    ['wrong_format', 'is JSON', '{"a": 1}\n{"a": 2}\n', {}, 'read_json'],
    ['wrong_format', 'is a page of HTML', '<!DOCTYPE html>\n<html></html>', {}, 'download'],
    ['wrong_format', 'is not text in UTF-8', Uint8Array.of(0x61, 0xe9, 0x0a), {}, 'encoding=windows_1252'],
    ['wrong_format', 'UTF-16 without its byte order mark', Buffer.from('a,b\n1,2\n', 'utf16le'), {}, 'UTF-8'],
    ['wrong_format', 'is an Excel workbook (.xlsx)', 'PK\u0003\u0004    [Content_Types].xml', {}, 'save it as CSV'],
    ['wrong_format', 'is a Parquet file', 'PAR1    ', {}, 'save it as CSV'],
    ['wrong_shape', 'no rows', 'a,b\n', {}, 'examples'],
    ['wrong_shape', 'no rows', 'a,b\n,\n\n', {}, 'examples'],
    ['wrong_shape', 'no rows', '', {}, 'examples'],
  ])('%s: %s', async (reason, message, content, format, hint) => {
    const error = await errorOf(() => readTable(folder.put('wrong.csv', content), { ...none, ...format }));
    expect(error.message).toContain(message);
    expect(error.reason).toBe(reason);
    expect(error.hint).toContain(hint);
  });

  it('names may be numbers that rise or are evenly spaced, or that are said to be names', () => {
    const features = (text: string, header?: boolean) =>
      readTable(folder.put('names.csv', text), { ...none, ...(header !== undefined && { header }) }).features;
    expect(features('0,1,2\n7,8,9')).toEqual(['0', '1', '2']);
    expect(features('gdp,1960,1970,1975\n1,2,3,4')).toEqual(['gdp', '1960', '1970', '1975']);
    expect(features('gdp,2020,2019,2018\n1,2,3,4')).toEqual(['gdp', '2020', '2019', '2018']);
    expect(features('5,6\n7,8', true)).toEqual(['5', '6']);
    expect(features('a , b\n1,2')).toEqual(['a', 'b']);
  });

  it('a semicolon in the first line alone separates nothing, nor one in quotes', () => {
    const features = (text: string) => readTable(folder.put('names.csv', text), none).features;
    expect(features('a;b,c\n1,2')).toEqual(['a;b', 'c']);
    expect(features('"a;b",c\n"1",2\n')).toEqual(['a;b', 'c']);
    expect(features('sepal length\n1\n')).toEqual(['sepal length']);
  });

  it('a column that is dropped may have a name twice, anything in it, and gaps', () => {
    const text = 'x,a,x\n?,1,"\n"\nNA,2,\n';
    const table = readTable(folder.put('dropped.csv', text), { ...none, drop: ['x'], missing: 'drop' });
    expect([...table.examples.array.data]).toEqual([1, 2]);
  });

  it('rows without a class are dropped too, and the rest keep theirs', () => {
    const text = 'a,y\n1,u\n2,\n3,v\n,u\n\n';
    const table = readTable(folder.put('gaps.csv', text), { label: 'y', drop: [], missing: 'drop' });
    expect([...table.examples.array.data]).toEqual([1, 3]);
    expect(table.labels?.array.data).toEqual(Int32Array.of(0, 1));
  });
});

describe('columns that may mean something else', () => {
  const doubts = (text: string, format: TableFormat = {}) =>
    readTable(folder.put('doubts.csv', text), { ...none, ...format }).doubts.map(
      ({ message, hint }) => `${message}: ${hint}`,
    );

  it.each([
    [
      'pop;kids\n999;2\n2.400;6\n15.300;38\n940;2\n1.001;2\n',
      /'pop' has whole numbers and 2\.400, .* as 2\.4: .*thousands="\."/,
    ],
    ['pop,kids\n999,2\n-2.400,6\n', /'pop' .* -2\.400, .*thousands="\."/],
    ['pop\tkids\n999\t2\n2,400\t6\n', /'pop' .* 2,400, which is read as 2\.4: .*thousands=","/],
    ['pop;kids\n-1.999;2\n2.400;6\n', /'pop' has numbers like -1\.999 alone, .* not as -1999: .*thousands="\."/],
    ['pop\tkids\n1,999\t2\n2,400\t1000\n', /'pop' has numbers like 1,999 alone, .* not as 1999: .*thousands=","/],
  ])('names groups of digits that are read as decimals: %j', (text, doubt) => {
    expect(doubts(text)).toEqual([expect.stringMatching(doubt)]);
    const separator = text.includes('2,400') ? ',' : '.';
    expect(doubts(text, { decimal: separator })).toEqual([]);
    const said = readTable(folder.put('said.csv', text), { ...none, thousands: separator });
    expect([said.doubts, Math.abs(said.examples.array.data[2] ?? 0)]).toEqual([[], 2400]);
  });

  it.each([
    'a,b\n1.125,2\n2.400,6\n',
    'a b\n1.125 2\n2.400 6\n',
    'a;b\n1.125;2\n2.400;0.6\n',
    'a;b\n2000;1.125\n0.5;2.400\n',
    'a;b\n1;2\n0.125;6\n2.400;1\n',
    'a;b\n1;2\n1.25;6\n2.400;1\n',
    'a;b\n1500;2\n2.400;6\n',
    'a;b\n1.0;2\n2.400;6\n',
  ])('takes decimals for what they are: %j', (text) => {
    expect(doubts(text)).toEqual([]);
  });

  it('names an index that is trained on', () => {
    const table = (name: string, numbers: readonly number[]) =>
      `${name},a\n${numbers.map((n, i) => `${n},${i % 2}`).join('\n')}\n`;
    for (const name of ['Unnamed: 0', 'index', 'Id']) {
      expect(doubts(table(name, [7, 3, 0, 1, 2]))).toEqual([
        `column '${name}' numbers the rows (7, 3, 0, …) and is trained on: leave it out with drop=["${name}"]`,
      ]);
    }
    for (const numbers of [
      [0, 1, 2, 2, 3],
      [0.5, 1, 2, 3, 4],
    ])
      expect(doubts(table('id', numbers))).toEqual([]);
    expect(doubts(table('x', [0, 1, 2, 3, 4]))).toEqual([]);
  });
});

describe('csv tables of numbers', () => {
  const load = (text: string, columns: { readonly label?: string; readonly drop?: readonly string[] } = {}) =>
    loadTables({ ...all, ...columns, examples: folder.put('f.csv', text) }).dataset;

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
      loadTables({ examples, testExamples: folder.put('test.csv', text), label: 'y', drop: [] }).dataset;
    expect(tested('y,a\nred,3\n')().test?.labels).toEqual(Uint8Array.of(1));
    expect((await errorOf(tested('y,b\nred,3\n'))).reason).toBe('mismatch');
    expect((await errorOf(tested('y,a,b\nred,3,4\n'))).message).toContain('columns that');
    const green = tested('y,a\ngreen,3\namber,4\nred,5\n')();
    expect(green.test?.labels).toEqual(Uint8Array.of(3, 2, 1));
    expect(green.train.labels).toEqual(Uint8Array.of(1, 0));
    expect(green.classNames).toEqual(['blue', 'red', 'amber', 'green']);
    const numbers = folder.put('numbers.csv', 'y,a\n0,1\n1,2\n');
    const texts = () => loadTables({ examples: numbers, testExamples: examples, label: 'y', drop: [] });
    expect((await errorOf(texts)).message).toContain('has texts for classes (blue, red)');
  });

  it('columns are found by their names, in the test table and where features are named', async () => {
    const examples = folder.put('train.csv', 'a,b,y\n1,2,red\n3,4,blue\n');
    const testExamples = folder.put('test.csv', 'y,b,a\nblue,6,5\n');
    const { train, test, classNames, columns } = loadTables({ ...all, label: 'y', examples, testExamples }).dataset;
    expect({ columns, classNames }).toEqual({ columns: ['a', 'b'], classNames: ['blue', 'red'] });
    expect(train.values).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(test?.values).toEqual(Float32Array.of(5, 6));
    const chosen = loadTables({ ...all, examples, features: ['b', 'a'] }).dataset;
    expect(chosen.train.values).toEqual(Float32Array.of(2, 1, 4, 3));
    expect(chosen.unusedColumns).toEqual(['y']);
    const missing = await errorOf(() => loadTables({ ...all, examples, features: ['a', 'c', 'd'] }));
    expect(missing).toMatchObject({ reason: 'mismatch', message: expect.stringContaining('the columns c, d') });
  });

  it('a test table of other columns is told by their names before its values are read', () => {
    const examples = folder.put('train.csv', 'id,length,width,y\n1,2,3,red\n2,4,5,blue\n');
    const described = (text: string) => {
      const table = (path: string) => ({ format: 'csv', path, label: 'y', drop: ['id'] }) as const;
      const { format: tables } = csv;
      if (tables === null) throw new Error('tables are files');
      const request = {
        examples: { argument: 'file', request: table(examples), used: EVERYTHING },
        labels: null,
        testLabels: null,
        format: tables,
      };
      const everyClass = { test: null, classes: null, train_on: null };
      const tested = { argument: 'test_file', request: table(folder.put('test.csv', text)), used: EVERYTHING };
      const ruling = describeFiles({ ...request, testExamples: tested }, everyClass, (asked, used, format) =>
        format.describe(asked, used),
      );
      return ruling.ok ? ruling.value.test : ruling.problem;
    };
    expect(described('y,width,length\nred,1,2\n')).toBe(1);
    expect(described('y,width,Length,note\nred,1,2,tall\n')).toMatchObject({
      code: 'AE702',
      argument: 'test_file',
      message: expect.stringMatching(/test.csv: doesn't have the column length, and has Length, note instead$/),
    });
    expect(described('y,width,length,note\nred,1,2,tall\n')).toMatchObject({
      message: expect.stringMatching(/test.csv: has columns that the training table doesn't have: note$/),
      hint: expect.stringContaining('test[train.columns]'),
    });
  });

  it('a table is parsed once to be looked at and loaded, and again where it was changed', () => {
    const path = folder.put('once.csv', 'a,b\n1,2\n3,4\n');
    const reading = { path, columns: none, classes: null, mostRows: null };
    const values = ({ examples }: NumberTable) => examples.array.data.buffer;
    const seen = describedTable(reading);
    expect(values(describedTable(reading))).toBe(values(seen));
    expect(values(loadedTable({ ...reading, columns: { ...none, features: null, encoding: 'utf_8' } }))).toBe(
      values(seen),
    );
    expect(values(loadedTable(reading))).not.toBe(values(seen));
    const wider = { ...reading, columns: { ...none, drop: ['a'] } };
    describedTable(reading);
    expect(loadedTable(wider).features).toEqual(['b']);
    folder.put('once.csv', 'a,b\n1,2\n3,4\n5,6\n');
    expect(loadedTable(reading).examples.array.dims).toEqual([3, 2]);
  });

  it('a large table is read no further than its first rows are used', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${i},${i % 7},c${i % 3}\n`);
    const path = folder.put('large.csv', `a,b,y\n${rows.join('')}`);
    // Whoever looks behind them finds zeros.
    truncateSync(path, mostArrayReadWhole + 1);
    const columns = { label: 'y', drop: [] };
    const parts = { take: 20, validation: 5, test: null, shuffleSeed: null };
    expect(describeTable(path, columns, null, parts)).toMatchObject({ count: 25, shape: [2], high: 24 });
    const files = { ...columns, examples: path, testExamples: path };
    const { dataset, isWhole } = loadTables(files, { ...parts, test: 3 });
    expect([dataset.train.count, dataset.test?.count, dataset.classNames, isWhole]).toEqual([
      25,
      3,
      ['c0', 'c1', 'c2'],
      false,
    ]);
    const first = folder.put('first.csv', `a,b,y\n${rows.slice(0, 25).join('')}`);
    const alone = loadTables({ ...files, examples: first, testExamples: null }, parts);
    expect([alone.dataset.checksum, alone.isWhole]).toEqual([
      loadTables({ ...files, testExamples: null }, parts).dataset.checksum,
      true,
    ]);
    for (const more of [{ take: null }, { test: 1 }, { shuffleSeed: 1 }]) {
      const error = await errorOf(() => loadTables({ ...files, testExamples: null }, { ...parts, ...more }));
      expect(error.message).toContain('row 402');
    }
  });

  it.runIf(existsSync('/proc/self/fd'))('a file is closed where its table ends in an error', async () => {
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let i = 0; i < 5; i++) await errorOf(() => load('a\ntall\n'));
    expect(open()).toBe(before);
  });

  it('separators at the ends of rows, or of the header alone, are no values', async () => {
    expect(load('a,b\n1,2,\n3,4,,\n').train.values).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(load('a,b,\n1,2\n3,4,\n').train.values).toEqual(Float32Array.of(1, 2, 3, 4));
    for (const text of ['a,b\n1,2,5\n', 'a,b\n1\n', 'a,b,\n1\n']) {
      expect((await errorOf(() => load(text))).reason).toBe('ragged_row');
    }
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
    ['wrong_value', "row 2, column 'a': 1e39 doesn't fit into float32", 'a\n1e39\n', {}],
    ['wrong_value', "row 3, column 'y': 1e300 is no class", 'a,y\n1,1\n2,1e300\n', { label: 'y' }],
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
        classPlaces: { names: ['0', '1'], first: [0, 1], last: [0, 1] },
        range: { low: -3, high: 8, lowOpen: false, highOpen: false },
        contents: {
          numbers: 'reals',
          columns: ['a', 'b'],
          classNames: null,
          featureRanges: { low: [1, -3], high: [8, 2] },
        },
        readingBytes: 12,
      },
    });
    const named = folder.put('named.csv', 'y,a\nred,1\nblue,8\n');
    expect(describeFile({ ...request, path: named })).toMatchObject({
      value: { contents: { classNames: ['blue', 'red'] } },
    });
    const signs = folder.put('signs.csv', 'y,a\n1,1\n-1,8\n');
    expect(describeFile({ ...request, path: signs })).toMatchObject({
      value: { classes: 2, contents: { classNames: ['-1', '1'] } },
    });
    expect(describeFile({ ...request, label: 'z' })).toMatchObject({ problem: { code: 'AE702', argument: 'label' } });
    const hole = folder.put('hole.csv', 'y,a,b\n0,1,\n');
    expect(describeFile({ ...request, path: hole })).toMatchObject({
      problem: { code: 'AE702', message: expect.stringContaining("row 2, column 'b'") },
    });
    expect(describeFile({ ...request, path: 'nowhere.csv' })).toMatchObject({ problem: { code: 'AE701' } });
  });
});
