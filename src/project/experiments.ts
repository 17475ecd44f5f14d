import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { bindExperiment } from '../compiler/compile.js';
import { closest, someOf } from '../compiler/diagnostics/suggest.js';
import { splitReference } from '../compiler/resolve/resolve.js';
import { parse } from '../compiler/syntax/parse.js';
import type { Source } from '../compiler/syntax/source.js';
import { FileError } from '../files/read-file.js';
import { type Snapshot, workingSnapshot } from '../runtime/provenance/snapshot.js';
import { onlyMeant, shownFile } from './experiment-names.js';
import { otherFile } from './other-files.js';
import { shownPath } from './project.js';
import { UsageError } from './usage-error.js';
import { experimentFiles, onDisk, type Project, projectAround } from './versioned-project.js';
import { fileWorld, readSourceFile } from './world.js';

/** An `.ae` file that does not exist or cannot be read. */
export class UnreadableExperimentError extends Error {
  override readonly name = 'UnreadableExperimentError';

  constructor(
    path: string,
    problem: string,
    readonly hint: string,
  ) {
    super(`cannot read '${path}': ${problem}`);
  }
}

/** An experiment of a file; a null name means its first. */
export interface FoundExperiment {
  readonly source: Source;
  readonly experiment: string | null;
}

/** An experiment of the project, as it can be named. */
export interface ListedExperiment {
  readonly name: string;
  /** `experiments/sparse.ae`, with `:name` unless it is the first of its file. */
  readonly reference: string;
  /** Params that its own text declares. */
  readonly params: ReadonlySet<string>;
}

interface Candidate extends ListedExperiment {
  readonly source: Source;
}

/** Most files to read for a list, as the user waits for it on every key press. */
const mostListed = 200;

/** The experiments of the project around the current folder, except in files with errors. */
export function listExperiments(): readonly ListedExperiment[] {
  const { project, snapshot } = placesIn(null);
  return candidatesIn(experimentFiles(snapshot, project.prefix).first.slice(0, mostListed), project).experiments;
}

/** The experiments of a folder, and the files that do not compile. */
interface Candidates {
  readonly experiments: readonly Candidate[];
  readonly broken: readonly BrokenFile[];
}

interface BrokenFile {
  readonly path: string;
  readonly problem: string;
  readonly text: string;
}

const alwaysAxes: readonly string[] = ['seed', 'seeds', 'data'];

/** Project and snapshot to search for experiments. */
interface Places {
  readonly project: Project;
  readonly snapshot: Snapshot;
  /** For messages. */
  readonly title: string;
}

/** @param folder to search instead of the current folder's project */
function placesIn(folder: string | null): Places {
  if (folder !== null) {
    const root = resolve(folder);
    const project = { repository: null, root, prefix: '', isPersonal: false };
    return { project, snapshot: workingSnapshot(root, null), title: folder };
  }
  const project = projectAround(process.cwd());
  const own = join(project.root, project.prefix, 'experiments');
  return { project, snapshot: onDisk(project), title: shownPath(existsSync(own) ? own : dirname(own)) };
}

/**
 * Finds the experiment to sweep.
 * @param word as for {@link namedExperiment}; null for the only experiment that declares every axis itself
 * @param folder to search; the current folder's project by default
 * @throws UsageError that lists the candidates
 */
export function findExperiment(
  word: string | null,
  axes: readonly string[],
  folder: string | null = null,
): FoundExperiment {
  if (word !== null) return namedExperiment(word, folder);
  const wanted = axes.filter((axis) => !alwaysAxes.includes(axis));
  if (folder !== null && !existsSync(folder)) {
    throw new UsageError(
      `no experiment is named, and there is no folder '${folder}' to search`,
      'name its file first: aedsl sweep sparse.ae rho=0.01,0.05',
    );
  }
  const { project, snapshot, title } = placesIn(folder);
  const files = experimentFiles(snapshot, project.prefix);
  if (files.first.length === 0) {
    throw new UsageError(
      `no experiment is named, and there is no .ae file in '${title}'`,
      'name its file first: aedsl sweep sparse.ae rho=0.01,0.05',
    );
  }
  const { experiments: candidates, broken } = candidatesIn(files.first, project);
  if (wanted.length === 0) {
    throw new UsageError('no experiment is named', `name it first: ${listed(candidates)}`);
  }
  const isDeclaring = ({ params }: Candidate) => wanted.every((axis) => params.has(axis));
  const among = candidates.filter(isDeclaring);
  const declaring = among.length > 0 ? among : candidatesIn(files.others, project).experiments.filter(isDeclaring);
  const [only, ...others] = declaring;
  const all = wanted.map((axis) => `'${axis}'`).join(' and ');
  // A file with errors may be the one that is meant.
  const mayDeclare = ({ text }: BrokenFile) => wanted.every((axis) => new RegExp(`\\bparam\\s+${axis}\\b`).test(text));
  const hidden = broken.filter(mayDeclare);
  if (only && others.length === 0 && hidden.length === 0) return { source: only.source, experiment: only.name };
  if (only) {
    throw new UsageError(
      `several experiments have the param ${all}`,
      `name one of them first: ${listed(declaring)}${brokenFiles(hidden)}`,
    );
  }
  const known = [...new Set(candidates.flatMap(({ params }) => [...params]))];
  const misspelt = wanted.flatMap((axis) => (known.includes(axis) ? [] : (closest(axis, known) ?? [])));
  const own = candidates
    .filter(({ params }) => params.size > 0)
    .map(({ reference, params }) => `${reference} has ${someOf([...params], 8)}`);
  const hint =
    misspelt.length > 0
      ? `did you mean '${misspelt.join("', '")}'?`
      : own.length > 0
        ? someOf(own, 12, '; ')
        : `no experiment of '${title}' has a param`;
  throw new UsageError(`no experiment of '${title}' has the param ${all}`, `${hint}${brokenFiles(broken)}`);
}

/**
 * Finds an experiment by name; see `meantBy`.
 * @param folder to search; the current folder's project by default
 * @throws UsageError that lists the candidates, FileError, UnreadableExperimentError
 */
export function namedExperiment(word: string, folder: string | null = null): FoundExperiment {
  const [path, name] = isFile(word) ? [word, null] : splitReference(word);
  if (isFile(path)) return { source: readNamed(path), experiment: name };
  const { project, snapshot } = placesIn(folder);
  try {
    const { file, name: experiment } = onlyMeant(word, [snapshot], project);
    return { source: readNamed(shownFile(file, project)), experiment };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { first } = experimentFiles(snapshot, project.prefix);
    throw new UsageError(error.message, `${error.hint}${brokenFiles(candidatesIn(first, project).broken)}`);
  }
}

/** Returns the name of the experiment that a word names; null if there is none. */
export function nameOfExperiment(word: string): string | null {
  try {
    const { source, experiment } = namedExperiment(word);
    return experiment ?? parse(source).value?.experiments[0]?.name.name ?? null;
  } catch (error) {
    const isUnknown =
      error instanceof UsageError || error instanceof FileError || error instanceof UnreadableExperimentError;
    if (isUnknown) return null;
    throw error;
  }
}

/** @throws UnreadableExperimentError; UsageError for a file of another kind */
function readNamed(path: string): Source {
  const other = otherFile(path);
  if (other !== null) throw other;
  const source = readSourceFile(path);
  if ('problem' in source) throw new UnreadableExperimentError(path, source.problem, 'name an .ae file');
  return source;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function candidatesIn(files: readonly string[], project: Project): Candidates {
  const world = fileWorld();
  const experiments: Candidate[] = [];
  const broken: BrokenFile[] = [];
  for (const file of files) {
    const path = shownFile(file, project);
    const source = readSourceFile(path);
    if ('problem' in source) {
      broken.push({ path, problem: source.problem, text: '' });
      continue;
    }
    const parsed = parse(source);
    const wrong = parsed.diagnostics.find(({ severity }) => severity === 'error');
    if (wrong) broken.push({ path: source.path, problem: wrong.message, text: source.text });
    for (const [i, { name }] of (parsed.value?.experiments ?? []).entries()) {
      const bound = bindExperiment(source, name.name, world).value;
      const reference = i === 0 ? source.path : `${source.path}:${name.name}`;
      if (bound) experiments.push({ source, name: name.name, reference, params: bound.ownParams });
    }
  }
  return { experiments, broken };
}

/** Most broken files listed in a hint. */
const SHOWN_FILES = 3;

/** Completes a hint with the files that do not compile: the experiment may be in one of them. */
function brokenFiles(broken: readonly BrokenFile[]): string {
  if (broken.length === 0) return '';
  const more = broken.length > SHOWN_FILES ? `, and ${broken.length - SHOWN_FILES} more` : '';
  const shown = broken.slice(0, SHOWN_FILES).map(({ path, problem }) => `${path} (${problem})`);
  return `\n  skipped because of errors: ${shown.join(', ')}${more}`;
}

function listed(candidates: readonly Candidate[]): string {
  return someOf(candidates.map(({ reference }) => reference));
}
