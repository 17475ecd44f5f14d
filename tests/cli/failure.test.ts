import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Command } from '@commander-js/extra-typings';
import { describe, expect, it } from 'vitest';
import { exitCodes, Failure, judge } from '../../src/cli/failure.js';
import { threadsOption, wholeNumber } from '../../src/cli/options.js';
import { UsageError } from '../../src/project/usage-error.js';

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing went wrong');
}

/** With the code that better-sqlite3 gives its errors. */
const sqliteError = (code: string) => Object.assign(new Error('of SQLite'), { code });

describe('an error that ends a command is', () => {
  it.each([
    ['a folder that is missing', () => mkdtempSync('/nope/x-'), /temporary folder '\/nope\/x-XXXXXX': no such file/],
    ['a folder in place of a file', () => readFileSync('/'), /read.*: it is a folder/],
    ['a path through a file', () => writeFileSync('/dev/null/x', ''), /'\/dev\/null\/x': a part of the path is not a/],
    ['a typed array too long', () => new Float32Array(2 ** 40), /out of memory/],
    ['a buffer that cannot be had', () => new ArrayBuffer(2 ** 52), /out of memory/],
    ['a text too long', () => 'x'.repeat(2 ** 30), /out of memory/],
  ])("the system's: %s", (_, action, message) => {
    const { exitCode, message: said, hint } = judge(errorOf(action));
    expect(said).toMatch(message);
    expect(exitCode).toBe(exitCodes.environment);
    expect(hint).not.toMatch(/defect/);
  });

  it("the system's too where it is the cause of another, or comes from SQLite or Node", () => {
    const cause = errorOf(() => readFileSync('/nope'));
    expect(judge(new Error('could not start', { cause })).exitCode).toBe(exitCodes.environment);
    for (const code of ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_CANTOPEN', 'SQLITE_NOMEM', 'SQLITE_PROTOCOL'])
      expect(judge(sqliteError(code))).toMatchObject({ exitCode: exitCodes.environment });
    for (const code of ['ERR_WORKER_INIT_FAILED', 'ERR_DLOPEN_FAILED', 'EMFILE', 'EAGAIN'])
      expect(judge(Object.assign(new Error('x'), { code })).exitCode).toBe(exitCodes.environment);
  });

  it("the person's where the command line or a name is wrong", () => {
    expect(judge(new UsageError('no such thing', 'another one')).exitCode).toBe(exitCodes.usage);
    expect(judge(Object.assign(new Error('r9?'), { reason: 'unknown_run', hint: 'ls' })).exitCode).toBe(
      exitCodes.usage,
    );
    expect(judge(new Failure(exitCodes.experiment, 'no')).exitCode).toBe(exitCodes.experiment);
  });

  it.each([
    ['an index', () => new Float32Array(-1)],
    ['a type', () => Object.entries(JSON.parse('null'))],
    ['an argument of Node', () => new Worker('./relative-to-nothing.js', { argv: JSON.parse('1') })],
    ['an error of ours', () => errorOf(() => JSON.parse('{'))],
    ['a statement for SQLite', () => sqliteError('SQLITE_ERROR')],
    ['no error at all', () => undefined],
  ])('ours otherwise: %s', (_, action) => {
    let error: unknown;
    try {
      error = action();
    } catch (thrown) {
      error = thrown;
    }
    expect(judge(error)).toMatchObject({ exitCode: exitCodes.defect, hint: expect.stringContaining('--debug') });
  });
});

it('a number on the command line is within what is meant, or refused with its range', () => {
  const threads = (text: string) =>
    new Command().addOption(threadsOption()).parse(['--threads', text], { from: 'user' });
  expect(threads('64').opts()).toEqual({ threads: 64 });
  for (const text of ['0', '65', '1e9', 'NaN', '-1', '', '9007199254740993']) {
    expect(() => threads(text)).toThrow(/--threads must be a whole number from 1 to 64/);
  }
  expect(() => wholeNumber('--precision', '101', 1, 100)).toThrow('from 1 to 100');
});
