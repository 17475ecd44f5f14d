import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CommandProcess } from './command-process.js';

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

/** @param processes one for each command; or one for all, where no test is about how a process starts, ends or is ended */
export function workplace(processes: 'each' | 'one' = 'each'): Workplace {
  if (!existsSync(program)) throw new Error('dist/ is not built: npm run build');
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-cli-')));
  cpSync('experiments', join(folder, 'experiments'), { recursive: true, filter: (path) => !needsDownloadedData(path) });
  const one = processes === 'one' ? new CommandProcess() : null;
  const aedslWith = (given: Readonly<Record<string, string>>, ...args: readonly string[]): Finished => {
    const own = { CI: '1', NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache'), AEDSL_DATA: '' };
    const env = { ...process.env, ...own, ...given };
    return one === null
      ? spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8', env })
      : one.run(args, { cwd: folder, env });
  };
  return {
    folder,
    aedsl: (...args) => aedslWith({}, ...args),
    aedslWith,
    leave: () => {
      one?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Leaves `experiments/first.ae` there as many digits as a few steps need: drawing the others takes longer than training. */
export function takeFewDigits({ folder }: Workplace): void {
  const path = join(folder, 'experiments/first.ae');
  const text = readFileSync(path, 'utf8');
  const few = text.replace('take=4000, validation=500, test=500', 'take=256, validation=32, test=32');
  if (few === text) throw new Error(`${path} does not take 4000 digits`);
  writeFileSync(path, few);
}

/** The objects of a command's `--json` lines. */
export function lines(text: string): readonly Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Object.fromEntries(Object.entries(JSON.parse(line))));
}
