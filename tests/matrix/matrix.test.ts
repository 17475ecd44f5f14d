import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, it } from 'vitest';

// The part of the determinism matrix that is quick: this Node, one thread and two. `npm run test:matrix` is the rest.

function committed(kind: 'values' | 'trials'): Readonly<Record<string, string>> {
  const file: unknown = JSON.parse(readFileSync('tests/matrix/hashes.json', 'utf8'));
  const entries = Object.entries(member(file, kind) ?? {}).map(([name, of]) => [
    name,
    kind === 'trials' ? member(of, 'sha256') : of,
  ]);
  return Object.fromEntries(entries);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** What the built package computes in a process of its own. */
async function measured(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  if (!existsSync('dist/src/index.js')) throw new Error('dist/ is not built: npm run build');
  const { stdout } = await promisify(execFile)(process.execPath, ['tests/matrix/measure.mjs', ...args]);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => JSON.parse(line)).map(({ name, sha256 }) => [name, sha256]));
}

// Ten seconds on a machine of its own; a busy one may need many more.
describe.concurrent('the committed hashes', { timeout: 600_000 }, () => {
  it('of spaced and drawn numbers, a schedule, drawn digits and ten million normal numbers', async ({ expect }) => {
    expect(await measured('--values')).toEqual(committed('values'));
  });

  for (const threads of [1, 2]) {
    it(`of the weights of every reference experiment, after a few steps with ${threads} thread(s)`, async ({
      expect,
    }) => {
      expect(await measured('--trials', '--threads', String(threads))).toEqual(committed('trials'));
    });
  }

  it('cover every reference experiment', ({ expect }) => {
    const shortened = readFileSync('tests/matrix/shortened.ae', 'utf8');
    const named = Object.keys(committed('trials'));
    for (const name of named) expect(shortened).toContain(`experiment ${name} `);
    expect(named.length).toBe(shortened.match(/^experiment /gm)?.length);
    for (const file of readdirSync('experiments').filter((name) => name.endsWith('.ae'))) {
      expect(shortened).toContain(`extends "../../experiments/${file}"`);
    }
  });
});
