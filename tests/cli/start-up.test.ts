import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { program } from './command.js';

/** The modules that a command loads, as Node's own loader hooks see them. */
function loaded(...args: readonly string[]): readonly string[] {
  const hook = `
    import module from 'node:module';
    module.registerHooks?.({ load(url, context, next) { process.stderr.write('LOADED ' + url + '\\n'); return next(url, context); } });
  `;
  const trace = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, program, ...args],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_DEBUG: 'esm' },
    },
  );
  return (trace.stdout + trace.stderr).split('\n');
}

/** What is in a bundle (tools/build-programs.mjs) is known by a text of it. */
function loadsBundleWith(text: string, line: string): boolean {
  const bundle = /file:\/\/[^'"\s]*\/dist\/programs\/[\w.-]+\.js/.exec(line)?.[0];
  return bundle !== undefined && readFileSync(fileURLToPath(bundle), 'utf8').includes(text);
}

/** The global that TF.js keeps its engine in. */
const isTensorflow = (line: string) => loadsBundleWith('_tfengine', line);

/** A method of Chevrotain's parsers. */
const isParser = (line: string) => loadsBundleWith('performSelfAnalysis', line);

const filesOf = (lines: readonly string[]) =>
  new Set(lines.flatMap((line) => /file:\/\/[^'"\s]*\/dist\/[^'"\s]*\.m?js/.exec(line) ?? []));

/** The symbol of React's elements. */
const isReact = (line: string) => loadsBundleWith('react.transitional.element', line);

const isHeavy = (line: string) =>
  /node_modules\/(@tensorflow|react|ink|better-sqlite3(-13)?)\//.test(line) || isReact(line);

describe('what starts fast', () => {
  it('is told from what does not by its bundles', () => {
    expect(loaded('watch', '--help').some(isReact)).toBe(false);
    const bundles = readdirSync(new URL('../../dist/programs/', import.meta.url));
    expect(bundles.some((name) => isReact(new URL(`../../dist/programs/${name}`, import.meta.url).href))).toBe(true);
  });

  for (const [mostFiles, ...args] of [
    [20, '--help'],
    [45, 'check', 'experiments/sparse.ae'],
    [35, 'fmt', '--check', 'experiments/sparse.ae'],
  ] as const) {
    it(`aedsl ${args.join(' ')} loads neither TF.js nor React nor SQLite, and what it needs in few files`, () => {
      const lines = loaded(...args);
      expect(lines.filter((line) => isHeavy(line) || isTensorflow(line))).toEqual([]);
      expect(filesOf(lines).size).toBeGreaterThan(5);
      expect(filesOf(lines).size).toBeLessThan(mostFiles);
      expect(lines.some(isParser)).toBe(args[0] !== '--help');
    });
  }

  it('a run that is not kept loads TF.js from one bundle, and neither SQLite nor its files one by one', () => {
    const run = [
      'run',
      'experiments/first.ae',
      '--data',
      'digits(take=100, test=10)',
      '--max-steps',
      '1',
      '--no-store',
    ];
    const lines = loaded(...run);
    expect(lines.some(isTensorflow)).toBe(true);
    expect(lines.filter(isHeavy)).toEqual([]);
    expect(filesOf(lines).size).toBeLessThan(90);
  });
});
