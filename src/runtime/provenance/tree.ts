import { isSafeRelativePath } from '../../files/paths.js';

/** A file or a symbolic link of a commit. */
export interface TreeEntry {
  /** Git's name of its content; the content of a link is its target. */
  readonly blob: string;
  /** With `/` between its parts. Never leaves the folder that the tree is checked out to. */
  readonly path: string;
  readonly isExecutable: boolean;
  readonly isLink: boolean;
}

/** A commit contains file names that no checkout may create, since they would write elsewhere. */
export class UnsafeTreeError extends Error {
  override readonly name = 'UnsafeTreeError';
  readonly hint = 'git does not make such commits, so do not trust its source; nothing was written';

  constructor(commit: string, path: string, problem: string) {
    super(`the commit ${commit.slice(0, 7)} has an entry ${JSON.stringify(path)}: ${problem}`);
  }
}

/**
 * Parses the output of `ls-tree -r -z` into files and links by path. Leaves out submodules.
 *
 * @throws UnsafeTreeError
 */
export function parseTree(listing: string, commit: string): ReadonlyMap<string, TreeEntry> {
  const tree = new Map<string, TreeEntry>();
  for (const line of listing.split('\0')) {
    const [, mode = '', type = '', blob = '', path = ''] = /^(\d{6}) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    if (line === '') continue;
    const problem = problemOf(path) ?? (tree.has(path) ? 'it is there twice' : null);
    if (problem !== null) throw new UnsafeTreeError(commit, path, problem);
    if (type !== 'blob') continue;
    tree.set(path, { blob, path, isExecutable: mode === '100755', isLink: mode === '120000' });
  }
  refuseFilesAsFolders(tree, commit);
  return tree;
}

function problemOf(path: string): string | null {
  if (!isSafeRelativePath(path)) return 'it leads out of its folder';
  // Control characters in a name can drive a terminal, and a backslash is a separator on Windows.
  if (/[\p{Cc}\\]/u.test(path)) return 'it has a control character or a backslash';
  return path.split('/').some(isGitFolder) ? "it is git's own folder" : null;
}

/**
 * Returns whether a drive may take a name for `.git`: macOS ignores some characters; Windows ignores trailing ones and
 * has short names.
 */
function isGitFolder(name: string): boolean {
  const plain = name
    .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu, '')
    .replace(/:.*$/s, '')
    .replace(/[. ]+$/, '')
    .toLowerCase();
  return plain === '.git' || /^git~\d+$/.test(plain);
}

function refuseFilesAsFolders(tree: ReadonlyMap<string, TreeEntry>, commit: string): void {
  const folders = new Set<string>();
  for (const path of tree.keys()) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
      if (tree.has(folder)) throw new UnsafeTreeError(commit, path, `'${folder}' is a file or a link`);
    }
  }
}
