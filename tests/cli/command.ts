import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The command as it is installed; `npm test` builds it. */
export const program = resolve('dist/src/cli/main.js');

export type Finished = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>;

/** Whether it is the lock of an experiment on data that may not be on this machine. */
function needsDownloadedData(path: string): boolean {
  return path.endsWith('.ae.lock') && /^data = (mnist|fashion_mnist) /m.test(readFileSync(path, 'utf8'));
}

/** A folder with the experiments in it, and the command run there. */
export interface Workplace {
  readonly folder: string;
  aedsl(...args: readonly string[]): Finished;
  /** With other environment variables. */
  aedslWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Finished;
  leave(): void;
}

export function workplace(): Workplace {
  if (!existsSync(program)) throw new Error('dist/ is not built: npm run build');
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-cli-')));
  cpSync('experiments', join(folder, 'experiments'), { recursive: true, filter: (path) => !needsDownloadedData(path) });
  const aedslWith = (env: Readonly<Record<string, string>>, ...args: readonly string[]): Finished =>
    spawnSync(process.execPath, [program, ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, CI: '1', NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache'), AEDSL_DATA: '', ...env },
    });
  return {
    folder,
    aedsl: (...args) => aedslWith({}, ...args),
    aedslWith,
    leave: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The objects of a command's `--json` lines. */
export function lines(text: string): readonly Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Object.fromEntries(Object.entries(JSON.parse(line))));
}
