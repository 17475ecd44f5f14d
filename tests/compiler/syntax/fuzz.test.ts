import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allTokens } from '../../../grammar/tokens.js';
import type { Outcome } from '../../../src/compiler/diagnostics/diagnostic.js';
import { diagnosticToJson } from '../../../src/compiler/diagnostics/json.js';
import { renderDiagnostics } from '../../../src/compiler/diagnostics/render.js';
import { format } from '../../../src/compiler/syntax/format.js';
import { parse, parseExpression } from '../../../src/compiler/syntax/parse.js';
import { fileTokens, fuzzRuns, fuzzTimeout } from './written.js';

/** What comes out of a text is a value or reasons why there is none; these can be shown. */
function check({ value, diagnostics }: Outcome<unknown>, text: string): readonly string[] {
  expect(value === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  for (const { span } of diagnostics) {
    expect(span?.start).toBeGreaterThanOrEqual(0);
    expect(span?.end).toBeLessThanOrEqual(text.length);
    expect(span?.end).toBeGreaterThanOrEqual(span?.start ?? 0);
  }
  expect(diagnostics.length).toBeLessThanOrEqual(101);
  renderDiagnostics(diagnostics, { colour: true });
  diagnostics.map(diagnosticToJson);
  return diagnostics.map(({ code }) => code);
}

/** Reads a text in every way there is. */
function read(text: string): readonly string[] {
  const source = { path: 'fuzz.ae', text };
  check(parseExpression(source), text);
  check(format(source), text);
  return check(parse(source), text);
}

function readsAnything(texts: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(texts, (text) => {
      read(text);
    }),
    { numRuns: fuzzRuns },
  );
}

const spellings = allTokens.flatMap(({ PATTERN }) => (typeof PATTERN === 'string' ? [PATTERN] : []));
const anyToken = fc.oneof(
  fc.constantFrom(...spellings),
  fc.constantFrom(
    'a',
    'dense',
    '1',
    '0.5',
    '.5',
    '1e999',
    '"s"',
    '"open',
    "'s'",
    '#',
    ';',
    '≤',
    '/*',
    '//',
    '\n',
    '\\',
  ),
);

const experiments = readdirSync('experiments')
  .filter((file) => file.endsWith('.ae'))
  .map((file) => readFileSync(join('experiments', file), 'utf8'));

describe('any text is read or refused', { timeout: fuzzTimeout }, () => {
  it('random characters', () => readsAnything(fc.string({ unit: 'binary', maxLength: 300 })));

  it('random bytes, as far as they are text', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    readsAnything(bytes.map((array) => new TextDecoder().decode(array)));
  });

  it('random tokens', () => {
    readsAnything(fc.array(anyToken, { maxLength: 80 }).map((tokens) => tokens.join(' ')));
  });

  it('files with tokens left out, doubled, moved or put in', () => {
    const change = fc.record({
      at: fc.nat(),
      what: fc.constantFrom('leave out', 'double', 'put in', 'replace', 'swap'),
      token: anyToken,
    });
    const written = fc.oneof(
      fileTokens,
      fc.constantFrom(...experiments.map((text) => text.match(/\/\/[^\n]*\n|\w+|\s+|[^\w\s]/g) ?? [])),
    );
    const changed = fc.tuple(written, fc.array(change, { minLength: 1, maxLength: 5 })).map(([tokens, changes]) => {
      const mutated = [...tokens];
      for (const { at, what, token } of changes) {
        const place = at % Math.max(1, mutated.length);
        const here = mutated[place] ?? '';
        const next = mutated[place + 1] ?? '';
        if (what === 'leave out') mutated.splice(place, 1);
        else if (what === 'double') mutated.splice(place, 0, here);
        else if (what === 'put in') mutated.splice(place, 0, token);
        else if (what === 'replace') mutated.splice(place, 1, token);
        else mutated.splice(place, 2, next, here);
      }
      return mutated.join(' ');
    });
    readsAnything(changed);
  });

  it('files that end anywhere', () => {
    const cut = fc.tuple(fc.constantFrom(...experiments), fc.double({ min: 0, max: 1, noNaN: true }));
    readsAnything(cut.map(([text, share]) => text.slice(0, Math.floor(share * text.length))));
  });
});

describe('depth is a diagnostic, not an exhausted stack', () => {
  const deep = 20_000;
  const nestings: readonly (readonly [string, string, string, string])[] = [
    ['parentheses', 'loss ', '(', ')'],
    ['lists', 'loss ', '[', ']'],
    ['calls', 'loss ', 'f(a=', ')'],
    ['blocks', 'encoder { ', 'a { b: ', '}'],
    ['braces', '', '{', '}'],
    ['brackets that are never closed', 'loss ', 'f([', ''],
  ];
  for (const [name, before, open, close] of nestings) {
    it(name, () => {
      expect(read(`experiment a { ${before}${open.repeat(deep)}f()${close.repeat(deep)} }`)).toContain('AE105');
    });
  }

  const rows: readonly (readonly [string, string])[] = [
    ['sums', '1 + '],
    ['powers', '2 ** '],
    ['signs', '- '],
    ['negations', 'not '],
    ['comparisons', '1 < '],
    ['members', 'a.'],
  ];
  for (const [name, part] of rows) {
    it(`a long row of ${name}`, () => {
      expect(read(`experiment a { loss ${part.repeat(deep)}a }`)).toEqual(['AE105']);
    });
  }

  it('the deepest brackets that are allowed, with errors inside', () => {
    for (const [, before, open, close] of nestings) {
      read(`experiment a { ${before}${open.repeat(49)}+ + f( ${close.repeat(49)} }`);
      read(`experiment a { ${before}${open.repeat(49)}f()${close.repeat(49)} }`);
    }
  });
});

describe('a megabyte', () => {
  const million = 1_000_000;
  const texts: readonly (readonly [string, string])[] = [
    [
      'of experiments',
      'experiment a { param x = 1 where 0 < x < 2 encoder { code: dense(x) } loss mse() + 2 * l1() }\n',
    ],
    ['of one comment that is never closed', '/* comment '],
    ['of characters without meaning', '@ '],
    ['of closing brackets', ') } ] '],
    ['of operators', '+ - * '],
    ['of keywords', 'loss data encoder '],
    [
      'of experiments that lack something',
      'experiment a { param = 1 encoder { dense 3 } loss mse( } train adam { epochs: 3 }\n',
    ],
    ['of one number', '1234567890'],
    ['of experiments without an end', 'experiment a { '],
  ];
  for (const [name, part] of texts) {
    it(name, () => {
      const text = part.repeat(Math.ceil(million / part.length));
      check(parse({ path: 'large.ae', text }), text);
    });
  }

  it('in one list', () => {
    const text = `experiment a { param x = [${'0.125, '.repeat(million / 7)}] }`;
    expect(check(parse({ path: 'large.ae', text }), text)).toEqual([]);
  });

  it('a tenth of it, formatted', () => {
    expect(read(`experiment a { param x = [${'0.125, '.repeat(million / 70)}] }`)).toEqual([]);
  });
});
