import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { defaultParserErrorProvider, Lexer } from 'chevrotain';
import { describe, expect, it } from 'vitest';
import { AeParser } from '../../grammar/parser.js';
import {
  allTokens,
  binaryPrecedence,
  constantWords,
  operatorSymbols,
  operatorWords,
  statementKeywords,
} from '../../grammar/tokens.js';

const lexer = new Lexer([...allTokens], { ensureOptimizations: true });

function tokensOf(text: string): string {
  const { tokens, groups, errors } = lexer.tokenize(text);
  const apart = Object.values(groups).flat();
  const found = [...tokens, ...apart].sort((a, b) => a.startOffset - b.startOffset);
  return [...found.map((token) => token.tokenType.name), ...errors.map(() => 'nothing')].join(' ');
}

describe('the grammar', () => {
  it('is free of ambiguities with two tokens of look-ahead', () => {
    expect(() => new AeParser(defaultParserErrorProvider, { validate: true })).not.toThrow();
  });

  it('reserves the words of statements, operators and constants; define, use and target only where they begin something', () => {
    const reserved = allTokens.flatMap(({ PATTERN }) =>
      typeof PATTERN === 'string' && /^\w+$/.test(PATTERN) ? [PATTERN] : [],
    );
    expect(reserved.sort()).toEqual(
      (
        'experiment extends without param where let data corrupt encoder decoder loss pretrain train show evaluate sweep ' +
        'and or not in true false define use target'
      )
        .split(' ')
        .sort(),
    );
  });

  it('knows how tightly every binary operator holds', () => {
    const binary = [...operatorSymbols, ...operatorWords].filter(({ name }) => name !== 'Not');
    expect(new Set(binaryPrecedence.flat())).toEqual(new Set(binary));
  });

  it('keeps what is generated from it up to date', () => {
    const { status, stderr } = spawnSync(process.execPath, ['tools/generate-grammar.mjs', '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('tokens', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['loss losses lossy_1 _loss Loss', 'Loss Identifier Identifier Identifier Identifier'],
    ['define use', 'Define Use'],
    ['0 15 0.01 1e-4 1E+4 50_000 1_0.2_5e1', Array.from({ length: 7 }, () => 'NumberLiteral').join(' ')],
    ['.5 5. 1__0 1_ 0x1 1e 1e+ 1.2.3 3x', Array.from({ length: 9 }, () => 'MalformedNumber').join(' ')],
    ['1-2', 'NumberLiteral Minus NumberLiteral'],
    ['a.b', 'Identifier Dot Identifier'],
    ['"a" "\\"" "" "\\\\"', 'StringLiteral StringLiteral StringLiteral StringLiteral'],
    ['"a\n"b\\', 'UnclosedString UnclosedString'],
    ['f("a)', 'Identifier LeftParenthesis UnclosedString RightParenthesis'],
    ['a**b*c', 'Identifier Power Identifier Times Identifier'],
    [
      'a<=b<c>=d>e==f!=g=h',
      'Identifier LessEqual Identifier Less Identifier GreaterEqual Identifier Greater Identifier EqualEqual Identifier NotEqual Identifier Equals Identifier',
    ],
    ['a//b\n/c', 'Identifier LineComment Divide Identifier'],
    ['/**/ /***/ /* * / */ /*/ */', 'BlockComment BlockComment BlockComment BlockComment'],
    ['/* a\n b */ /* c', 'BlockComment UnclosedComment'],
    ['# no\n;', 'HashComment Semicolon'],
    ['\uFEFFa\u00A0b\r\nc\u2028d', 'Identifier Identifier Identifier Identifier'],
    ['a § b', 'Identifier Identifier nothing'],
  ];
  for (const [text, expected] of texts) it(JSON.stringify(text), () => expect(tokensOf(text)).toBe(expected));
});

describe('the TextMate grammar', () => {
  interface Rule {
    readonly name?: string;
    readonly match?: string;
    readonly begin?: string;
    readonly end?: string;
  }
  const grammar: { readonly patterns: readonly Rule[] } = JSON.parse(
    readFileSync('grammar/aedsl.tmLanguage.json', 'utf8'),
  );

  /** The scope of a text in a line: as an editor does, the rule that matches first, and the earliest of those. */
  function scopeOf(text: string, line: string): string | undefined {
    const target = line.indexOf(text);
    let at = 0;
    while (at <= target) {
      const matches = grammar.patterns.flatMap(({ name, match, begin }) => {
        const pattern = new RegExp(match ?? begin ?? '', 'g');
        pattern.lastIndex = at;
        const found = pattern.exec(line);
        return found ? [{ name, start: found.index, end: found.index + found[0].length }] : [];
      });
      const first = matches.sort((a, b) => a.start - b.start)[0];
      if (first === undefined || first.start > target) return undefined;
      if (first.end > target) return first.name?.replace('.aedsl', '');
      at = first.end;
    }
    return undefined;
  }

  it('has every reserved word and no word of the library', () => {
    for (const { PATTERN } of statementKeywords) {
      expect(scopeOf(String(PATTERN), `  ${PATTERN} {`)).toBe('keyword.control');
    }
    for (const { PATTERN } of operatorWords)
      expect(scopeOf(String(PATTERN), `a ${PATTERN} b`)).toBe('keyword.operator.word');
    for (const { PATTERN } of constantWords) expect(scopeOf(String(PATTERN), `${PATTERN}`)).toBe('constant.language');
    expect(readFileSync('grammar/aedsl.tmLanguage.json', 'utf8')).not.toMatch(/dense|mnist|adam|sigmoid|mse/);
  });

  const scopes: readonly (readonly [string, string, string | undefined])[] = [
    ['dense', 'code: dense(100)', 'entity.name.function'],
    ['code', 'code: dense(100)', 'entity.name.label'],
    ['activation', 'dense(100, activation=relu)', 'variable.parameter'],
    ['data', 'sweep { data = [mnist()] }', 'variable.parameter'],
    ['size', 'input.size', 'variable.other.member'],
    ['loss', 'x.loss', 'variable.other.member'],
    ['use', 'use "losses.ae"', 'keyword.control'],
    ['target', 'target npy("clean.npy")', 'keyword.control'],
    ['target', 'param target = 3', undefined],
    ['// note', 'loss mse() // note', 'comment.line.double-slash'],
    ['0.01', 'param rho = 0.01', 'constant.numeric'],
    ['**', '2 ** 3', 'keyword.operator'],
    ['"a.ae"', 'experiment b extends "a.ae"', 'string.quoted.double'],
  ];
  for (const [text, line, scope] of scopes) it(`${text} in ${line}`, () => expect(scopeOf(text, line)).toBe(scope));
});
