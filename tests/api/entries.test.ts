import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { aedsl } from '../cli/recorded-console.js';

const files = readdirSync('src/api').map((file) => file.replace(/\.ts$/, ''));
const entries = files.filter((file) => file !== 'loaded-when-called').map((entry) => `aedsl/${entry}`);

/** The names that each entry has at run time, as a program that has installed the package finds them. */
let names: Readonly<Record<string, readonly string[]>> = {};

beforeAll(() => {
  const script = `
    const names = {};
    for (const entry of ${JSON.stringify(['aedsl', ...entries])}) names[entry] = Object.keys(await import(entry));
    process.stdout.write(JSON.stringify(names));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  names = JSON.parse(stdout);
});

describe('the entries of the package', () => {
  it('are those of package.json, and each can be imported by its name', () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(Object.keys(exports).sort()).toEqual(['.', ...entries.map((entry) => entry.replace('aedsl', '.'))].sort());
    for (const entry of ['aedsl', ...entries]) expect(names[entry]?.length, entry).toBeGreaterThan(0);
    const documented = readFileSync('docs/api.md', 'utf8');
    for (const entry of entries) expect(documented).toContain(`\`${entry}\``);
  });

  it('have each name once, but for errors', () => {
    const twice = entries.flatMap((entry) => names[entry] ?? []).filter((name, i, all) => all.indexOf(name) !== i);
    expect([...new Set(twice)].filter((name) => !names['aedsl/errors']?.includes(name))).toEqual([]);
  });

  it('have every error that their documentation names', () => {
    const builtin = ['AbortError', 'RangeError', 'TypeError', 'SyntaxError', 'Error'];
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
    const thrown = sources
      .filter((file) => !file.startsWith('cli/'))
      .flatMap((file) => [...readFileSync(join('src', file), 'utf8').matchAll(/@throws((?:(?!@|\*\/)[\s\S])*)/g)])
      .flatMap(([, text = '']) => text.match(/\b[A-Z]\w*(?:Error|Unavailable|Interrupted)\b|\bStale\b/g) ?? []);
    expect(
      [...new Set(thrown)].filter((name) => ![...builtin, ...(names['aedsl/errors'] ?? [])].includes(name)),
    ).toEqual([]);
    expect(names.aedsl).toEqual(expect.arrayContaining([...(names['aedsl/errors'] ?? [])]));
  });

  it('that need no engine load none', () => {
    const script = `
      import module from 'node:module';
      module.registerHooks?.({ load(url, context, next) { console.log(url); return next(url, context); } });
      for (const entry of ['compiler', 'errors', 'events', 'metrics', 'statistics', 'text']) await import('aedsl/' + entry);`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, NODE_DEBUG: 'esm' },
    });
    expect(stdout.split('\n').filter((line) => /@tensorflow|better-sqlite3|resvg/.test(line))).toEqual([]);
  });
});

it('the command line prints what it gets from them', async () => {
  expect((await aedsl('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
