import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { format } from '../../../src/compiler/syntax/format.js';
import { parse } from '../../../src/compiler/syntax/parse.js';
import { tokenize } from '../../../src/compiler/syntax/tokenize.js';
import { fuzzRuns, fuzzTimeout, writtenFile } from './written.js';

const source = (text: string) => ({ path: 'test.ae', text });

function formatted(text: string): string {
  const { value, diagnostics } = format(source(text));
  if (value === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}

/** The tree without the places of its parts. */
function meaning(text: string): string {
  const { value } = parse(source(text));
  return JSON.stringify(value, (key, part: unknown) =>
    ['span', 'targetSpan', 'pathSpan', 'source'].includes(key) ? undefined : part,
  );
}

function comments(text: string): readonly string[] {
  return tokenize(source(text))
    .comments.map((comment) => comment.text.replaceAll(/\r\n?/g, '\n').trimEnd())
    .sort();
}

/** A random file, or nothing where the random operators cannot be combined. */
const accepted = writtenFile.filter((text) => parse(source(text)).value !== null);

describe('formatting any file', { timeout: fuzzTimeout }, () => {
  it('changes nothing that is formatted', () => {
    fc.assert(
      fc.property(accepted, (text) => {
        const once = formatted(text);
        expect(formatted(once)).toBe(once);
      }),
      { numRuns: fuzzRuns },
    );
  });

  it('keeps what the file says', () => {
    fc.assert(
      fc.property(accepted, (text) => {
        expect(meaning(formatted(text))).toBe(meaning(text));
      }),
      { numRuns: fuzzRuns },
    );
  });

  it('keeps every comment', () => {
    fc.assert(
      fc.property(accepted, (text) => {
        expect(comments(formatted(text))).toEqual(comments(text));
      }),
      { numRuns: fuzzRuns },
    );
  });

  it('comes to the same whatever ends its lines', () => {
    fc.assert(
      fc.property(accepted, fc.constantFrom('\r', '\r\n'), (text, end) => {
        const unix = text.replaceAll(/\r\n?/g, '\n');
        expect(formatted(unix.replaceAll('\n', end))).toBe(formatted(unix));
      }),
      { numRuns: fuzzRuns },
    );
  });

  it('leaves no space at a line end and no two empty lines, but in comments', () => {
    fc.assert(
      fc.property(accepted, (text) => {
        expect(formatted(text)).not.toMatch(/[ \t]\n|\n\n\n|\t|\r|^\n/);
      }),
      { numRuns: fuzzRuns },
    );
  });
});
