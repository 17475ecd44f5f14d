// Builds the site into .aedsl/site: npm --prefix site ci && npm --prefix site run build
//
// The pages are the repository's own Markdown. They are copied below this folder, since a page finds Vue only from there.
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';

const root = new URL('..', import.meta.url);
const here = new URL('.', import.meta.url);
const sources = [
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'README.md',
  'SECURITY.md',
  'benchmarks',
  'docs',
  'experiments',
  'grammar',
  'src/runtime/backend/numerics.md',
];

const pages = new URL('pages/', here);
rmSync(pages, { recursive: true, force: true });
for (const source of sources) {
  cpSync(new URL(source, root), new URL(source, pages), {
    recursive: true,
    filter: (path) => !/\.[^./]*$/.test(path) || /\.(md|png|svg)$/.test(path),
  });
}
await build(fileURLToPath(here));
