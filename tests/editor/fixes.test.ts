import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { compile } from '../../src/compiler/compile.js';
import { fixesIn } from '../../src/editor/fixes.js';
import { readTokens } from '../../src/editor/reading.js';
import { builtinWords } from '../../src/words/words.js';
import { testWorld } from '../compiler/world.js';

const first = readFileSync('experiments/first.ae', 'utf8');
const whole = { start: { line: 0, character: 0 }, end: { line: 1e6, character: 0 } };
const compiled = (text: string) => compile({ path: 'a.ae', text }, null, { library: builtinWords, world: testWorld() });

/** The text with every fix, and their titles. */
function fixed(text: string): { readonly text: string; readonly titles: readonly string[] } {
  const source = { path: 'a.ae', text };
  const { diagnostics } = compile(source, null, { library: builtinWords, world: testWorld() });
  const actions = fixesIn(diagnostics, readTokens(source, builtinWords), whole, () => 'file:///a.ae');
  const edits = actions.flatMap(({ edit }) => edit?.changes?.['file:///a.ae'] ?? []);
  const document = TextDocument.create('file:///a.ae', 'aedsl', 1, text);
  return { text: TextDocument.applyEdits(document, edits), titles: actions.map(({ title }) => title) };
}

describe('a fix', () => {
  it.each([
    ['a misspelt word', 'dense(hidden', 'dens(hidden', 'Change to dense'],
    ['a word of PyTorch', 'dense(hidden', 'Linear(hidden', 'Change to dense'],
    ['a misspelt argument', 'activation=sigmoid', 'activaton=sigmoid', 'Change to activation'],
    ["an argument's name in Keras", 'lr=0.003', 'learning_rate=0.003', 'Change to lr'],
    ['a misspelt value', 'activation=sigmoid', 'activation=sigmod', 'Change to sigmoid'],
    ['a misspelt setting', 'epochs = 5', 'epohcs = 5', 'Change to epochs'],
    ["a setting's name in PyTorch", 'batch = 32', 'batch_size = 32', 'Change to batch'],
    ['a misspelt label', 'filters(code)', 'filters(cod)', 'Change to code'],
    ['a misspelt member', 'input.size', 'input.sise', 'Change to size'],
    ['a word without parentheses', 'loss mse()', 'loss mse', 'Change to mse()'],
    ['a loss without parentheses', 'loss mse()', 'loss mse() + 0.1 * l1', 'Change to l1()'],
    ['a missing loss', '  loss mse()\n', '', 'Add loss mse()'],
    ['a missing train', /train.*\n/, '', 'Add train adam(lr=0.001) { epochs = 10  batch = 128 }'],
    ['a missing decoder', /decoder.*\n/, '', 'Add decoder { dense(input.size, activation=sigmoid) }'],
    ['an unused param', 'param hidden = 32', 'param hidden = 32\n  param other = 3', 'Remove it'],
    ['a comment of Python', 'loss mse()', 'loss mse() ## the error', 'Change to // the error'],
    ['a semicolon', 'loss mse()', 'loss mse();', 'Remove it'],
    ['a bracket too many', 'loss mse()', 'loss mse())', 'Remove it'],
    ['the wrong bracket', 'filters(code)', 'filters(code]', 'Change to )'],
  ])('mends %s', (_, right, wrong, title) => {
    const text = first.replace(right, wrong);
    expect(text).not.toBe(first);
    expect(compiled(text).diagnostics).not.toEqual([]);
    const after = fixed(text);
    expect(after.titles).toEqual([title]);
    expect(compiled(after.text).diagnostics).toEqual([]);
  });

  it('mends what is in single quotes', () => {
    const { text, titles } = fixed(first.replace('digits(take=4000, validation=500, test=500)', 'csv(\'a "b".csv\')'));
    expect(titles).toEqual(['Change to "a \\"b\\".csv"']);
    expect(text).toContain('csv("a \\"b\\".csv")');
  });

  it('is there only where it is sure, and for its own file', () => {
    expect(fixed(first.replace('dense(hidden', 'quark(hidden')).titles).toEqual([]);
    expect(fixed(first.replace('lr=0.003', 'betas=[0.9, 0.99]')).titles).toEqual([]);
    const child = {
      path: 'b.ae',
      text: 'experiment b extends b0 { }\nexperiment b0 { data digts() encoder { dense(3) } decoder { dense(input.size) } loss mse() train adam() { epochs = 1 } }',
    };
    const { diagnostics } = compile(child, null, { library: builtinWords, world: testWorld() });
    const other = readTokens({ path: 'c.ae', text: child.text }, builtinWords);
    expect(fixesIn(diagnostics, readTokens(child, builtinWords), whole, () => 'file:///b.ae')).toHaveLength(1);
    expect(fixesIn(diagnostics, other, whole, () => 'file:///c.ae')).toEqual([]);
  });
});
