import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { presentNames } from '../../metrics/former-names.js';
import { execute, InstallationError } from '../../results/packages/execute.js';
import {
  JsonError,
  lenient,
  object,
  readJson,
  readJsonFile,
  recordOf,
  spelledNumber,
  text,
} from '../../runtime/formats/json.js';
import { mostManifestBytes } from '../../runtime/provenance/installed-package.js';
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
  // Of a version's last events one has the metrics at the end, whatever the version calls it.
  const last =
    output
      .trim()
      .split('\n')
      .findLast((line) => line.includes('"metrics":{')) ?? '';
  try {
    const { metrics } = readJson(object({ metrics: recordOf(spelledNumber, mostMetrics) }), last, 'its result');
    return presentNames(metrics);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new InstallationError(`the aedsl of ${folder} printed no result: ${error.message}`, { cause: error });
  }
}

const mostMetrics = 1_000_000;

/** The command as the folder has it: its own where it is aedsl's repository, else that of its packages. */
function programIn(folder: string): string {
  const manifest = object({ name: lenient(text) });
  const { name } = readJsonFile(manifest, join(folder, 'package.json'), mostManifestBytes);
  const own = name === 'aedsl';
  const root = own ? folder : join(folder, 'node_modules', 'aedsl');
  const program = join(root, 'dist', 'src', 'cli', 'main.js');
  if (existsSync(program)) return program;
  throw new InstallationError(`there is no aedsl in ${own ? 'dist' : 'node_modules'} of the commit`);
}
