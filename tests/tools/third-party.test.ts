import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const built = resolve('dist', 'THIRD-PARTY.txt');
const line = '='.repeat(80);

/** The sections of the file, by the name and version that each begins with. */
function sections(path: string): ReadonlyMap<string, string> {
  const [, ...texts] = readFileSync(path, 'utf8').split(`\n${line}\n`);
  return new Map(texts.map((text) => [text.slice(0, text.indexOf('\n')), text]));
}

describe('the licences of what is bundled', () => {
  it('are there for every package that a source map names, with their text', () => {
    const found = sections(built);
    const programs = readdirSync('dist/programs').filter((name) => name.endsWith('.map'));
    const sources = programs.flatMap((name): readonly string[] => {
      const { sources: paths }: { sources: readonly string[] } = JSON.parse(
        readFileSync(join('dist/programs', name), 'utf8'),
      );
      return paths.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
    });
    const bundled = [...new Set(sources)];
    expect(bundled).toContain('@tensorflow/tfjs-core');
    // Bundled by other steps: what Chevrotain uses, and what kernels.wasm is compiled with.
    for (const name of [...bundled, 'chevrotain', 'lodash-es', 'assemblyscript']) {
      const text = [...found].find(([title]) => title.startsWith(`${name} `))?.[1];
      expect(text, name).toMatch(/^Licence: \S/m);
      expect(text, name).toMatch(
        /is hereby granted|Redistribution and use in source|terms and conditions for use|2\. Grant of Copyright|Each contributor licenses you to do everything/i,
      );
    }
    const pako = [...found].find(([title]) => title.startsWith('pako '))?.[1];
    expect(pako).toContain('This notice may not be removed or altered');
    expect([...found].find(([title]) => title.startsWith('assemblyscript '))?.[1]).toContain('The following authors');
  });
});

describe('a package', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'aedsl-licences-'));
    mkdirSync(join(root, 'dist'));
    writeFileSync(join(root, 'LICENSE'), 'the text of Apache 2.0');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function bundled(manifest: object, files: Readonly<Record<string, string>>) {
    const folder = join(root, 'node_modules', '@some', 'thing');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: '@some/thing', version: '1.2.3', ...manifest }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const tool = JSON.stringify(resolve('tools/third-party.mjs'));
    const args = [root, join(folder, 'index.js')].map((path) => JSON.stringify(path));
    const code = `const t = await import(${tool}); t.recordPackages(${args[0]}, [${args[1]}]); t.writeThirdParty(${args[0]});`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  }

  it.each([
    ['no licence', {}, { LICENSE: 'text' }, /@some\/thing 1\.2\.3 states no licence, and its code is bundled/],
    ['no text', { license: 'MIT' }, { 'README.md': '# Licence\nMIT' }, /has no text of its licence \(MIT\)/],
    ['no owner', { license: 'Apache-2.0' }, { 'index.js': 'code' }, /has no text of its licence \(Apache-2\.0\)/],
  ])('with %s is not bundled', (_what, manifest, files, message) => {
    const { status, stderr } = bundled(manifest, files);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  it('has its text, its notice and whose it is', () => {
    const head = '/**\n * @license\n * Copyright 2020 Somebody.\n */\ncode';
    const files = { 'index.js': head, NOTICE: 'a notice', LICENCE: 'a text' };
    expect(bundled({ license: 'MIT' }, files).stderr).toBe('');
    const path = join(root, 'dist', 'THIRD-PARTY.txt');
    expect(sections(path).get('@some/thing 1.2.3')).toBe(
      '@some/thing 1.2.3\nLicence: MIT\n\n@license\nCopyright 2020 Somebody.\n\na text\n\na notice\n',
    );
    expect(readdirSync(join(root, 'dist'))).toEqual(['THIRD-PARTY.txt']);
    rmSync(join(root, 'node_modules', '@some', 'thing', 'LICENCE'));
    expect(bundled({ license: 'Apache-2.0' }, { 'index.js': head }).status).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('the text of Apache 2.0');
  });
});
