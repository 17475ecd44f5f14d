import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Source } from '../../compiler/syntax/source.js';
import { CommandExecutor } from '../../execute/command/command-executor.js';
import type { Executor } from '../../execute/executor.js';
import type { TrialJob } from '../../execute/job.js';
import { presentNames } from '../../metrics/former-names.js';
import { type Recipe, stringifyRecipe } from '../../project/recipe.js';
import { InstallationError } from '../../results/packages/execute.js';
import { lenient, object, readJsonFile, text } from '../../runtime/formats/json.js';
import { withoutRepositoryVariables } from '../../runtime/provenance/git.js';
import { mostManifestBytes } from '../../runtime/provenance/installed-package.js';
import type { Repository } from '../../runtime/provenance/repository.js';

/**
 * Identifies a commit's engine: its packages' lock file and, in aedsl's own repository, its sources and build. Commits
 * with the same engine can share an installation.
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
  /** The experiment's file in that folder. */
  readonly source: Source;
  readonly experiment: string;
  readonly seed: number;
  readonly backend: string;
  readonly signal: AbortSignal;
}

/**
 * Trains one trial with the aedsl that is installed in a folder, which compiles the text and reads the data there.
 * @returns its metrics
 * @throws InstallationError; an AbortError if the signal ended it
 */
export async function trainInstalled(trial: InstalledTrial): Promise<Readonly<Record<string, number>>> {
  const { folder, signal } = trial;
  const executor = new CommandExecutor({
    command: [process.execPath, programIn(folder), 'work', '{job}'],
    folder: tmpdir(),
    cwd: folder,
    env: withoutRepositoryVariables(process.env),
  });
  try {
    return presentNames(await metricsOf(executor, jobOf(trial), signal));
  } finally {
    await executor.close();
  }
}

function metricsOf(executor: Executor, job: TrialJob, signal: AbortSignal): Promise<Readonly<Record<string, number>>> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    executor.start(job, { alone: true, checkpoints: null }, (message) => {
      if (message.type === 'failed' || message.type === 'lost') reject(new InstallationError(message.reason));
      if (message.type !== 'ended') return;
      const { status, metrics } = message.end;
      if (status === 'complete') resolve(metrics);
      else
        reject(new InstallationError(`it ${status === 'diverged' ? status : 'was interrupted'} with seed ${job.seed}`));
    });
  });
}

function jobOf({ source, experiment, seed, backend }: InstalledTrial): TrialJob {
  const { path, text } = source;
  const recipe: Recipe = {
    sources: [{ path, text }],
    experiment,
    params: [],
    data: null,
    epochs: null,
    maxSteps: null,
    files: {},
  };
  return {
    trial: 0,
    recipe: stringifyRecipe(recipe),
    words: [],
    dataFiles: {},
    seed,
    expected: null,
    backend,
    threads: null,
    untilEpoch: null,
    checkpoints: null,
    from: null,
    trained: null,
    init: null,
    previews: false,
  };
}

/** The folder's aedsl: its own in aedsl's repository, else that of its packages. */
function programIn(folder: string): string {
  const manifest = object({ name: lenient(text) });
  const { name } = readJsonFile(manifest, join(folder, 'package.json'), mostManifestBytes);
  const own = name === 'aedsl';
  const root = own ? folder : join(folder, 'node_modules', 'aedsl');
  const program = join(root, 'dist', 'src', 'cli', 'main.js');
  if (existsSync(program)) return program;
  throw new InstallationError(`there is no aedsl in ${own ? 'dist' : 'node_modules'} of the commit`);
}
