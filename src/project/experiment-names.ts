import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { closest } from '../compiler/diagnostics/suggest.js';
import { splitReference } from '../compiler/resolve/resolve.js';
import { parse } from '../compiler/syntax/parse.js';
import { FileError } from '../files/read-file.js';
import type { Snapshot } from '../runtime/provenance/snapshot.js';
import { otherFile } from './other-files.js';
import { shownPath } from './project.js';
import { UsageError } from './usage-error.js';
import {
  type ExperimentPlace,
  experimentFiles,
  experimentsIn,
  experimentsOf,
  onDisk,
  type Project,
} from './versioned-project.js';

/** A file, or one of its experiments, named on the command line. */
export interface Meant {
  /** Relative to the project, with `/`. */
  readonly file: string;
  /** Null for the whole file. */
  readonly name: string | null;
}

/** Most names or files listed in a hint. */
const SHOWN = 12;

/**
 * Resolves a word that names experiments: the path of an `.ae` file (`FILE:name` for one of its experiments), an
 * experiment's name, a file name without its ending, or a folder. Experiments below `experiments/` and locked ones take
 * precedence over those of other files.
 *
 * @param snapshots to search; paths are relative to the current folder, or to the project
 * @returns several files only for a folder
 * @throws UsageError if nothing has the name, or several files do; FileError if a file does not exist
 */
export function meantBy(word: string, snapshots: readonly Snapshot[], project: Project): readonly Meant[] {
  const [path, name] = isFile(word) ? [word, null] : splitReference(word);
  const files = snapshots.map((snapshot) => experimentFiles(snapshot, project.prefix));
  const first = [...new Set(files.flatMap((each) => each.first))];
  const others = [...new Set(files.flatMap((each) => each.others))].filter((file) => !first.includes(file));
  const known = [...first, ...others];
  if (path.endsWith('.ae')) return [{ file: fileOf(path, known, project), name }];
  for (const some of [first, others]) {
    const found = word === path ? placesNamed(word, some, snapshots) : [];
    if (found.length > 0) return [only(word, found, project)];
    const stems = some.filter((file) => basename(file) === `${path}.ae`);
    const meant = stems.map((file) => ({ file, name }));
    if (meant.length > 0) return [only(word, meant, project)];
  }
  const withEnding = known.find((file) => file === placeFrom(`${path}.ae`, project, known));
  if (withEnding !== undefined) return [{ file: withEnding, name }];
  const folder = folderOf(word, known, project);
  const named = folder.filter((file) => !snapshots.every((snapshot) => onlyDefines(snapshot, file)));
  if (named.length > 0) return named.map((file) => ({ file, name: null }));
  throw unknownName(word, snapshots, known, project);
}

/** Whether a file has definitions for others, and no experiment; true of one that isn't there. */
function onlyDefines(snapshot: Snapshot, file: string): boolean {
  const bytes = snapshot.read(file);
  if (bytes === null) return true;
  const { value } = parse({ path: file, text: new TextDecoder().decode(bytes) });
  return value !== null && value.experiments.length === 0 && value.definitions.length > 0;
}

/** Resolves a word to one file or experiment. @throws as {@link meantBy}; UsageError for several */
export function onlyMeant(word: string, snapshots: readonly Snapshot[], project: Project): Meant {
  return only(word, meantBy(word, snapshots, project), project);
}

/** Resolves a word to one experiment. @throws as {@link onlyMeant} */
function chooseExperiment(word: string, snapshot: Snapshot, project: Project): ExperimentPlace {
  const { file, name } = onlyMeant(word, [snapshot], project);
  return experimentAt(file, name, snapshot, project);
}

/**
 * Resolves a word to one experiment of a commit.
 * @throws as {@link chooseExperiment}; a UsageError of its own if only the working tree has the experiment
 */
export function committedExperiment(word: string, snapshot: Snapshot, project: Project): ExperimentPlace {
  try {
    return chooseExperiment(word, snapshot, project);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof FileError)) throw error;
    throw uncommitted(word, snapshot, project) ?? error;
  }
}

/** The error for an experiment that the working tree has and a commit lacks; null for any other word. */
export function uncommitted(word: string, { title }: Snapshot, project: Project): UsageError | null {
  const place = onDiskAlone(word, project);
  if (place === null) return null;
  const file = shownFile(place.file, project);
  const isCommitted = (project.repository?.commitsBetween(null, 'HEAD', [place.file]).length ?? 0) > 0;
  return new UsageError(
    `'${place.name}' (${file}) is in ${isCommitted ? `other commits than ${title}` : 'no commit yet'}`,
    isCommitted ? `git log -- ${file} lists them` : `commit it with its lock file: git add ${file} ${file}.lock`,
  );
}

function onDiskAlone(word: string, project: Project): ExperimentPlace | null {
  try {
    return chooseExperiment(word, onDisk(project), project);
  } catch (error) {
    if (error instanceof UsageError || error instanceof FileError) return null;
    throw error;
  }
}

/** @param name null: the first experiment of the file @throws UsageError, FileError if it doesn't exist */
export function experimentAt(file: string, name: string | null, snapshot: Snapshot, project: Project): ExperimentPlace {
  const places = experimentsOf(snapshot, file);
  const found = name === null ? places[0] : places.find((place) => place.name === name);
  if (found) return found;
  if (snapshot.read(file) === null) throw missingFile(shownFile(file, project), [snapshot], [], project);
  const names = places.map((place) => place.name);
  const which = name === null ? 'no experiment' : `no experiment '${name}'`;
  throw new UsageError(
    `'${shownFile(file, project)}' has ${which}`,
    suggestion(name ?? '', names) ?? 'name another file',
  );
}

/** Makes a path relative to the project, whether or not the file exists. @throws UsageError for one outside */
function placeInProject(path: string, project: Project): string {
  const place = placeFromHere(path, project);
  if (!place.startsWith('../')) return place;
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  if (!isLink && !existsSync(path))
    throw new UsageError(`there is no file '${path}'`, `the project is ${project.root}`);
  const what = isLink && existsSync(path) ? `'${path}' is a link to ${realpathSync(path)}, which is` : `'${path}' is`;
  throw new UsageError(`${what} outside the project`, `the project is ${project.root}`);
}

/** Makes a project path relative to the current folder, for messages. */
export function shownFile(file: string, { root }: Pick<Project, 'root'>): string {
  return shownPath(join(root, file)).split(sep).join('/');
}

function placeFromHere(path: string, project: Project): string {
  const absolute = existsSync(path) ? realpathSync(path) : resolve(realpathSync('.'), path);
  return relative(project.root, absolute).split(sep).join('/');
}

/** Tries the current folder first, then the project. */
function placeFrom(path: string, project: Project, known: readonly string[]): string {
  const here = placeFromHere(path, project);
  const inProject = `${project.prefix}${path}`;
  return !existsSync(path) && !known.includes(here) && known.includes(inProject) ? inProject : here;
}

function fileOf(path: string, known: readonly string[], project: Project): string {
  const place = placeFrom(path, project, known);
  return known.includes(place) ? place : placeInProject(path, project);
}

function folderOf(word: string, known: readonly string[], project: Project): readonly string[] {
  const place = placeFromHere(word, project).replace(/\/+$/, '');
  if (place.startsWith('..')) return [];
  const below = (folder: string) => known.filter((file) => folder === '' || file.startsWith(`${folder}/`));
  const here = below(place);
  return here.length > 0 ? here : below(`${project.prefix}${word.replace(/\/+$/, '')}`);
}

function placesNamed(name: string, files: readonly string[], snapshots: readonly Snapshot[]): readonly Meant[] {
  return files
    .filter((file) => snapshots.some((snapshot) => experimentsOf(snapshot, file).some((place) => place.name === name)))
    .map((file) => ({ file, name }));
}

/** @throws UsageError for several */
function only(word: string, meant: readonly Meant[], project: Project): Meant {
  const here = meant.find(({ file }) => file === placeFromHere(`${splitReference(word)[0]}.ae`, project));
  const [first, ...others] = here === undefined ? meant : [here];
  if (first === undefined) throw new RangeError(`'${word}' means nothing`);
  if (others.length === 0) return first;
  const shown = meant.map(({ file, name }) => `${shownFile(file, project)}${name === null ? '' : `:${name}`}`);
  const what = first.name === null ? `'${word}' has several files` : `several files have an experiment '${word}'`;
  throw new UsageError(what, `name one of them: ${listed(shown)}`);
}

function unknownName(
  word: string,
  snapshots: readonly Snapshot[],
  known: readonly string[],
  project: Project,
): UsageError | FileError {
  const other = otherFile(word);
  if (other !== null) return other;
  if (/[/\\]|\.ae(:|$)/.test(word)) return missingFile(word, snapshots, known, project);
  return new UsageError(`there is no file and no experiment '${word}'`, hintFor(word, snapshots, known, project));
}

function missingFile(
  word: string,
  snapshots: readonly Snapshot[],
  known: readonly string[],
  project: Project,
): FileError {
  const [path] = splitReference(word);
  return new FileError('not_found', path, 'no such file or folder', hintFor(word, snapshots, known, project));
}

/** `did you mean 'sparse'?`, or a list of what exists. */
function hintFor(word: string, snapshots: readonly Snapshot[], known: readonly string[], project: Project): string {
  const places = snapshots.flatMap((snapshot) => experimentsIn(snapshot, project.prefix));
  const names = places.map(({ name }) => name);
  const paths = known.map((file) => shownFile(file, project));
  const sameName = paths.find((path) => basename(path) === basename(splitReference(word)[0]));
  const meant = sameName ?? closest(word, [...new Set([...names, ...paths])]);
  if (meant !== null) return `did you mean '${meant}'?`;
  const references = places.map(({ file, name }) => {
    const isFirst = places.find((place) => place.file === file)?.name === name;
    return `${shownFile(file, project)}${isFirst ? '' : `:${name}`}`;
  });
  if (references.length > 0) return `there are ${listed([...new Set(references)])}`;
  return 'name an .ae file, or FILE:name for another experiment of it';
}

function suggestion(word: string, candidates: readonly string[]): string | null {
  const meant = closest(word, candidates);
  if (meant !== null) return `did you mean '${meant}'?`;
  return candidates.length > 0 ? `there are ${listed(candidates)}` : null;
}

function listed(words: readonly string[]): string {
  return words.length <= SHOWN ? words.join(', ') : `${words.slice(0, SHOWN).join(', ')}, … (${words.length})`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
