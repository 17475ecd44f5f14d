import { describe, expect, it } from 'vitest';
import { bindExperiment, compileTrial } from '../../src/compiler/compile.js';
import { mostDiagnostics } from '../../src/compiler/diagnostics/collector.js';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.js';
import { diagnosticToJson } from '../../src/compiler/diagnostics/json.js';
import { renderDiagnostics } from '../../src/compiler/diagnostics/render.js';
import { format } from '../../src/compiler/syntax/format.js';
import { builtinWords } from '../../src/words/words.js';
import { worldOfTests } from '../compiler/library/statements.js';
import { sweptTrials } from '../compiler/swept.js';
import { growth, linearGrowth } from './growth.js';

const base =
  'data digits(take=256, test=64) encoder { code: dense(8) } decoder { dense(input.size) } loss mse() train adam() { epochs = 1 }';
const experiment = (statements: string): string => `experiment e {\n${statements}\n}`;
const repeated = (count: number, text: (i: number) => string, separator = '\n'): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(separator);

/** Everything that `check` does with a text: what is found, shown and written as JSON; and `fmt`. */
function check(text: string): { readonly found: readonly Diagnostic[]; readonly shown: string } {
  const source = { path: 'e.ae', text };
  const bound = bindExperiment(source, null, worldOfTests);
  const found = [...bound.diagnostics];
  if (bound.value) {
    found.push(...compileTrial(bound.value, { library: builtinWords, world: worldOfTests }).diagnostics);
    if (bound.value.sweep) found.push(...sweptTrials(bound.value, worldOfTests).diagnostics);
  }
  const shown = renderDiagnostics(found, { colour: false });
  for (const diagnostic of found) diagnosticToJson(diagnostic);
  format(source);
  return { found, shown };
}

const codesOf = (text: string): readonly string[] => check(text).found.map(({ code }) => code);

describe('texts of any size', () => {
  it.each<[string, number, (n: number) => string]>([
    ['params', 4000, (n) => experiment(`${repeated(n, (i) => `param p${i} = ${i} where p${i} >= 0`)} ${base}`)],
    [
      'params that replace inherited ones',
      8000,
      (n) =>
        `experiment e extends b {${repeated(n, (i) => `param p${i} = 2`)}}\nexperiment b {${repeated(n, (i) => `param p${i} = 1`)} ${base}}`,
    ],
    [
      'experiments that extend each other',
      16000,
      (n) => `${repeated(n, (i) => `experiment e${i} extends e${i + 1} {}`)}\nexperiment e${n} {${base}}`,
    ],
    ['line ends', 80000, (n) => `${'\n'.repeat(n)}${experiment(base)}`],
    ['lone carriage returns', 80000, (n) => `${'\r'.repeat(n)}${experiment(base)}`],
    ['comments', 16000, (n) => `${'// c\n'.repeat(n)}${experiment(base)}`],
    ['wrong comments', 40000, (n) => `${'# c\n'.repeat(n)}${experiment(base)}`],
    ['strings without an end', 8000, (n) => experiment(`${'let a = "x\n'.repeat(n)}${base}`)],
    ['quotes after backslashes in a string without an end', 16000, (n) => experiment(`let a = ${'"(\\'.repeat(n)}`)],
    ['opening brackets', 80000, (n) => experiment(`let a = ${'('.repeat(n)}`)],
    ['closing brackets', 80000, (n) => experiment(`let a = ${')'.repeat(n)}`)],
    ['signs', 80000, (n) => experiment(`let a = ${'-'.repeat(n)}1 ${base}`)],
    ['terms of a sum', 40000, (n) => experiment(`let a = ${repeated(n, () => '1', '+')} ${base}`)],
    ['items of a list', 8000, (n) => experiment(`let a = [${repeated(n, String, ', ')}] ${base}`)],
    ['unknown arguments', 8000, (n) => experiment(`data digits(${repeated(n, (i) => `a${i}=1`, ', ')})`)],
    [
      'unknown settings',
      8000,
      (n) =>
        experiment(
          base.replace(
            'epochs = 1',
            repeated(n, (i) => `s${i} = 1`),
          ),
        ),
    ],
    ['layers', 4000, (n) => experiment(base.replace('code: dense(8)', `dense(3) ${'relu() '.repeat(n)}`))],
    ['layers of one label', 8000, (n) => experiment(base.replace('code: dense(8)', 'code: relu() '.repeat(n)))],
    [
      'unknown labels',
      8000,
      (n) => experiment(base.replace('mse()', `mse() + l1(on=[${repeated(n, (i) => `x${i}`, ', ')}])`)),
    ],
    ['axes', 8000, (n) => experiment(`${base} sweep { ${repeated(n, (i) => `a${i} = [1, 2]`)} }`)],
    ['digits of a number', 1e6, (n) => experiment(`let a = ${'1'.repeat(n)}x ${base}`)],
    ['letters of a name', 1e6, (n) => experiment(`${base} show { ${'b'.repeat(n)}() }`)],
    ['escapes of a string', 4e5, (n) => experiment(`data csv("${'\\n'.repeat(n)}")`)],
  ])('%s: the time grows as their number does', (_, size, text) => {
    expect(growth((n) => void check(text(n)), size)).toBeLessThan(linearGrowth);
  });

  it.each<[string, string, string]>([
    ['AE110', 'a text of more than four million characters', `${' '.repeat(4e6)}${experiment(base)}`],
    ['AE105', 'brackets in brackets', experiment(`let a = ${'['.repeat(1e5)}${']'.repeat(1e5)}`)],
    ['AE105', 'operators in a row', experiment(`let a = ${'1 ** '.repeat(1e5)} 1`)],
    ['AE105', 'members of members', experiment(`let a = a${'.a'.repeat(1e5)}`)],
    [
      'AE310',
      'ancestors',
      `${repeated(1e4, (i) => `experiment e${i} extends e${i + 1} {}`)} experiment e10000 {${base}}`,
    ],
    ['AE310', 'figures', experiment(`${base} show { ${'filters(code) '.repeat(1001)} }`)],
    ['AE310', 'evaluations', experiment(`${base} evaluate { ${'psnr() '.repeat(1001)} }`)],
    ['AE310', 'axes', experiment(`${base} sweep { ${repeated(1001, (i) => `a${i} = 1`)} }`)],
    ['AE310', 'values of a range', experiment(`param a = 1 ${base} sweep { a = range(0, 1e12) }`)],
    ['AE310', 'values of a tiny step', experiment(`param a = 1 ${base} sweep { a = range(0, 1, 1e-320) }`)],
    ['AE310', 'values between two ends', experiment(`param a = 1 ${base} sweep { a = linspace(0, 1, 1e9) }`)],
    ['AE603', 'seeds', experiment(`${base} sweep { seeds = 1e9 }`)],
    ['AE603', 'seeds that no number counts', experiment(`${base} sweep { seeds = 1e308 }`)],
    [
      'AE603',
      'trials that are drawn',
      experiment(`param a = 1 ${base} sweep { a = uniform(0, 1)  trials = 1000000000 }`),
    ],
    [
      'AE603',
      'combinations',
      experiment(`param a = 1 param b = 1 ${base} sweep { a = range(0, 1000)  b = range(0, 1000) }`),
    ],
    [
      'AE603',
      'combinations of combinations',
      experiment(
        `${repeated(6, (i) => `param a${i} = 1`)} ${base} sweep { ${repeated(6, (i) => `a${i} = range(0, 90000)`)} }`,
      ),
    ],
  ])('%s says that there are too many %s, with the limit', (code, _, text) => {
    const { found } = check(text);
    const said = found.find((one) => one.code === code);
    expect(said?.severity).toBe('error');
    expect(said?.message).toMatch(/limit|more than|deep/);
  });

  it('more errors than anybody reads are counted', () => {
    const text = experiment(
      base.replace(
        'epochs = 1',
        repeated(100_000, (i) => `s${i} = 1`),
      ),
    );
    const { found, shown } = check(text);
    expect(found.length).toBe(mostDiagnostics + 1);
    expect(found.at(-1)).toMatchObject({ code: 'AE216', severity: 'error', message: '… and 99,900 more' });
    expect(shown.length).toBeLessThan(100_000);
  });

  it('a warning in great number does not hide an error', () => {
    const params = repeated(150, (i) => `param p${i} = 1`);
    expect(check(experiment(`${params} ${base}`)).found.at(-1)).toMatchObject({ code: 'AE216', severity: 'warning' });
  });

  it('a message is no longer than a person reads', () => {
    const { shown } = check(experiment(`${base} show { ${'b'.repeat(1e6)}() }`));
    expect(shown.length).toBeLessThan(5000);
    expect(codesOf(experiment(`data csv("${'a'.repeat(1e6)}`))).toContain('AE103');
  });
});

describe('numbers of any size', () => {
  it.each([
    'train adam() { epochs = 1e308 }',
    'train adam() { epochs = 1  batch = 1e15 }',
    'train adam() { epochs = 9007199254740991  batch = 9007199254740991 }',
    'encoder { code: dense(1e12) }',
    'encoder { code: dense(9007199254740991) }',
    'encoder { dense(9007199254740991) dense(9007199254740991) code: dense(9007199254740991) }',
    'encoder { conv2d(1e9, kernel=1e9, padding=1e9) code: dense(2) }',
    'encoder { conv2d(9007199254740991, kernel=3, padding=4503599627370496) code: dense(2) }',
    'encoder { upsample2d(9007199254740991) code: dense(2) }',
    'encoder { upsample2d(1e8) upsample2d(1e8) upsample2d(1e8) code: dense(2) }',
    'encoder { max_pool2d(1e9) code: dense(2) }',
    'encoder { code: dense(4) } decoder { dense(1e15) reshape([1e5, 1e5, 1e5]) }',
    'data digits() { resize(1e9) }',
    'data digits() { center_crop(1e15) }',
    'data digits(take=1e15)',
    'data digits(validation=1e308)',
    'loss 1e308 * mse()',
    'show { reconstructions(1e15) }',
    'evaluate { knn(k=1e15) }',
  ])('%s is compiled or refused, at once', (statements) => {
    const others = [
      'data digits(take=256, test=64)',
      'encoder { code: dense(8) }',
      'decoder { dense(input.size) }',
      'loss mse()',
      'train adam() { epochs = 1 }',
    ];
    const missing = others.filter((one) => !new RegExp(`\\b${one.split(' ')[0]} `).test(statements));
    const { found } = check(experiment(`${statements} ${missing.join(' ')}`));
    for (const { message } of found) expect(message).not.toMatch(/NaN|Infinity|∞ |undefined/);
  });
});
