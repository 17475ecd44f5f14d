import { extname, posix } from 'node:path';
import { byteText } from '../../files/read-file.js';
import { Git } from './git.js';
import { parseTree, type TreeEntry } from './tree.js';

/** Summary of a commit, as on one line of a log. */
export interface CommitSummary {
  readonly sha: string;
  /** Author date, ISO 8601. */
  readonly date: string;
  readonly subject: string;
}

/** Git lacks an object that the history refers to: the clone is partial or damaged. */
export class MissingObjectError extends Error {
  override readonly name = 'MissingObjectError';
  readonly hint = 'the clone was made without it (--filter), or is damaged: `git fetch --refetch`, or clone it whole';

  constructor(path: string, commit: string, reason: string) {
    super(`git has no content for ${path} in ${commit.slice(0, 7)}: ${reason}`);
  }
}

/** A commit of a few small objects can expand to any number of files. */
export class LargeCommitError extends Error {
  override readonly name = 'LargeCommitError';
  readonly hint = 'keep large data out of the repository, in the data folder AEDSL_DATA';

  constructor(commit: string) {
    super(`the files of ${commit.slice(0, 7)} have more than ${byteText(mostBytes)}, the limit for checking them out`);
  }
}

const mostBytes = 16 * 1024 ** 3;
const portionBytes = 64 * 1024 ** 2;
/** Most links followed from one to the next. */
const mostHops = 8;

/**
 * Read-only access to a git repository. Never touches the working tree, the index, references or the stash, runs no
 * program the repository names, and uses no network.
 */
export class Repository {
  /** Top-level folder of the working tree. */
  readonly root: string;
  readonly #git: Git;
  #leftOut: ReadonlyMap<string, string> | null = null;
  readonly #trees = new Map<string, ReadonlyMap<string, TreeEntry>>();

  private constructor(git: Git) {
    this.root = git.root;
    this.#git = git;
  }

  /** Opens the repository around a folder; null outside of one, in a bare one, and if git is missing. */
  static around(folder: string): Repository | null {
    const git = Git.around(folder);
    return git === null ? null : new Repository(git);
  }

  /**
   * Full name of the commit for a revision in git's syntax: `HEAD~3`, `main@{1 week ago}`, `:/a subject`; null if there
   * is none.
   */
  commit(revision: string): string | null {
    // No revision begins with a dash, and git before 2.30 has no end-of-options marker here.
    if (revision === '' || revision.startsWith('-') || revision.includes('\0')) return null;
    const object = this.#line('rev-parse', '--verify', '--quiet', '--end-of-options', revision)?.split('\n').at(-1);
    // The text after `:/` extends to the end, so peel the object to a commit in a second call.
    return object === undefined ? null : this.#line('rev-parse', '--verify', '--quiet', `${object}^{commit}`);
  }

  /** Null if the two commits have no common ancestor, or the clone doesn't reach it. */
  mergeBase(a: string, b: string): string | null {
    return this.#line('merge-base', a, b);
  }

  /** Whether the clone is shallow, without the older commits. */
  get isShallow(): boolean {
    return this.#line('rev-parse', '--is-shallow-repository') === 'true';
  }

  /** Number of commits reachable from HEAD. */
  get depth(): number {
    return Number(this.#line('rev-list', '--count', 'HEAD') ?? 0);
  }

  /** Short names of branches and tags. */
  get references(): readonly string[] {
    return this.#lines('for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/tags', 'refs/remotes');
  }

  summary(commit: string): CommitSummary {
    // The first line is `commit <name>`.
    const shown = this.#lines('rev-list', '--max-count=1', '--format=%H%x09%aI%x09%s', commit, '--')[1];
    const [sha = commit, date = '', ...subject] = (shown ?? commit).split('\t');
    return { sha, date, subject: subject.join('\t') };
  }

  /** Authors of these commits, without duplicates. */
  authors(commits: readonly string[]): readonly string[] {
    const input = commits.map((commit) => `${commit}\n`).join('');
    const { stdout } = this.#git.run(['rev-list', '--no-walk', '--stdin', '--format=%an'], { input });
    const lines = stdout.toString('utf8').split('\n');
    return [...new Set(lines.filter((line) => line !== '' && !/^commit [0-9a-f]+$/.test(line)))];
  }

  /**
   * Commits of `to` that are not in `from`, parents before children.
   * @param paths restricts to commits that change one of them; all commits if empty
   */
  commitsBetween(from: string | null, to: string, paths: readonly string[] = []): readonly string[] {
    const range = from === null ? [to] : [to, `^${from}`];
    const limits = paths.length > 0 ? ['--', ...paths.map((path) => `:(top,literal)${path}`)] : ['--'];
    return this.#lines('rev-list', '--topo-order', '--reverse', ...range, ...limits);
  }

  /** Like `commitsBetween`, along first parents, and only if `from` is on that line. */
  firstParents(from: string, to: string): readonly string[] {
    return this.#lines('rev-list', '--first-parent', '--reverse', to, `^${from}`, '--');
  }

  /** Returns whether `ancestor` is in the history of `commit`. */
  isAncestor(ancestor: string, commit: string): boolean {
    return this.#git.run(['merge-base', '--is-ancestor', ancestor, commit]).status === 0;
  }

  /**
   * All names that a file has had, newest first, along the history of `commit`.
   * @param path its name there
   */
  namesOf(path: string, commit: string): readonly string[] {
    const options = ['--stdin', '--root', '-r', '--name-only', '-z', '--follow', '--find-renames'];
    const text = this.#git
      .run(['diff-tree', ...options, '--no-ext-diff', '--no-textconv', '--', `:(top,literal)${path}`], {
        input: this.#git.text('rev-list', commit, '--') ?? '',
      })
      .stdout.toString('utf8');
    const names = [path];
    let [current, since] = [commit, commit];
    for (const entry of text.split('\0').map((each) => each.trim())) {
      if (/^[0-9a-f]{40,64}$/.test(entry)) {
        current = entry;
        continue;
      }
      if (entry === '') continue;
      if (entry !== names.at(-1)) {
        // Git also follows a copy to its original, which continued under its own name.
        if (this.objectAt(since, entry) !== null) break;
        names.push(entry);
      }
      since = current;
    }
    return [...new Set(names)];
  }

  /** Paths of all files of a commit. @throws MissingObjectError, UnsafeTreeError */
  paths(commit: string): readonly string[] {
    return this.entries(commit).flatMap(({ path, isLink }) => (isLink ? [] : [path]));
  }

  /** Files and symbolic links of a commit, without submodules. @throws MissingObjectError, UnsafeTreeError */
  entries(commit: string): readonly TreeEntry[] {
    return [...this.#tree(commit).values()];
  }

  /** Git's name of the file or folder at a path, for comparing commits; null if there is nothing. */
  objectAt(commit: string, path: string): string | null {
    return this.#line('rev-parse', '--verify', '--quiet', `${commit}:${path}`);
  }

  /**
   * Content of a file, following links as on disk; null if the commit has no such file.
   * @throws MissingObjectError, UnsafeTreeError
   */
  read(commit: string, path: string): Uint8Array | null {
    const entry = this.#behindLinks(commit, path);
    return entry === null ? null : this.content(entry, commit);
  }

  /** Links of a commit that resolve to a file of it. @throws MissingObjectError, UnsafeTreeError */
  linksTo(commit: string, path: string): readonly string[] {
    const links = this.entries(commit).filter((entry) => entry.isLink && extname(entry.path) === extname(path));
    return links.flatMap((link) => (this.#behindLinks(commit, link.path)?.path === path ? [link.path] : []));
  }

  /** Refuses links that leave the commit or lead to another kind of file, because messages quote what is read. */
  #behindLinks(commit: string, path: string): TreeEntry | null {
    const tree = this.#tree(commit);
    let entry = tree.get(path);
    for (let hops = 0; entry?.isLink === true; hops++) {
      const target = Buffer.from(this.content(entry, commit)).toString('utf8');
      const place = posix.join(posix.dirname(entry.path), target);
      if (hops === mostHops || posix.isAbsolute(target) || extname(place) !== extname(path)) return null;
      entry = tree.get(place);
    }
    return entry ?? null;
  }

  /** @throws MissingObjectError */
  content({ blob, path }: TreeEntry, commit: string): Uint8Array {
    const { status, stdout, stderr } = this.#git.run(['cat-file', 'blob', blob]);
    if (status !== 0) throw new MissingObjectError(path, commit, stderr.trim());
    return stdout;
  }

  /**
   * Contents of many files, a chunk of them in memory at a time.
   *
   * @throws MissingObjectError, LargeCommitError
   */
  *contents(entries: readonly TreeEntry[], commit: string): Iterable<readonly [TreeEntry, Uint8Array]> {
    for (const chunk of portionsOf(entries, this.#sizes(entries, commit), commit)) {
      const [only, ...others] = chunk;
      if (only !== undefined && others.length === 0) yield [only, this.content(only, commit)];
      else yield* this.#chunk(chunk, commit);
    }
  }

  /** Sizes in bytes. @throws MissingObjectError */
  #sizes(entries: readonly TreeEntry[], commit: string): readonly number[] {
    const input = entries.map(({ blob }) => `${blob}\n`).join('');
    const { status, stdout, stderr } = this.#git.run(['cat-file', '--batch-check=%(objectsize)'], { input });
    if (status !== 0) throw new MissingObjectError('the files', commit, stderr.trim());
    const lines = stdout.toString('utf8').split('\n');
    return entries.map(({ path }, i) => {
      const line = lines[i] ?? '';
      if (!/^\d+$/.test(line)) throw new MissingObjectError(path, commit, line.replace(/^[0-9a-f]+ /, ''));
      return Number(line);
    });
  }

  *#chunk(entries: readonly TreeEntry[], commit: string): Iterable<readonly [TreeEntry, Uint8Array]> {
    const input = entries.map(({ blob }) => `${blob}\n`).join('');
    const { stdout, stderr } = this.#git.run(['cat-file', '--batch=%(objecttype) %(objectsize)'], { input });
    let at = 0;
    for (const entry of entries) {
      const end = stdout.indexOf('\n', at);
      const size = /^blob (\d+)$/.exec(stdout.toString('latin1', at, Math.max(at, end)))?.[1];
      if (size === undefined) throw new MissingObjectError(entry.path, commit, stderr.trim() || 'it is not a file');
      at = end + 1 + Number(size);
      yield [entry, stdout.subarray(end + 1, at)];
      at += 1;
    }
  }

  /** Index entries that a sparse checkout leaves out of the working tree, by path. */
  get leftOut(): ReadonlyMap<string, string> {
    this.#leftOut ??= new Map(
      (this.#git.text('ls-files', '-z', '-t', '-s', '--full-name') ?? '').split('\0').flatMap((line) => {
        const [, blob = '', path = ''] = /^S \d{6} ([0-9a-f]+) 0\t(.*)$/s.exec(line) ?? [];
        return path === '' ? [] : [[path, blob] as const];
      }),
    );
    return this.#leftOut;
  }

  /** Content from the index of a file that a sparse checkout leaves out; null for any other. */
  readLeftOut(path: string): Uint8Array | null {
    const blob = this.leftOut.get(path);
    const { status, stdout } =
      blob === undefined ? { status: null, stdout: null } : this.#git.run(['cat-file', 'blob', blob]);
    return status === 0 ? stdout : null;
  }

  /** Tracked files, and untracked ones that are not ignored, with one of these endings. */
  workingPaths(endings: readonly string[]): readonly string[] {
    const patterns = endings.map((ending) => `:(top,glob)**/*${ending}`);
    const listed = ['ls-files', '-z', '--full-name', '--cached', '--others', '--exclude-standard', '--', ...patterns];
    return [...new Set((this.#git.text(...listed) ?? '').split('\0').filter((path) => path !== ''))];
  }

  #tree(commit: string): ReadonlyMap<string, TreeEntry> {
    const known = this.#trees.get(commit);
    if (known) return known;
    const { status, stdout, stderr } = this.#git.run(['ls-tree', '-r', '-z', '--full-tree', commit]);
    if (status !== 0) throw new MissingObjectError('the list of files', commit, stderr.trim());
    const tree = parseTree(stdout.toString('utf8'), commit);
    this.#trees.set(commit, tree);
    return tree;
  }

  #line(...args: readonly string[]): string | null {
    return this.#git.text(...args)?.trim() || null;
  }

  #lines(...args: readonly string[]): readonly string[] {
    return (this.#git.text(...args) ?? '').split('\n').filter((line) => line !== '');
  }
}

function* portionsOf(
  entries: readonly TreeEntry[],
  sizes: readonly number[],
  commit: string,
): Iterable<readonly TreeEntry[]> {
  let chunk: TreeEntry[] = [];
  let bytes = 0;
  let total = 0;
  for (const [i, entry] of entries.entries()) {
    const size = sizes[i] ?? 0;
    total += size;
    if (total > mostBytes) throw new LargeCommitError(commit);
    if (chunk.length > 0 && bytes + size > portionBytes) {
      yield chunk;
      [chunk, bytes] = [[], 0];
    }
    chunk.push(entry);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
