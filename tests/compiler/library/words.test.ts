import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { contains } from '../../../src/compiler/ir/interval.js';
import type { Parameter } from '../../../src/compiler/library/parameter.js';
import type { AnyWord } from '../../../src/compiler/library/word.js';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements } from './statements.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const named = (word: AnyWord) => [`${word.family} ${word.name}`, word] as const;

describe.each(builtinWords.words.map(named))('%s', (_name, word) => {
  it('is documented, and so is each of its parameters', () => {
    expect(word.doc).toMatch(/^\S.{20,}\.\)?$/s);
    for (const [name, parameter] of Object.entries<Parameter>(word.parameters)) {
      expect(parameter.doc, name).toMatch(/^\S.*[.:]$/s);
    }
  });

  it('has a name that can be written, and defaults within their ranges', () => {
    expect(word.name).toMatch(/^[a-z][a-z0-9_]*$/);
    for (const [name, parameter] of Object.entries<Parameter>(word.parameters)) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      if ('range' in parameter && typeof parameter.default === 'number') {
        expect(contains(parameter.range, parameter.default), name).toBe(true);
      }
      if (parameter.type === 'choice' && parameter.default != null)
        expect(parameter.options).toContain(parameter.default);
      if (parameter.type === 'word' && parameter.default != null) {
        expect(builtinWords.find(parameter.family, parameter.default), name).toBeDefined();
      }
    }
  });

  it('has an example that compiles without a word of complaint', () => {
    expect(word.example).toContain(word.name);
    const { value, diagnostics } = compileStatements(word.example);
    expect(diagnostics.map((d) => `${d.code} ${d.message}`)).toEqual([]);
    expect(value).not.toBeNull();
  });

  it('has a mistake that is found', () => {
    expect(word.mistake.text).toContain(word.name);
    const { diagnostics } = compileStatements(word.mistake.text);
    expect(diagnostics.map((d) => d.code)).toEqual([word.mistake.code]);
  });

  it('names an oracle that is there', () => {
    for (const oracle of word.oracle.split(' ')) {
      const [, kind, name, row] = /^(golden|table|test):([^#]+)(?:#(.+))?$/.exec(oracle) ?? [];
      if (kind === undefined || name === undefined) throw new Error(`'${oracle}' is not the form of an oracle`);
      const path = `${root}${kind === 'test' ? '' : 'tests/goldens/'}${name}${kind === 'golden' ? '/case.json' : ''}`;
      expect(existsSync(path), path).toBe(true);
      if (row !== undefined) expect(readFileSync(path, 'utf8')).toContain(`"kind": "${row}"`);
      if (kind === 'test') expect(readFileSync(path, 'utf8'), `${path} does not speak of it`).toContain(word.name);
    }
  });
});
