import { extname, posix } from 'node:path';
import { byteText } from '../../files/read-file.js';
import { Git } from './git.js';
import { parseTree, type TreeEntry } from './tree.js';

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

/** A commit of a few small objects can stand for any number of files. */
export class LargeCommitError extends Error {
  override readonly name = 'LargeCommitError';
  readonly hint = 'keep large data out of the repository, in the data folder AEDSL_DATA';

  constructor(commit: string) {
    super(`the files of ${commit.slice(0, 7)} have more than ${byteText(mostBytes)}, the limit for laying them out`);
  }
}

const mostBytes = 16 * 1024 ** 3;
const portionBytes = 64 * 1024 ** 2;
/** Links that lead to links. */
const mostHops = 8;

/**
 * What a git repository remembers. It is only read: nothing here touches the working tree, the index, a reference or the
 * stash, runs a program that the repository names, or goes to the network.
 */
export class Repository {
  /** The top folder of the working tree. */
  readonly root: string;
  readonly #git: Git;
  #leftOut: ReadonlyMap<string, string> | null = null;
  readonly #trees = new Map<string, ReadonlyMap<string, TreeEntry>>();

  private constructor(git: Git) {
    this.root = git.root;
    this.#git = git;
  }

  /** The repository around a folder; null outside of one, in a bare one, and where git is missing. */
  static around(folder: string): Repository | null {
    const git = Git.around(folder);
    return git === null ? null : new Repository(git);
  }

  /**
   * The full name of the commit that a revision means, as git writes them: `HEAD~3`, `main@{1 week ago}`, `:/a subject`; null when
   * there is none.
   */
  commit(revision: string): string | null {
    // No revision begins with a dash, and git before 2.30 knows no end of the options here.
    if (revision === '' || revision.startsWith('-') || revision.includes('\0')) return null;
    const object = this.#line('rev-parse', '--verify', '--quiet', '--end-of-options', revision)?.split('\n').at(-1);
    // The text after `:/` goes on to its end, so that what the object is of is asked apart.
    return object === undefined ? null : this.#line('rev-parse', '--verify', '--quiet', `${object}^{commit}`);
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
    // The first line is `commit <name>`.
    const shown = this.#lines('rev-list', '--max-count=1', '--format=%H%x09%aI%x09%s', commit, '--')[1];
    const [sha = commit, date = '', ...subject] = (shown ?? commit).split('\t');
    return { sha, date, subject: subject.join('\t') };
  }

  /** Who wrote these commits, each name once. */
  authors(commits: readonly string[]): readonly string[] {
    const input = commits.map((commit) => `${commit}\n`).join('');
    const { stdout } = this.#git.run(['rev-list', '--no-walk', '--stdin', '--format=%an'], { input });
    const lines = stdout.toString('utf8').split('\n');
    return [...new Set(lines.filter((line) => line !== '' && !/^commit [0-9a-f]+$/.test(line)))];
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
    return this.#git.run(['merge-base', '--is-ancestor', ancestor, commit]).status === 0;
  }

  /**
   * Every name that a file has had, newest first, along the history of `commit`.
   * @param path as it is named there
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
        // Git follows a copy to what it was made from as well, which went on under its own name.
        if (this.objectAt(since, entry) !== null) break;
        names.push(entry);
      }
      since = current;
    }
    return [...new Set(names)];
  }

  /** The paths of all files of a commit. @throws MissingObjectError, UnsafeTreeError */
  paths(commit: string): readonly string[] {
    return this.entries(commit).flatMap(({ path, isLink }) => (isLink ? [] : [path]));
  }

  /** Files and symbolic links of a commit; submodules are left out. @throws MissingObjectError, UnsafeTreeError */
  entries(commit: string): readonly TreeEntry[] {
    return [...this.#tree(commit).values()];
  }

  /** Names what is at a path, file or folder, so that two commits can be compared; null where there is nothing. */
  objectAt(commit: string, path: string): string | null {
    return this.#line('rev-parse', '--verify', '--quiet', `${commit}:${path}`);
  }

  /**
   * A file's content, through links as on disk; null where the commit has no such file.
   * @throws MissingObjectError, UnsafeTreeError
   */
  read(commit: string, path: string): Uint8Array | null {
    const entry = this.#behindLinks(commit, path);
    return entry === null ? null : this.content(entry, commit);
  }

  /** Links of a commit that mean a file of it. @throws MissingObjectError, UnsafeTreeError */
  linksTo(commit: string, path: string): readonly string[] {
    const links = this.entries(commit).filter((entry) => entry.isLink && extname(entry.path) === extname(path));
    return links.flatMap((link) => (this.#behindLinks(commit, link.path)?.path === path ? [link.path] : []));
  }

  /** Not out of the commit, nor to another kind of file: messages quote what is read. */
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
   * The contents of many files, a portion of them in memory at a time.
   *
   * @throws MissingObjectError, LargeCommitError
   */
  *contents(entries: readonly TreeEntry[], commit: string): Iterable<readonly [TreeEntry, Uint8Array]> {
    for (const portion of portionsOf(entries, this.#sizes(entries, commit), commit)) {
      const [only, ...others] = portion;
      if (only !== undefined && others.length === 0) yield [only, this.content(only, commit)];
      else yield* this.#portion(portion, commit);
    }
  }

  /** Of several files in bytes. @throws MissingObjectError */
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

  *#portion(entries: readonly TreeEntry[], commit: string): Iterable<readonly [TreeEntry, Uint8Array]> {
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

  /** Files of the index that a sparse checkout leaves out of the working tree, by their paths. */
  get leftOut(): ReadonlyMap<string, string> {
    this.#leftOut ??= new Map(
      (this.#git.text('ls-files', '-z', '-t', '-s', '--full-name') ?? '').split('\0').flatMap((line) => {
        const [, blob = '', path = ''] = /^S \d{6} ([0-9a-f]+) 0\t(.*)$/s.exec(line) ?? [];
        return path === '' ? [] : [[path, blob] as const];
      }),
    );
    return this.#leftOut;
  }

  /** A file that a sparse checkout leaves out, as the index has it; null for any other. */
  readLeftOut(path: string): Uint8Array | null {
    const blob = this.leftOut.get(path);
    const { status, stdout } =
      blob === undefined ? { status: null, stdout: null } : this.#git.run(['cat-file', 'blob', blob]);
    return status === 0 ? stdout : null;
  }

  /** Tracked files and new ones that are not ignored, which have one of these endings. */
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
  let portion: TreeEntry[] = [];
  let bytes = 0;
  let total = 0;
  for (const [i, entry] of entries.entries()) {
    const size = sizes[i] ?? 0;
    total += size;
    if (total > mostBytes) throw new LargeCommitError(commit);
    if (portion.length > 0 && bytes + size > portionBytes) {
      yield portion;
      [portion, bytes] = [[], 0];
    }
    portion.push(entry);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}
