// Writes docs/reference/, the plots of activations, and the tables of grammar/language.md, grammar/words.md and docs/metrics.md from
// the built library of words (npm run build first).
// `--check` writes nothing and exits 1 if one of them is out of date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pictureOf } from '../dist/src/compiler/reference/family-pages.js';
import { filledPages } from '../dist/src/compiler/reference/pages.js';
import { builtinWords } from '../dist/src/words/words.js';
import { activationPictures } from './plot-activations.mjs';

const check = process.argv.includes('--check');
const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const pages = filledPages(builtinWords, (path) => readFileSync(place(path), 'utf8'));

const images = await activationPictures(builtinWords.words, (word) => `docs/images/${pictureOf(word)}`);
const outdated = [...pages, ...images].filter(
  ({ path, text }) => !existsSync(place(path)) || readFileSync(place(path), 'utf8') !== text,
);
for (const { path, text } of outdated) {
  if (!check) {
    mkdirSync(dirname(place(path)), { recursive: true });
    writeFileSync(place(path), text);
  }
  console.log(`${path} ${check ? 'is out of date: run tools/generate-reference.mjs' : 'written'}`);
}
if (check && outdated.length > 0) process.exit(1);
