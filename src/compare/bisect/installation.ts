import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, InstallationError } from '../../results/packages/execute.js';
import type { Repository } from '../../runtime/provenance/repository.js';

/**
 * Names the engine of a commit: what its lock file of packages holds, and where the repository is aedsl's own, its sources
 * and what builds them.
 * Commits with one engine can be trained with one installation.
 */
export function engineAt(repository: Repository, commit: string): string {
  const manifest = repository.read(commit, 'package.json');
  const own = manifest !== null && /"name"\s*:\s*"aedsl"/.test(new TextDecoder().decode(manifest));
  const parts = own ? ['src', 'grammar', 'tools', 'package-lock.json'] : ['package-lock.json', 'npm-shrinkwrap.json'];
  return parts.map((path) => repository.objectAt(commit, path) ?? 'none').join(' ');
}

export interface InstalledTrial {
  /** The folder of the commit's files. */
  readonly folder: string;
  /** In the folder: `experiments/first.ae`. */
  readonly file: string;
  readonly experiment: string;
  readonly seed: number;
  readonly backend: string | null;
  readonly signal: AbortSignal;
}

/**
 * Trains one trial with the aedsl that is installed in a folder.
 * @returns its metrics
 * @throws InstallationError
 */
export async function trainInstalled(trial: InstalledTrial): Promise<Readonly<Record<string, number>>> {
  const { folder, file, experiment, seed, backend, signal } = trial;
  const options = ['--seed', String(seed), '--no-store', '--json', ...(backend === null ? [] : ['--backend', backend])];
  const output = await execute(
    process.execPath,
    [programIn(folder), 'run', `${file}:${experiment}`, ...options],
    folder,
    signal,
  );
  const last = output.trim().split('\n').at(-1) ?? '';
  const result: unknown = JSON.parse(last);
  if (typeof result !== 'object' || result === null || !('metrics' in result)) {
    throw new InstallationError(`the aedsl of ${folder} printed no result`);
  }
  const metrics = Object.entries(Object(result.metrics));
  return Object.fromEntries(metrics.map(([name, value]) => [name, Number(value)]));
}

/** The command as the folder has it: its own where it is aedsl's repository, else that of its packages. */
function programIn(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const own = typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === 'aedsl';
  const root = own ? folder : join(folder, 'node_modules', 'aedsl');
  const program = join(root, 'dist', 'src', 'cli', 'main.js');
  if (existsSync(program)) return program;
  throw new InstallationError(`there is no aedsl in ${own ? 'dist' : 'node_modules'} of the commit`);
}
