import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { Library } from '../../src/compiler/library/library.js';
import { loadOutsideWords, modulesOfProject, wordModule } from '../../src/project/outside-words.js';
import { fileWorld } from '../../src/project/world.js';
import { modulesOf, withOutsideWords } from '../../src/words/outside.js';
import { builtinWords } from '../../src/words/words.js';
import { aedsl } from '../cli/recorded-console.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-words-')));
const home = process.cwd();
const cache = process.env.XDG_CACHE_HOME;

/** The example of the documentation. */
const [, quartic = ''] = /^```js\n([\s\S]*?)^```/m.exec(readFileSync('docs/words.md', 'utf8')) ?? [];

const text = `experiment own {
  param units = 8
  data digits(take=64, test=32) { center_crop(12) }
  encoder { code: dense(units, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss quartic(scale=2)
  train adam(lr=0.02) { epochs = 1  batch = 16 }
}
`;

beforeAll(() => {
  mkdirSync(join(folder, 'words'));
  mkdirSync(join(folder, '.git'));
  mkdirSync(join(folder, 'node_modules/aedsl-words-quartic'), { recursive: true });
  writeFileSync(join(folder, 'words/quartic.mjs'), quartic);
  writeFileSync(join(folder, 'node_modules/aedsl-words-quartic/package.json'), '{"main": "index.mjs"}');
  writeFileSync(join(folder, 'node_modules/aedsl-words-quartic/index.mjs'), quartic);
  writeFileSync(join(folder, 'own.ae'), text);
  process.chdir(folder);
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
});
afterAll(() => {
  process.chdir(home);
  if (cache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cache;
  rmSync(folder, { recursive: true, force: true });
});

const hashWith = (library: Library) =>
  compile({ path: 'own.ae', text }, null, { library, world: fileWorld() }).value?.hash ?? null;

const module = { name: 'own', path: '/own.mjs', sha256: '0'.repeat(64) };
const refusal = (exported: unknown) => () => withOutsideWords(builtinWords, exported, module);

describe('words from outside', () => {
  it('have the hash of their module in the identity of what they stand in, and in no other', async () => {
    const path = join(folder, 'words/other.mjs');
    writeFileSync(path, quartic);
    const words = await loadOutsideWords(builtinWords, [wordModule('./words/quartic.mjs', folder)]);
    const same = await loadOutsideWords(builtinWords, [wordModule('./words/other.mjs', folder)]);
    writeFileSync(path, `${quartic}// says nothing else\n`);
    const other = withOutsideWords(builtinWords, { loss: [words.find('loss', 'quartic')] }, wordModule(path, folder));
    expect(hashWith(words)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashWith(same)).toBe(hashWith(words));
    expect(hashWith(other)).not.toBe(hashWith(words));
    expect(modulesOf(words).map(({ name }) => name)).toEqual(['./words/quartic.mjs']);
    const plain = text.replace('quartic(scale=2)', 'mse()');
    const hashOf = (library: Library) =>
      compile({ path: 'own.ae', text: plain }, null, { library, world: fileWorld() }).value?.hash;
    expect(hashOf(words)).toBe(hashOf(builtinWords));
  });

  it('run as they were looked at, or not at all', async () => {
    const path = join(folder, 'words/moving.mjs');
    writeFileSync(path, quartic);
    const named = wordModule(path, folder);
    writeFileSync(path, `${quartic}\n`);
    await expect(loadOutsideWords(builtinWords, [named])).rejects.toThrow('the file has changed');
  });

  it('are named by a project, by path or as a package', () => {
    const config = join(folder, 'aedsl.config.json');
    writeFileSync(config, '{"words": ["./words/quartic.mjs", "aedsl-words-quartic"]}');
    const named = modulesOfProject(folder);
    expect(named.map(({ path }) => path)).toEqual([
      join(folder, 'words/quartic.mjs'),
      join(folder, 'node_modules/aedsl-words-quartic/index.mjs'),
    ]);
    for (const [content, problem] of [
      ['{"words": "./a.js"}', 'is not a list'],
      ['{"words": [7]}', 'is not a text'],
      ['{"word": []}', 'unknown setting'],
      ['[', 'JSON'],
      ['{"words": ["aedsl-words-absent"]}', 'no such package'],
    ] as const) {
      writeFileSync(config, content);
      expect(() => modulesOfProject(folder), content).toThrow(problem);
    }
    rmSync(config);
    expect(modulesOfProject(folder)).toEqual([]);
  });

  it('are refused by what they lack', () => {
    const loss = builtinWords.find('loss', 'mse');
    const { lower: _, ...without } = { ...loss, name: 'own' };
    expect(refusal({ loss: [without] })).toThrow("the loss 'own' has no method 'lower'");
    expect(refusal({ loss: [{ ...loss, name: 'Own' }] })).toThrow('no name of small letters');
    expect(refusal({ loss: [{ ...loss, name: 'own', version: 0.5 }] })).toThrow('a version');
    expect(refusal({ loss: [{ ...loss, name: 'own', parameters: { a: { type: 'real' } } }] })).toThrow("parameter 'a'");
    expect(refusal({ loss: [loss] })).toThrow("two words 'mse'");
    expect(refusal({ losses: [] })).toThrow("no family 'losses'");
    expect(refusal({ loss: {} })).toThrow('no list');
    expect(refusal(undefined)).toThrow('no object of words');
  });

  it('are known to a command that names them, and to a project once somebody agreed', async () => {
    const unknown = await aedsl('check', 'own.ae');
    expect(unknown).toMatchObject({ code: 3 });
    expect(unknown.out + unknown.err).toContain('quartic');
    expect(await aedsl('check', 'own.ae', '--words', 'words/quartic.mjs')).toMatchObject({ code: 0 });
    writeFileSync(join(folder, 'aedsl.config.json'), '{"words": ["./words/quartic.mjs"]}');
    const asked = await aedsl('check', 'own.ae');
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.err).toContain('--words words/quartic.mjs');
    expect(await aedsl('check', 'own.ae', '--words', 'words/quartic.mjs')).toMatchObject({ code: 0 });
    rmSync(join(folder, 'aedsl.config.json'));
  });

  it('train in the processes of a sweep, are verified in another, and leave in a bundle', async () => {
    const program = join(home, 'dist/src/cli/main.js');
    const typed = (...args: readonly string[]) =>
      spawnSync(process.execPath, [program, ...args, '--words', 'words/quartic.mjs'], { encoding: 'utf8' });
    const swept = typed('sweep', 'own.ae', 'seed=1,2', '--max-steps', '2', '--reporter', 'plain');
    expect([swept.status, swept.stdout], swept.stderr).toEqual([0, expect.stringContaining('2 complete')]);
    const verified = typed('verify', 'r1', '--against', 'threads=1');
    expect([verified.status, verified.stdout], verified.stderr).toEqual([0, expect.stringContaining('bit-identical')]);
    expect(await aedsl('bundle', 'r1', '-o', 'run.tgz')).toMatchObject({ code: 0 });
    const taken = await aedsl('import', 'run.tgz', '--db', 'other.db', '--words', 'words/quartic.mjs');
    expect(taken, taken.err).toMatchObject({ code: 0 });
    expect((await aedsl('show', 'r1', '--db', 'other.db')).out).toMatch(/units +8/);
  });
});
