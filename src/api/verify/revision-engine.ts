import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
 * @throws VerifyError where this program isn't in a git repository, the revision is unknown or cannot be built
 */
export function revisionEngine(options: RevisionEngineOptions): Engine {
  const { revision, backend, threads, root = ownRoot, onProgress = () => {} } = options;
  const commit = commitOf(revision, root);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-revision-')));
  const tree = join(folder, 'aedsl');
  const remove = () => {
    git(root, 'worktree', 'remove', '--force', tree);
    rmSync(folder, { recursive: true, force: true });
    git(root, 'worktree', 'prune');
  };
  try {
    onProgress(`building ${revision} (${commit.slice(0, 7)})`);
    const added = git(root, 'worktree', 'add', '--detach', tree, commit);
    if (added.status !== 0)
      throw new VerifyError(`git cannot check out ${revision}: ${lastLine(added.stderr)}`, 'is the disk full?');
    install(root, tree, revision, onProgress);
    build(tree, revision);
  } catch (error) {
    remove();
    throw error;
  }
  return remoteEngine({
    name: `${revision} (${commit.slice(0, 7)})`,
    backend,
    threads,
    node: process.execPath,
    program: join(tree, program),
    onDispose: remove,
  });
}

function commitOf(revision: string, root: string): string {
  const top = git(root, 'rev-parse', '--show-toplevel').stdout.trim();
  if (top === '' || realpathSync(top) !== realpathSync(root)) {
    throw new VerifyError(
      `'${revision}' cannot be built: this aedsl is not in a git repository of its own`,
      'run it from a clone of its sources, or compare with threads=2, backend=cpu or node=PATH',
    );
  }
  const known = revision.startsWith('-')
    ? ''
    : git(root, 'rev-parse', '--verify', '--quiet', `${revision}^{commit}`).stdout.trim();
  if (known === '') {
    throw new VerifyError(
      `'${revision}' is no revision of aedsl`,
      'such as HEAD~1; also threads=2, backend=cpu, node=PATH, weights, checkpoint',
    );
  }
  return known;
}

function install(root: string, tree: string, revision: string, onProgress: (text: string) => void): void {
  const lock = (folder: string) => readFileSync(join(folder, 'package-lock.json'));
  const modules = join(root, 'node_modules');
  if (existsSync(modules) && lock(root).equals(lock(tree))) {
    symlinkSync(modules, join(tree, 'node_modules'));
    return;
  }
  onProgress(`installing the packages of ${revision}`);
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: tree, encoding: 'utf8' });
  if (status !== 0) {
    throw new VerifyError(
      `the packages of ${revision} cannot be installed: ${lastLine(stderr)}`,
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
    throw new VerifyError(`${revision} cannot be built: ${lastLine(stderr || stdout)}`, 'does it build by itself?');
  if (existsSync(join(tree, program))) return;
  throw new VerifyError(
    `${revision} is older than \`aedsl verify\` and cannot be run side by side`,
    'choose a later revision',
  );
}

function git(folder: string, ...args: readonly string[]) {
  return spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
