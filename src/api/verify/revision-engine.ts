import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Repository } from '../../runtime/provenance/repository.js';
import { openWorktree } from '../../runtime/provenance/worktree.js';
import { unknownRevision } from '../diff/selection.js';
import { UsageError } from '../params.js';
import { complaint } from './complaint.js';
import type { Engine } from './engine.js';
import { remoteEngine } from './remote-engine.js';
import { VerifyError } from './verify-error.js';

export interface RevisionEngineOptions {
  readonly revision: string;
  readonly backend: string;
  readonly threads: number | null;
  /** The folder of this program's sources, a git working tree; found by default. */
  readonly root?: string;
  readonly onProgress?: (text: string) => void;
}

/** Of `dist/src/api/verify/`. */
const ownRoot = fileURLToPath(new URL('../../../../', import.meta.url));

const program = join('dist', 'src', 'api', 'verify', 'replay-process.js');

/**
 * The engine of another revision of this program, built in a worktree of its own that is removed with the engine. The
 * installed packages are shared where both revisions lock the same ones, else they are installed there.
 * @throws UsageError for an unknown revision, WorktreeError, VerifyError where this program isn't in a git repository or
 *   the revision cannot be built
 */
export function revisionEngine(options: RevisionEngineOptions): Engine {
  const { revision, backend, threads, root = ownRoot, onProgress = () => {} } = options;
  const repository = ownRepository(revision, root);
  const commit = commitOf(revision, repository);
  onProgress(`building ${revision} (${commit.slice(0, 7)})`);
  const { folder, close } = openWorktree(repository, commit);
  try {
    install(root, folder, revision, onProgress);
    build(folder, revision);
  } catch (error) {
    close();
    throw error;
  }
  return remoteEngine({
    name: `${revision} (${commit.slice(0, 7)})`,
    backend,
    threads,
    node: process.execPath,
    program: join(folder, program),
    onDispose: close,
  });
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

function install(root: string, tree: string, revision: string, onProgress: (text: string) => void): void {
  const modules = join(root, 'node_modules');
  const locks = [root, tree].map((folder) => join(folder, 'package-lock.json'));
  const [own, other] = locks.map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : null));
  if (existsSync(modules) && own === other) {
    symlinkSync(modules, join(tree, 'node_modules'));
    return;
  }
  onProgress(`installing the packages of ${revision}`);
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: tree, encoding: 'utf8' });
  if (status !== 0) {
    throw new VerifyError(
      `the packages of ${revision} cannot be installed: ${complaint(stderr)}`,
      'is there a network?',
    );
  }
}

function build(tree: string, revision: string): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('tools', 'build.mjs')], {
    cwd: tree,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new VerifyError(`${revision} cannot be built: ${complaint(stderr || stdout)}`, 'does it build by itself?');
  if (existsSync(join(tree, program))) return;
  throw new VerifyError(
    `${revision} is older than \`aedsl verify\` and cannot be run side by side`,
    'choose a later revision',
  );
}
