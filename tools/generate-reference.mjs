// Writes docs/reference/ and the tables of grammar/language.md, grammar/words.md and docs/metrics.md from the built library of words
// (npm run build first).
// `--check` writes nothing and exits 1 if one of them is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { filledPages } from '../dist/src/compiler/reference/pages.js';
import { builtinWords } from '../dist/src/words/words.js';

const check = process.argv.includes('--check');
const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const pages = filledPages(builtinWords, (path) => readFileSync(place(path), 'utf8'));

const outdated = pages.filter(
  ({ path, text }) => !existsSync(place(path)) || readFileSync(place(path), 'utf8') !== text,
);
for (const { path, text } of outdated) {
  if (!check) writeFileSync(place(path), text);
  console.log(`${path} ${check ? 'is out of date: run tools/generate-reference.mjs' : 'written'}`);
}
if (check && outdated.length > 0) process.exit(1);
