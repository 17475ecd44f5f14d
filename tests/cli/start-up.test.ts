import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { program } from './command.js';

/** The modules that a command loads, as Node's own loader hooks see them. */
function loaded(...args: readonly string[]): readonly string[] {
  const hook = `
    import { registerHooks } from 'node:module';
    registerHooks?.({ load(url, context, next) { process.stderr.write('LOADED ' + url + '\\n'); return next(url, context); } });
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

describe('what starts fast', () => {
  for (const args of [['--help'], ['check', 'experiments/sparse.ae'], ['fmt', '--check', 'experiments/sparse.ae']]) {
    it(`aedsl ${args.join(' ')} loads neither TF.js nor React nor SQLite`, () => {
      const heavy = loaded(...args).filter((line) =>
        /node_modules\/(@tensorflow|react|ink|better-sqlite3)\//.test(line),
      );
      expect(heavy).toEqual([]);
    });
  }
});
