import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installPackages } from '../../../src/results/packages/install.js';

let place: string;
let calls: string[];
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'aedsl-packages-'));
  calls = [];
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

interface Project {
  readonly version?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  /** Of the package `native`. */
  readonly native?: Readonly<Record<string, unknown>>;
}

/** A folder with a lock file of one package. */
function project(
  name: string,
  { version = '1.0.0', scripts = {}, native = { version: '1.0.0' } }: Project = {},
): string {
  const folder = join(place, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'p', version, scripts }));
  const packages = { '': { name: 'p' }, 'node_modules/native': native };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  return folder;
}

/** As npm: `ci` puts the package where it is called. */
async function npm(args: readonly string[], folder: string): Promise<void> {
  calls.push(args.join(' '));
  if (args[0] !== 'ci') return;
  mkdirSync(join(folder, 'node_modules/native'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/native/built.node'), readFileSync(join(folder, 'package-lock.json')));
}

const signal = new AbortController().signal;
const cache = () => join(place, 'cache');
const install = (folder: string, scripts = true, by = npm) =>
  installPackages(folder, { scripts, signal, cache: cache(), npm: by });
const built = (folder: string) => join(folder, 'node_modules/native/built.node');
const installations = () => calls.filter((call) => call.startsWith('ci')).length;

describe('packages', () => {
  it('are installed once for each lock file, and every folder has files of its own', async () => {
    const [a, b] = [project('a'), project('b', { version: '2.0.0' })];
    await install(a);
    writeFileSync(built(a), 'patched by hand');
    await install(b);
    expect(installations()).toBe(1);
    expect(readFileSync(built(b), 'utf8')).toBe(readFileSync(join(b, 'package-lock.json'), 'utf8'));
    expect(lstatSync(join(b, 'node_modules')).isSymbolicLink()).toBe(false);
    await install(project('c', { native: { version: '1.0.1' } }));
    expect(installations()).toBe(2);
    expect(readdirSync(cache())).toHaveLength(2);
  });

  it('are built, and the project’s own `prepare` is run in its folder, unless no scripts are wanted', async () => {
    await install(project('a', { scripts: { prepare: 'build' } }));
    await install(project('b', { scripts: { prepare: 'build' } }), false);
    expect(calls).toEqual([
      'ci --no-audit --no-fund',
      'run prepare --if-present',
      'ci --no-audit --no-fund --ignore-scripts',
    ]);
  });

  it('that lie in the folder, or that its own scripts change, are installed there', async () => {
    await install(project('linked', { native: { resolved: '../native', link: true } }));
    await install(project('packed', { native: { resolved: 'file:native.tgz' } }));
    await install(project('patched', { scripts: { postinstall: 'patch-package' } }));
    expect(installations()).toBe(3);
    expect(existsSync(cache())).toBe(false);
  });

  it('are not kept when installing them failed', async () => {
    const failing = async (args: readonly string[], folder: string) => {
      await npm(args, folder);
      throw new Error('no compiler');
    };
    await expect(install(project('a'), true, failing)).rejects.toThrow('no compiler');
    expect(readdirSync(cache())).toEqual([]);
    await install(project('b'));
    expect(installations()).toBe(2);
  });

  it('are kept while they are used: the last four', async () => {
    for (const version of [1, 2, 3, 4, 5]) {
      await install(project(`p${version}`, { native: { version } }));
      // As if a day went by.
      for (const name of readdirSync(cache())) {
        const day = lstatSync(join(cache(), name)).mtimeMs / 1000 - 86_400;
        utimesSync(join(cache(), name), day, day);
      }
    }
    expect(readdirSync(cache())).toHaveLength(4);
    await install(project('again', { native: { version: 5 } }));
    expect(installations()).toBe(5);
    await install(project('forgotten', { native: { version: 1 } }));
    expect(installations()).toBe(6);
  });
});
