import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../project/usage-error.js';
import { execute, InstallationError } from '../../results/packages/execute.js';
import { copyPackages, installPackages } from '../../results/packages/install.js';
import { projectManifest } from '../../results/packages/project-manifest.js';
import { checkOut } from '../../runtime/provenance/checkout.js';
import { Repository } from '../../runtime/provenance/repository.js';
import { VerifyError, VerifyInterrupted } from '../../trial/verify-error.js';
import { unknownRevision } from '../diff/selection.js';

export interface RevisionOptions {
  readonly revision: string;
  /** The folder of this program's sources, a git working tree; found by default. */
  readonly root?: string;
  /** Asked before code of the revision runs, with a sentence that says whose. */
  readonly agrees: (what: string) => Promise<boolean>;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Seen from `dist/src/compare/verify/`. */
const ownRoot = fileURLToPath(new URL('../../../../', import.meta.url));

const program = join('dist', 'src', 'cli', 'main.js');
/** Its first version could train a job. */
const worker = join('dist', 'src', 'cli', 'commands', 'work.js');

/** Another revision of this program, built in its own folder. */
export interface BuiltRevision {
  /** `HEAD~1 (0123abc)` */
  readonly name: string;
  /** Its command line. */
  readonly program: string;
  /** Removes the folder. */
  readonly remove: () => void;
}

/**
 * Builds another revision of this program. Copies the installed packages if both revisions lock the same ones;
 * otherwise installs those of its lock file.
 * @throws UsageError for an unknown revision, or if nobody agreed to run its code, CheckoutError, VerifyError if the
 *   program is not in a git repository or the revision cannot be built, VerifyInterrupted
 */
export async function buildRevision(options: RevisionOptions): Promise<BuiltRevision> {
  const { revision, root = ownRoot, agrees, onProgress, signal } = options;
  const repository = ownRepository(revision, root);
  const commit = commitOf(revision, repository);
  const what = `the aedsl of ${revision} (${commit.slice(0, 7)}) by ${repository.authors([commit]).join()} is built and run`;
  if (!(await agrees(what))) throw new UsageError(`${what}: this runs its code`, 'if you trust it: --yes');
  onProgress(what);
  const { folder, close } = checkOut(repository, commit);
  try {
    await install(root, folder, signal, () => onProgress(`installing the packages of ${revision}`));
    await execute(process.execPath, [join('tools', 'build.mjs')], folder, signal);
    if (!existsSync(join(folder, worker))) throw tooOld(revision);
  } catch (error) {
    close();
    if (signal.aborted) throw new VerifyInterrupted('interrupted');
    if (!(error instanceof InstallationError)) throw error;
    throw new VerifyError(`${revision} cannot be built: ${error.message}`, 'does it build by itself?', {
      cause: error,
    });
  }
  return { name: `${revision} (${commit.slice(0, 7)})`, program: join(folder, program), remove: close };
}

function ownRepository(revision: string, root: string): Repository {
  const repository = Repository.around(root);
  if (repository !== null && realpathSync(repository.root) === realpathSync(root)) return repository;
  throw new VerifyError(
    `'${revision}' cannot be built: this aedsl is not in a git repository of its own`,
    'run it from a clone of its sources, or compare with threads=2, backend=cpu or node=PATH',
  );
}

function commitOf(revision: string, repository: Repository): string {
  const commit = repository.commit(revision);
  if (commit !== null) return commit;
  if (repository.isShallow) throw unknownRevision(revision, repository);
  throw new UsageError(
    `'${revision}' is no revision of aedsl`,
    'such as HEAD~1; also threads=2, backend=cpu, node=PATH, weights, checkpoint',
  );
}

/** The training needs no native part of a package, so none is built. */
async function install(root: string, tree: string, signal: AbortSignal, onInstall: () => void): Promise<void> {
  const modules = join(root, 'node_modules');
  const [own, other] = [root, tree].map((folder) => projectManifest(folder)?.lock.text ?? null);
  if (own !== null && own === other && existsSync(modules)) return copyPackages(modules, tree);
  return installPackages(tree, { scripts: false, signal, onInstall });
}

function tooOld(revision: string): VerifyError {
  return new VerifyError(
    `${revision} is older than \`aedsl work\` and cannot be run side by side`,
    'choose a later revision',
  );
}
