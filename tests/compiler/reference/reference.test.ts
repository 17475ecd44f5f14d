import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compiler/compile.js';
import { families } from '../../../src/compiler/ir/value.js';
import { pictureOf } from '../../../src/compiler/reference/family-pages.js';
import { filledPages } from '../../../src/compiler/reference/pages.js';
import { parse } from '../../../src/compiler/syntax/parse.js';
import { builtinWords } from '../../../src/words/words.js';
import { completed, worldOfTests } from '../library/statements.js';
import { sweptTrials } from '../swept.js';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
const language = read('grammar/language.md');

/** The fenced examples: "ae" is a whole file, "ae fragment" statements; codes after it are what is expected of it. */
const examples = [...language.matchAll(/^```ae(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = ''], i) => {
  const words = info.trim().split(/\s+/).filter(Boolean);
  const fragment = words.includes('fragment');
  return {
    name: `${i + 1}: ${text.trim().split('\n')[0]}`,
    source: { path: 'language.md', text: fragment ? completed(text) : text },
    codes: words.filter((word) => /^AE\d{3}$/.test(word)),
  };
});

describe('language.md', () => {
  it.each(examples)('example $name', ({ source, codes }) => {
    const options = { library: builtinWords, world: worldOfTests };
    const names = parse(source).value?.experiments.map((experiment) => experiment.name.name) ?? [];
    expect(names.length).toBeGreaterThan(0);
    const found = names.flatMap((name) => {
      const { value, diagnostics } = compile(source, name, options);
      const grid = value ? sweptTrials(value.bound, worldOfTests).diagnostics : [];
      return [...diagnostics, ...grid].map((d) => `${d.code} ${d.message}`);
    });
    if (codes.length === 0) expect(found).toEqual([]);
    else expect(found.map((d) => d.slice(0, 5))).toEqual(codes);
  });

  it('has a table of every family that has words', () => {
    for (const family of families) {
      if (builtinWords.names(family).length > 0) expect(language).toContain(`<!-- words: ${family} -->`);
    }
  });

  it('links to pages that are there', () => {
    for (const page of ['language.md', 'words.md']) {
      for (const [, target = ''] of read(`grammar/${page}`).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
        const path = fileURLToPath(new URL(`../../../grammar/${target}`, import.meta.url));
        expect(existsSync(path), target).toBe(true);
      }
    }
  });
});

describe('the generated tables', () => {
  it.each(filledPages(builtinWords, read).map((page) => [page.path, page.text]))('%s is up to date', (path, text) => {
    expect(read(path), 'run tools/generate-reference.mjs').toBe(text);
  });
});

it('has a plot of each activation, drawn from the word', () => {
  const activations = builtinWords.words.filter(
    (word) => word.family === 'layer' && word.activation && word.isElementwise !== false,
  );
  for (const word of activations) expect(read(`docs/images/${pictureOf(word)}`)).toContain('stroke-dasharray');
  const { status, stdout } = spawnSync(process.execPath, ['tools/generate-reference.mjs', '--check'], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, '']);
});
