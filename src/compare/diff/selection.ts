import { existsSync } from 'node:fs';
import { didYouMean } from '../../compiler/diagnostics/suggest.js';
import { splitReference } from '../../compiler/resolve/resolve.js';
import { FileError } from '../../files/read-file.js';
import { meantBy, uncommitted } from '../../project/experiment-names.js';
import { UsageError } from '../../project/usage-error.js';
import {
  type ExperimentPlace,
  experimentsIn,
  experimentsOf,
  onDisk,
  type Project,
} from '../../project/versioned-project.js';
import { Git } from '../../runtime/provenance/git.js';
import type { Repository } from '../../runtime/provenance/repository.js';
import { commitSnapshot, type Snapshot } from '../../runtime/provenance/snapshot.js';

export type Selection =
  | { readonly kind: 'revisions'; readonly old: Snapshot; readonly new: Snapshot; readonly only: readonly Wanted[] }
  | { readonly kind: 'runs'; readonly old: string; readonly new: string }
  | { readonly kind: 'sweeps'; readonly old: string; readonly new: string };

/** Experiments by a name, a file, or both. */
export interface Wanted {
  readonly word: string;
  readonly file: string | null;
  readonly name: string | null;
}

/**
 * Parses the arguments of `aedsl diff`: git revisions (`main`, `HEAD~3`, `a..b`), two runs or two sweeps, and
 * experiments. An ambiguous word is a revision first; `FILE.ae` is always an experiment.
 * @throws UsageError for a word that is none of these
 */
export function readSelection(words: readonly string[], project: Project): Selection {
  const { repository } = project;
  const things = thingsOf(words, repository);
  if (things) return things;
  const revisions: { readonly title: string; readonly commit: string }[] = [];
  const only: string[] = [];
  for (const word of words) {
    if (isFile(word)) {
      only.push(word);
      continue;
    }
    const range = only.length === 0 ? rangeOf(word, repository) : null;
    if (range && revisions.length === 0) {
      for (const revision of range) revisions.push(revision);
      continue;
    }
    const commit = only.length === 0 && revisions.length < 2 ? (repository?.commit(word) ?? null) : null;
    if (commit !== null) revisions.push({ title: word, commit });
    else only.push(word);
  }
  const [first, second] = revisions;
  if (!repository) throw withoutGit(project.root);
  const start = first ?? headOf(repository, words);
  const old = commitSnapshot(repository, start.commit, start.title);
  const now = second ? commitSnapshot(repository, second.commit, second.title) : onDisk(project);
  const wanted = only.flatMap((word) => wantedOf(word, [old, now], project));
  return { kind: 'revisions', old, new: now, only: wanted };
}

/** Whether an experiment is selected; all are if none is named. */
export function isWanted({ file, name }: ExperimentPlace, only: readonly Wanted[]): boolean {
  return only.length === 0 || only.some((wanted) => (wanted.file ?? file) === file && (wanted.name ?? name) === name);
}

function thingsOf(words: readonly string[], repository: Repository | null): Selection | null {
  const [old, now] = words;
  if (old === undefined || now === undefined || words.length !== 2) return null;
  if (words.some((word) => repository?.commit(word))) return null;
  if (words.every((word) => /^(r[1-9]\d*|last)$/.test(word))) return { kind: 'runs', old, new: now };
  if (words.every((word) => /^s[1-9]\d*$/.test(word))) return { kind: 'sweeps', old, new: now };
  return null;
}

function isFile(word: string): boolean {
  if (word.startsWith(':')) return false;
  const [path] = existsSync(word) ? [word] : splitReference(word);
  return path.endsWith('.ae');
}

/** @throws UsageError for an experiment that neither side has, FileError for a missing path */
function wantedOf(word: string, sides: readonly [Snapshot, Snapshot], project: Project): readonly Wanted[] {
  const places = sides.flatMap((snapshot) => experimentsIn(snapshot, project.prefix));
  // Several files may have it: each is compared with its old version.
  if (!isFile(word) && places.some(({ name }) => name === word)) return [{ word, file: null, name: word }];
  try {
    const meant = meantBy(word, sides, project);
    return meant.map(({ file, name }) => {
      refuseUnknown({ word, file, name }, sides);
      return { word, file, name };
    });
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof FileError)) throw error;
    const [, now] = sides;
    const onDiskAlone = now.commit === null ? null : uncommitted(word, now, project);
    if (onDiskAlone !== null) throw onDiskAlone;
    if (!(error instanceof UsageError) || isFile(word)) throw error;
    // A word that cannot be an experiment's name was meant as a revision.
    if (project.repository && !/^[A-Za-z_]\w*$/.test(word)) throw unknownRevision(word, project.repository);
    const hint = didYouMean(word, project.repository?.references ?? []) ?? error.hint;
    throw new UsageError(`there is no revision, run or experiment '${word}'`, hint);
  }
}

/** `a..b`, `a...b` (from their merge base); an omitted end is HEAD. */
function rangeOf(word: string, repository: Repository | null) {
  const match = /^(.*?)(\.{2,3})(.*)$/.exec(word);
  if (!match || !repository) return null;
  const [, from = '', dots = '', to = ''] = match;
  const named = (text: string) => {
    const title = text === '' ? 'HEAD' : text;
    const commit = repository.commit(title);
    if (commit === null) throw unknownRevision(title, repository);
    return { title, commit };
  };
  const ends = [named(from), named(to)] as const;
  if (dots === '..') return ends;
  const base = repository.mergeBase(ends[0].commit, ends[1].commit);
  if (base === null) {
    const hint = repository.isShallow ? shallowHint : 'compare them with two dots';
    throw new UsageError(`${ends[0].title} and ${ends[1].title} have no common ancestor here`, hint);
  }
  return [{ title: `${ends[0].title}...`, commit: base }, ends[1]] as const;
}

function headOf(repository: Repository, words: readonly string[]) {
  const commit = repository.commit('HEAD');
  if (commit !== null) return { title: 'HEAD', commit };
  const [word] = words;
  if (word !== undefined) throw unknownRevision(word, repository);
  throw new UsageError('there is no commit yet to compare with', 'commit the experiments first');
}

const shallowHint = 'this clone is shallow, its history is cut off: git fetch --unshallow';

/** The error for an unknown revision. */
export function unknownRevision(word: string, repository: Repository): UsageError {
  if (word === 'HEAD') return new UsageError('there is no commit yet', 'commit the experiments and their lock files');
  if (repository.isShallow) {
    const depth = repository.depth === 1 ? '1 commit' : `${repository.depth} commits`;
    return new UsageError(`there is no revision '${word}' in this clone of ${depth}`, shallowHint);
  }
  const hint = didYouMean(word, repository.references) ?? 'write it as git does: main, HEAD~3, v1.0, a1b2c3d';
  return new UsageError(`there is no revision '${word}'`, hint);
}

/** The error for a folder without the repository that is needed. */
export function withoutGit(folder: string): UsageError {
  const refusal = Git.refusal(folder);
  if (refusal !== null) return new UsageError(`git does not open this repository: ${refusal}`, 'only if you trust it');
  return new UsageError(
    'this folder is not in a git repository (or git is not installed), so there are no revisions to compare',
    'compare runs instead: aedsl diff r1 r2; `aedsl ls` lists them',
  );
}

function refuseUnknown({ word, file, name }: Wanted, sides: readonly [Snapshot, Snapshot]): void {
  const [old, now] = sides;
  if (file === null || sides.some((snapshot) => snapshot.read(file) !== null)) {
    const names = new Set(sides.flatMap((snapshot) => experimentsOf(snapshot, file ?? '').map((place) => place.name)));
    if (name === null || names.size === 0 || names.has(name)) return;
    throw new UsageError(`neither ${old.title} nor ${now.title} has '${word}'`, `there are ${[...names].join(', ')}`);
  }
  throw new UsageError(`neither ${old.title} nor ${now.title} has '${word}'`, 'check the path');
}
