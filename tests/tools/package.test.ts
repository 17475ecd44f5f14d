import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { filesBelow } from '../../src/files/folders.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Paths of what `npm pack` puts into the package. */
function packed(): ReadonlySet<string> {
  const { stdout, stderr } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  expect(stdout, stderr).toMatch(/^\[/);
  const [{ files }]: readonly [{ readonly files: readonly { readonly path: string }[] }] = JSON.parse(stdout);
  return new Set(files.map(({ path }) => path));
}

const files = packed();
const text = (path: string) => readFileSync(join(root, path), 'utf8');

/** What the links of a page lead to, relative to the package; those to places on the web left out. */
function linksOf(page: string): readonly string[] {
  return [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    const [path = ''] = link.split('#');
    return path === '' || /^[a-z]+:/.test(link) ? [] : posix.normalize(posix.join(posix.dirname(page), path));
  });
}

/** Sources and their tests are read in a clone. */
const isSource = (path: string) => /^(src|tests|benchmarks)(\/|$)/.test(path) && !/\.(md|html)$/.test(path);

const withoutComments = (code: string) => code.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');

/** What a module of a bundle imports from other packages. */
function packagesOf(path: string): readonly string[] {
  const imported = text(path).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'`]([a-z@][\w./@-]*)["'`]/g);
  const required = text(path).matchAll(/\b(?:resolve|require)\(["'`]([a-z@][\w./@-]*)/g);
  return [...imported, ...required].flatMap(([, name = '']) => {
    const [first = '', second = ''] = name.split('/');
    return isBuiltin(name) ? [] : first.startsWith('@') ? `${first}/${second}` : first;
  });
}

describe('the package', () => {
  it('has the licences of what is bundled, and not the list that the build makes them of', () => {
    expect(files).toContain('dist/THIRD-PARTY.txt');
    expect([...files].filter((path) => path.includes('bundled-packages'))).toEqual([]);
  });

  it('has every page that one of its pages links to', () => {
    const pages = [...files].filter((path) => path.endsWith('.md'));
    expect(pages.length).toBeGreaterThan(30);
    const missing = pages.flatMap((page) =>
      linksOf(page)
        .filter((path) => !isSource(path) && !files.has(path) && !hasFolder(path))
        .map((path) => `${page}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('has every page and experiment that a message names', () => {
    const sources = filesBelow(join(root, 'src'), ['.ts', '.tsx']);
    const named = sources.flatMap((path) => [
      ...withoutComments(text(`src/${path}`)).matchAll(/\b(?:docs|grammar)\/[\w/]+\.(?:md|html)/g),
    ]);
    expect(named.length).toBeGreaterThan(0);
    for (const [path] of named) expect(files, path).toContain(path);
  });

  it('has what it runs and exports, and the files that those look for beside them', () => {
    const exported = Object.values<{ readonly types: string; readonly default: string }>(manifest.exports);
    for (const path of [manifest.bin.aedsl, ...exported.flatMap(({ types, default: code }) => [types, code])]) {
      expect(files).toContain(path.replace(/^\.\//, ''));
    }
    const bundles = [...files].filter((path) => /^dist\/(programs|library)\/.*\.js$/.test(path));
    for (const bundle of bundles) {
      for (const [, place = ''] of text(bundle).matchAll(/new URL\(`(\.[^`]+)`,\s*import\.meta\.url\)/g)) {
        const found = posix.normalize(posix.join(posix.dirname(bundle), place));
        // Modules that were there are gone, and only their place is asked for.
        if (!/\.(ts|js)$|^dist\/package\.json$/.test(found)) expect(files, bundle).toContain(found);
      }
    }
    const beside = filesBelow(join(root, 'src'), ['.wasm', '.mjs']).map((path) => `dist/src/${path}`);
    for (const path of beside) expect(files).toContain(path);
  });

  it('depends on what its bundles import, and on nothing else', () => {
    const bundles = [...files].filter((path) => /^dist\/.*\.m?js$/.test(path));
    const imported = new Set(bundles.flatMap(packagesOf));
    // npm may have left out one that is optional.
    const optional = Object.keys(manifest.optionalDependencies);
    const isPackage = (name: string) => optional.includes(name) || existsSync(join(root, 'node_modules', name));
    const needed = [...imported].filter(isPackage);
    expect(needed.filter((name) => name !== '@tensorflow/tfjs-node').sort()).toEqual(
      [...Object.keys(manifest.dependencies), ...optional].sort(),
    );
  });

  it('loads SQLite in one place, in tests and benchmarks too, since npm leaves out a version that is not for this Node', () => {
    const loading = ['src', 'tests', 'benchmarks', 'tools'].flatMap((folder) =>
      filesBelow(join(root, folder), ['.ts', '.tsx', '.mjs'])
        .map((path) => `${folder}/${path}`)
        .filter((path) => /^import (?!type\b).*'better-sqlite3|\brequire\('better-sqlite3/m.test(text(path))),
    );
    expect(loading).toEqual(['src/runtime/store/sqlite.ts']);
  });

  it('has no tests, no sources and no maps of its library', () => {
    expect(
      [...files].filter((path) => /^(src|tests)\/.*\.tsx?$|^dist\/tests\/|^dist\/(src|library)\/.*\.map$/.test(path)),
    ).toEqual([]);
    const bytes = [...files].reduce((sum, path) => sum + statSync(join(root, path)).size, 0);
    expect(bytes).toBeLessThan(16e6);
  });
});

function hasFolder(path: string): boolean {
  const place = join(root, path);
  return (
    statSync(place, { throwIfNoEntry: false })?.isDirectory() === true &&
    readdirSync(place).some((name) => files.has(posix.join(path, name)))
  );
}
