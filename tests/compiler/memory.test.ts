import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { closed } from '../../src/compiler/ir/interval.js';
import type { FileDescription } from '../../src/compiler/library/data-file.js';
import { ok } from '../../src/compiler/library/word.js';
import { builtinWords } from '../../src/words/words.js';
import { compileStatements, experimentText } from './compiled.js';
import { testWorld } from './world.js';

const MEBIBYTE = 1024 ** 2;

/** Compiles an experiment on a million rows of 1,000 numbers for a machine of so much memory. */
function compiledFor(
  machineMemory: number,
  numbers: 'bytes' | 'reals',
  args = '',
  more: Pick<FileDescription, 'staysAbove' | 'valueBytes' | 'readingBytes'> = {},
) {
  const text = experimentText(`data npy("rows.npy"${args})`);
  const contents = { numbers, columns: null, classNames: null, featureRanges: null };
  const describeFile = () => () =>
    ok({ shape: [1000], count: 1e6, range: closed(0, 1), classes: null, contents, ...more });
  return compile({ path: 'e.ae', text }, null, {
    library: builtinWords,
    world: { ...testWorld(), machineMemory, describeFile },
  });
}

test('data are counted as they are in memory, those of a large file as far as they are used', () => {
  const bytes = (numbers: 'bytes' | 'reals', args = '') =>
    compiledFor(Number.POSITIVE_INFINITY, numbers, args).value?.ir.data.bytes;
  expect(bytes('reals')).toBe(4e9);
  expect(bytes('bytes')).toBe(1e9);
  const { value: inDouble } = compiledFor(Number.POSITIVE_INFINITY, 'reals', '', { valueBytes: 8, staysAbove: 5e9 });
  expect(inDouble?.ir.data).toMatchObject({ bytes: 8e9, bytesInFiles: 0 });
  expect(bytes('reals', ', take=1000, validation=100, test=50')).toBe(4e6 * 1.15);
});

test('of digits only those are made that are used', () => {
  const compiled = (args: string) => compileStatements(`data digits(${args})`).ir.data.bytes;
  expect(compiled('take=100, test=20')).toBe(120 * (784 + 4));
  expect(compiled('')).toBe(70_000 * (784 + 4));
});

test('data that the machine has no room for are an error, those that may not fit a warning', () => {
  const said = (mebibytes: number) =>
    compiledFor(mebibytes * MEBIBYTE, 'reals').diagnostics.map(({ code, severity, message, hint, span }) => ({
      said: `${code} ${severity}: ${message}`,
      hint,
      at: span?.source.text.slice(span.start, span.end),
    }));
  expect(said(2000)).toEqual([
    {
      said: expect.stringMatching(
        /^AE406 error: the data take 3\.7 GiB of memory and the training about \d+ MiB, but the machine has 2\.0 GiB$/,
      ),
      hint: 'take=260000 reads fewer examples',
      at: 'npy("rows.npy")',
    },
  ]);
  expect(said(3824)).toMatchObject([{ said: expect.stringMatching(/^AE406 warning: the data take 3\.7 GiB/) }]);
  expect(said(4100)).toEqual([]);
});

test('examples that stay in their files take no memory, and no machine is too small for them', () => {
  const bytes = (args: string) => {
    const { value, diagnostics } = compiledFor(1000 * MEBIBYTE, 'reals', args, { staysAbove: 2 ** 30 });
    expect(diagnostics).toEqual([]);
    return value && [value.ir.data.bytes, value.ir.data.bytesInFiles];
  };
  expect(bytes('')).toEqual([0, 4e9]);
  expect(bytes(', take=300000, test=1000')).toEqual([0, 4e6 * 301]);
  expect(bytes(', take=200000, test=1000')).toEqual([4e6 * 201, 0]);
  // A test file is a part of its own.
  expect(bytes(', take=200000, test_file="rows.npy"')).toEqual([4e6 * 200, 4e9]);
});

test('a table takes more memory while it is read, and a machine that lacks it is told', () => {
  const said = (mebibytes: number) =>
    compiledFor(mebibytes * MEBIBYTE, 'reals', '', { readingBytes: 12 }).diagnostics.map(
      ({ severity, message, hint }) => `${severity}: ${message}; ${hint}`,
    );
  expect(said(8000)).toEqual([
    'warning: reading the data takes 11.2 GiB of memory, but the machine has 7.8 GiB; take=340000 reads fewer examples',
  ]);
  expect(said(12_000)).toEqual([]);
});
