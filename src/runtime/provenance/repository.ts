import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** A commit, as a line of a log shows it. */
export interface CommitSummary {
  readonly sha: string;
  /** Of the author, ISO 8601. */
  readonly date: string;
  readonly subject: string;
}

/** Git could not give what its history says is there: a clone that was made without it, or a damaged one. */
export class MissingObjectError extends Error {
  override readonly name = 'MissingObjectError';
  readonly hint = 'the clone was made without it (--filter), or is damaged: `git fetch --refetch`, or clone it whole';

  constructor(path: string, commit: string, reason: string) {
    super(`git has no content for ${path} in ${commit.slice(0, 7)}: ${reason}`);
  }
}

interface TreeEntry {
  readonly blob: string;
  readonly path: string;
}

/** Output beyond this is no list of commits or files that a person keeps experiments in. */
const mostBytes = 512 * 1024 * 1024;

/**
 * What a git repository remembers. It is only read: nothing here touches the working tree, the index, a reference or the
 * stash, runs a program that the repository names, or goes to the network.
 */
export class Repository {
  /** The top folder of the working tree. */
  readonly root: string;
  readonly #trees = new Map<string, ReadonlyMap<string, TreeEntry>>();

  private constructor(root: string) {
    this.root = root;
  }

  /** The repository around a folder; null outside of one, in a bare one, and where git is missing. */
  static around(folder: string): Repository | null {
    const top = gitText(folder, ['rev-parse', '--show-toplevel']);
    return top === null || top.trim() === '' ? null : new Repository(resolve(top.trim()));
  }

  /** The full name of the commit that a revision means, as git writes them; null when there is none. */
  commit(revision: string): string | null {
    if (revision === '' || revision.startsWith('-') || /\s/.test(revision)) return null;
    return this.#line('rev-parse', '--verify', '--quiet', `${revision}^{commit}`);
  }

  /** Null when two commits have no ancestor in common, or the clone does not reach it. */
  mergeBase(a: string, b: string): string | null {
    return this.#line('merge-base', a, b);
  }

  /** Whether the clone was cut off, so that older commits are not in it. */
  get isShallow(): boolean {
    return this.#line('rev-parse', '--is-shallow-repository') === 'true';
  }

  /** The commits that are in reach of HEAD. */
  get depth(): number {
    return Number(this.#line('rev-list', '--count', 'HEAD') ?? 0);
  }

  /** Branches and tags, by the names one writes. */
  get references(): readonly string[] {
    return this.#lines('for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/tags', 'refs/remotes');
  }

  summary(commit: string): CommitSummary {
    const [sha = commit, date = '', ...subject] = (
      this.#line('log', '-1', '--no-show-signature', '--format=%H%x09%aI%x09%s', commit) ?? commit
    ).split('\t');
    return { sha, date, subject: subject.join('\t') };
  }

  /**
   * The commits of `to` that are not in `from`, parents before children.
   * @param paths only commits that changed one of them; all when there are none
   */
  commitsBetween(from: string | null, to: string, paths: readonly string[] = []): readonly string[] {
    const range = from === null ? [to] : [to, `^${from}`];
    const limits = paths.length > 0 ? ['--', ...paths.map((path) => `:(top,literal)${path}`)] : ['--'];
    return this.#lines('rev-list', '--topo-order', '--reverse', ...range, ...limits);
  }

  /** Like `commitsBetween`, along the first parent of each merge, and only where `from` is on that line. */
  firstParents(from: string, to: string): readonly string[] {
    return this.#lines('rev-list', '--first-parent', '--reverse', to, `^${from}`, '--');
  }

  /** Whether `ancestor` is in the history of `commit`. */
  isAncestor(ancestor: string, commit: string): boolean {
    return git(this.root, ['merge-base', '--is-ancestor', ancestor, commit]).status === 0;
  }

  /**
   * Every name that a file has had, newest first, along the history of `commit`.
   * @param path as it is named there
   */
  namesOf(path: string, commit: string): readonly string[] {
    const format = ['--format=%H', '--name-only', '-z', '--follow', '--find-renames'];
    const text = gitText(this.root, ['log', '--no-ext-diff', ...format, commit, '--', `:(top,literal)${path}`]);
    const names = [path];
    let [current, since] = [commit, commit];
    for (const entry of (text ?? '').split('\0').map((each) => each.trim())) {
      if (/^[0-9a-f]{40,64}$/.test(entry)) {
        current = entry;
        continue;
      }
      if (entry === '') continue;
      if (entry !== names.at(-1)) {
        // Git follows a copy to what it was made from as well, which went on under its own name.
        if (this.objectAt(since, entry) !== null) break;
        names.push(entry);
      }
      since = current;
    }
    return [...new Set(names)];
  }

  /** The paths of all files of a commit. @throws MissingObjectError */
  paths(commit: string): readonly string[] {
    return [...this.#tree(commit).keys()];
  }

  /** Names what is at a path, file or folder, so that two commits can be compared; null where there is nothing. */
  objectAt(commit: string, path: string): string | null {
    return this.#line('rev-parse', '--verify', '--quiet', `${commit}:${path}`);
  }

  /** A file's content; null where the commit has no such file. @throws MissingObjectError */
  read(commit: string, path: string): Uint8Array | null {
    const entry = this.#tree(commit).get(path);
    if (!entry) return null;
    const { status, stdout, stderr } = git(this.root, ['cat-file', 'blob', entry.blob]);
    if (status !== 0) throw new MissingObjectError(path, commit, stderr.toString('utf8').trim());
    return stdout;
  }

  /** Tracked files and new ones that are not ignored, which have one of these endings. */
  workingPaths(endings: readonly string[]): readonly string[] {
    const patterns = endings.map((ending) => `:(top,glob)**/*${ending}`);
    const listed = ['ls-files', '-z', '--full-name', '--cached', '--others', '--exclude-standard', '--', ...patterns];
    const text = gitText(this.root, listed);
    return [...new Set((text ?? '').split('\0').filter((path) => path !== ''))];
  }

  #tree(commit: string): ReadonlyMap<string, TreeEntry> {
    const known = this.#trees.get(commit);
    if (known) return known;
    const { status, stdout, stderr } = git(this.root, ['ls-tree', '-r', '-z', '--full-tree', commit]);
    if (status !== 0) throw new MissingObjectError('the list of files', commit, stderr.toString('utf8').trim());
    const entries = stdout.toString('utf8').split('\0').flatMap(parseTreeEntry);
    const tree = new Map(entries.map((entry) => [entry.path, entry]));
    this.#trees.set(commit, tree);
    return tree;
  }

  #line(...args: readonly string[]): string | null {
    return gitText(this.root, args)?.trim() || null;
  }

  #lines(...args: readonly string[]): readonly string[] {
    return (gitText(this.root, args) ?? '').split('\n').filter((line) => line !== '');
  }
}

/** `100644 blob <name>\t<path>`; what is no plain file (a link, another repository) is left out. */
function parseTreeEntry(line: string): readonly TreeEntry[] {
  const match = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/s.exec(line);
  return match?.[1] && match[2] ? [{ blob: match[1], path: match[2] }] : [];
}

function gitText(folder: string, args: readonly string[]): string | null {
  const { status, stdout } = git(folder, args);
  return status === 0 ? stdout.toString('utf8') : null;
}

function git(folder: string, args: readonly string[]) {
  // The index is refreshed by some commands otherwise, a file system monitor is a program of the repository's choice, and
  // a partial clone would download what it lacks.
  const options = ['--no-optional-locks', '--no-pager', '-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'];
  return spawnSync('git', ['-C', folder, ...options, ...args], {
    maxBuffer: mostBytes,
    windowsHide: true,
    env: { ...process.env, GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
