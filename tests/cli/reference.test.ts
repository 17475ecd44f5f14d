import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { families } from '../../src/compiler/ir/value.js';
import { builtinWords } from '../../src/words/words.js';
import { lines } from './command.js';
import { aedsl } from './recorded-console.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-reference-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const own = `export default ({ parameter }) => ({ loss: [{
  name: 'quartic', version: 1, doc: 'The fourth power of the error.\\u001b[2J Then more.',
  parameters: { scale: parameter.integer({ doc: 'Multiplies the error.', default: 1, range: { low: 1, high: 9, lowOpen: false, highOpen: false } }) },
  check: () => [], sumsOverExamples: () => false, lower: () => ({ value: () => null }),
}] });`;

describe('aedsl words', () => {
  it('lists every word by family, and what else the language has', async () => {
    const { code, out } = await aedsl('words');
    expect(code).toBe(0);
    const listed = new Set(out.match(/[\w]+/g));
    for (const { name, family } of builtinWords.words)
      expect([listed.has(name), listed.has(family)], name).toEqual([true, true]);
    for (const name of ['without', 'evaluate_train', 'prune', 'loguniform']) expect(listed).toContain(name);
  });

  it.each(['loss', 'losses', 'Loss'])('says what the words of a family do: %s', async (name) => {
    const { out } = await aedsl('words', name);
    expect(out).toMatch(/^ {2}kl_sparsity +Sparsity penalty\.$/m);
    expect(out).not.toContain('conv2d');
  });

  it.each([...families, 'data-sets', 'activations?', 'statements', 'settings', 'axes', 'functions'])(
    'knows the kind %s',
    async (name) => {
      const known = !name.endsWith('?');
      expect((await aedsl('words', name)).code).toBe(known ? 0 : 2);
    },
  );

  it('prints JSON for programs', async () => {
    const all = lines((await aedsl('words', '--json')).out);
    expect(all.filter(({ family }) => family !== undefined)).toHaveLength(builtinWords.words.length);
    expect(lines((await aedsl('words', 'adam', '--json')).out)).toEqual([
      expect.objectContaining({
        family: 'optimizer',
        name: 'adam',
        parameters: expect.arrayContaining([expect.objectContaining({ name: 'lr' })]),
      }),
    ]);
    expect(await aedsl('words', 'adamant', '--json')).toMatchObject({ code: 2, out: '' });
  });
});

describe('aedsl help', () => {
  it('explains every word within 80 columns', async () => {
    for (const { name, doc, parameters } of builtinWords.words) {
      const { code, out } = await aedsl('help', name);
      expect(code).toBe(0);
      const [text = ''] = out.split('\nExample:\n');
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
      const said = out.replaceAll(/\s+/g, '');
      expect(said).toContain(doc.replaceAll(/\s+/g, '').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1'));
      for (const parameter of Object.keys(parameters)) expect(out).toMatch(new RegExp(`^  ${parameter} `, 'm'));
    }
  });

  it('shows how it is written, its arguments, its source and an example', async () => {
    const { out } = await aedsl('help', 'kl_sparsity');
    expect(out).toMatch(
      /^kl_sparsity: loss\n {2}kl_sparsity\(rho, beta=1, on=code, reduction=mean\)\n\nSparsity penalty/,
    );
    expect(out).toMatch(
      /^ {2}rho +Target mean activation ρ of a unit\. \(number in \(0, 1\), or a\n {13}schedule; required\)$/m,
    );
    expect(out).toMatch(/^Source: Ng, /m);
    expect(out.endsWith('Example:\n  loss mse() + kl_sparsity(rho=0.05, beta=3)\n')).toBe(true);
  });

  it('explains statements, settings and axes, and all that have one name', async () => {
    expect((await aedsl('help', 'corrupt')).out).toMatch(/^corrupt: statement\n {2}corrupt word\(…\)/);
    const { out } = await aedsl('help', 'epochs');
    expect(out).toContain('epochs: setting of train');
    expect(out).toContain('epochs: setting of pretrain');
    expect((await aedsl('help', 'losses')).out).toMatch(/^ {2}kl_sparsity /m);
  });

  it('is the help of a command where there is one, and words takes the other', async () => {
    expect((await aedsl('help', 'sweep')).out).toMatch(/^Usage: aedsl sweep/);
    expect((await aedsl('words', 'sweep')).out).toMatch(/^sweep: statement/);
    expect((await aedsl('help', 'data', 'ls')).out).toMatch(/^Usage: aedsl data ls/);
    expect((await aedsl('help')).out).toMatch(/^Usage: aedsl \[options\]/);
  });

  it.each([
    ['Linear', "it is called 'dense' here: aedsl help dense"],
    ['nn.BatchNorm2d', "it is called 'batch_norm' here"],
    ['dens', "did you mean 'dense'? aedsl help dense"],
    ['verfy', "did you mean 'verify'? aedsl help verify"],
    ['\u001b[2J', 'aedsl words lists the words'],
    ['constructor', 'aedsl words lists the words'],
    ['x'.repeat(10_000), 'aedsl words lists the words'],
  ])('answers what nothing is called: %s', async (name, hint) => {
    const { code, out, err } = await aedsl('help', name);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(hint);
    expect(err).not.toContain('\u001b');
  });

  it('explains words that a file defines, and those of a file that it uses', async () => {
    const losses = join(folder, 'losses.ae');
    const text =
      'define loss far(a = 1 where a > 0) =\n  a * mean(abs(output - target))\ndefine loss wrong() = mean(foo)\n';
    writeFileSync(losses, text);
    const blocks = join(folder, 'blocks.ae');
    writeFileSync(blocks, 'use "losses.ae"\ndefine block down(n, f = relu) { dense(n)  f() }\nexperiment x {');
    const page = await aedsl('help', 'far', '--file', blocks);
    expect(page.out.split('\n').slice(1, 6)).toEqual([
      '  far(a = 1 where a > 0)',
      '',
      '  define loss far(a = 1 where a > 0) =',
      '    a * mean(abs(output - target))',
      '',
    ]);
    expect(page.out).toMatch(/^far: loss of .*losses\.ae$/m);
    expect(page.out).toMatch(/^ {2}a +The number a, where a > 0\. \(number in \(0, ∞\), or a/m);
    expect((await aedsl('words', '--file', blocks)).out).toMatch(
      /^ {2}far\(a = 1 where a > 0\) +loss of\s+\S+losses\.ae\n {2}wrong\(\) +loss of\s+\S+\n {2}down\(n, f = relu\) +block$/m,
    );
    expect((await aedsl('help', 'wrong', '--file', losses)).out).toContain('It has errors: `aedsl check');
    expect(lines((await aedsl('words', 'down', '--json', '--file', blocks)).out)).toMatchObject([
      { family: 'block', name: 'down', parameters: null },
    ]);
    for (const [name, hint] of [
      ['fra', `did you mean 'far'? aedsl help far --file ${blocks}`],
      ['mse', 'it is a word of the language: aedsl help mse'],
      ['zzz', `aedsl words --file ${blocks} lists what it defines`],
    ] as const)
      expect(await aedsl('help', name, '--file', blocks)).toMatchObject({
        code: 2,
        err: expect.stringContaining(hint),
      });
    expect((await aedsl('words', '--file', join(folder, 'none.ae'))).err).toContain('none.ae');
  });

  it('explains what the project around the current folder defines, and functions of formulas', async () => {
    const { out } = await aedsl('help', 'charbonnier');
    expect(out).toMatch(/^charbonnier: loss of experiments\/\S+\.ae\n {2}charbonnier\(/);
    expect((await aedsl('help', 'stop_gradient')).out).toMatch(
      /^stop_gradient: function\n {2}stop_gradient\(x\)\n\nThe tensor/,
    );
  });

  it('explains words from outside', async () => {
    const path = join(folder, 'own.mjs');
    writeFileSync(path, own);
    const { out } = await aedsl('help', 'quartic', '--words', path);
    expect(out).toMatch(/^quartic: loss of .*own\.mjs\n {2}quartic\(scale=1\)/);
    expect(out).not.toContain('\u001b');
    expect((await aedsl('words', 'loss', '--words', path)).out).toMatch(
      /^ {2}quartic +The fourth power of the error\./m,
    );
  });
});
