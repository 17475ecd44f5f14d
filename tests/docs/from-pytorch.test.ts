import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileStatements } from '../compiler/library/statements.js';

const page = readFileSync('docs/from-pytorch.md', 'utf8');

const images = 'data digits(take=256, validation=64, test=64)';
const small = 'decoder { dense(input.size) }';

/** What stands before a layer that takes a signal or many channels. */
function before(form: string): string {
  if (form.includes('1d(')) return 'reshape([14, 14])  ';
  return /groups?_?(norm|=)/.test(form) ? 'conv2d(16, kernel=1)  ' : '';
}

/** Statements in which a form of the second column stands, by the heading of its table. */
const places: Readonly<Record<string, (form: string) => string>> = {
  Layers: (form) => `encoder { pool: max_pool2d(2)  ${before(form)}${form}  code: dense(8) }  ${small}`,
  Activations: (form) => `encoder { dense(32)  ${form}  code: dense(8) }  ${small}`,
  Losses: (form) =>
    form.startsWith('gaussian')
      ? `decoder { gaussian_head { mu: dense(input.size)  logvar: dense(input.size) } }  loss ${form}`
      : form.includes('kl_gaussian')
        ? `encoder { z: reparameterize { mu: dense(4)  logvar: dense(4) } }  loss ${form}`
        : `loss ${form}`,
  Optimizers: (form) => `train ${form} { epochs = 1  batch = 64 }`,
  Schedulers: (form) => `train adam(lr=${form}) { epochs = 20  batch = 64 }`,
  'Initial weights': (form) =>
    `encoder { dense(32)  h: dense(784)  code: dense(32, activation=sigmoid, init=${form}) }`,
  Data: (form) => `${images} { ${form} }  ${small}`,
  'The training loop': (form) => `${images}  ${form}`,
};

const sections = page.split(/^## /m).slice(1);

/** The forms of a section's table that are text of an experiment. */
function formsOf(section: string): readonly string[] {
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('|---'));
  return rows
    .slice(1)
    .flatMap((row) => /^\| .*? \| `([^`]+)`/.exec(row)?.[1] ?? [])
    .filter((form) => !form.startsWith('aedsl ') && !form.startsWith('sweep '));
}

describe('docs/from-pytorch.md', () => {
  it.each(Object.keys(places))('%s: each form compiles', (heading) => {
    const section = sections.find((one) => one.startsWith(`${heading}\n`)) ?? '';
    const forms = formsOf(section);
    expect(forms.length).toBeGreaterThan(2);
    for (const form of forms) {
      const text =
        form.startsWith('reshape') && places.Layers
          ? `encoder { flatten()  ${form}  code: dense(8) }  ${small}`
          : (places[heading]?.(form) ?? '');
      const { diagnostics } = compileStatements(text);
      expect(
        diagnostics
          .filter(({ severity }) => severity === 'error')
          .map(({ message, hint }) => `${form}: ${message} ${hint}`),
      ).toEqual([]);
    }
  });

  it('has a table for every heading that the tests know, and no other', () => {
    const tables = sections.filter((one) => one.includes('\n|---')).map((one) => one.split('\n')[0]);
    expect(tables).toEqual(Object.keys(places));
  });
});

describe('a name of PyTorch', () => {
  const names: {
    readonly modules: readonly string[];
    readonly optimizers: readonly string[];
    readonly schedulers: readonly string[];
  } = JSON.parse(readFileSync('tests/docs/torch-names.json', 'utf8'));
  /** What the first error says to do. */
  const answer = (text: string): string =>
    compileStatements(text).diagnostics.find(({ severity }) => severity === 'error')?.hint ?? '';
  /** A list of all words, or a word that is merely spelled alike. */
  const isNoAnswer = (hint: string) => hint === '' || /^(there are|such as) \w+, \w+|^did you mean/.test(hint);

  it('is answered with what to write, or why it cannot be said', () => {
    const unanswered = [
      ...names.modules.filter((name) =>
        isNoAnswer(answer(name.endsWith('Loss') ? `loss ${name}()` : `encoder { ${name}(2)  code: dense(8) }`)),
      ),
      ...names.optimizers.filter((name) => isNoAnswer(answer(`train ${name}(lr=0.1) { epochs = 1  batch = 8 }`))),
      ...names.schedulers.filter((name) => isNoAnswer(answer(`train adam(lr=${name}(0.1)) { epochs = 1  batch = 8 }`))),
    ];
    expect(unanswered).toEqual([]);
  });
});
