import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bindExperiment } from '../compiler/compile.js';
import { closest } from '../compiler/diagnostics/suggest.js';
import { splitReference } from '../compiler/resolve/resolve.js';
import { parse } from '../compiler/syntax/parse.js';
import type { Source } from '../compiler/syntax/source.js';
import { filesBelow } from '../files/folders.js';
import { UsageError } from './params.js';
import { fileWorld, readSourceFile } from './world.js';

/** A file of experiments that is not there or cannot be read. */
export class UnreadableExperimentError extends Error {
  override readonly name = 'UnreadableExperimentError';

  constructor(
    path: string,
    problem: string,
    /** What the person can do. */
    readonly hint: string,
  ) {
    super(`cannot read '${path}': ${problem}`);
  }
}

/** An experiment of a file; null for its first. */
export interface FoundExperiment {
  readonly source: Source;
  readonly experiment: string | null;
}

/** An experiment below the folder, as it can be named. */
interface Candidate {
  readonly source: Source;
  readonly name: string;
  /** `experiments/sparse.ae`, with `:name` unless it is the first of its file. */
  readonly reference: string;
  /** Params that its own text declares. */
  readonly params: ReadonlySet<string>;
}

/** What a folder has of experiments, and the files that the compiler refuses. */
interface Candidates {
  readonly experiments: readonly Candidate[];
  /** `experiments/sparse.ae (this '(' is never closed)` */
  readonly broken: readonly string[];
}

const alwaysAxes: readonly string[] = ['seed', 'seeds', 'data'];

/**
 * The experiment that a sweep is of.
 * @param word `sparse.ae`, `sparse.ae:wide`, or the name of an experiment below `folder`; null for the one experiment below
 * `folder` that declares every axis itself
 * @throws UsageError that lists what there is
 */
export function findExperiment(
  word: string | null,
  axes: readonly string[],
  folder: string = 'experiments',
): FoundExperiment {
  if (word !== null) return namedExperiment(word, folder);
  const wanted = axes.filter((axis) => !alwaysAxes.includes(axis));
  if (!existsSync(folder)) {
    throw new UsageError(
      `nothing says which experiment to sweep, and there is no folder '${folder}' here to look in`,
      'name its file first: aedsl sweep sparse.ae rho=0.01,0.05',
    );
  }
  const { experiments: candidates, broken } = candidatesIn(folder);
  if (wanted.length === 0) {
    throw new UsageError('nothing says which experiment to sweep', `name it first: ${listed(candidates)}`);
  }
  const declaring = candidates.filter(({ params }) => wanted.every((axis) => params.has(axis)));
  const [only, ...others] = declaring;
  const all = wanted.map((axis) => `'${axis}'`).join(' and ');
  if (only && others.length === 0) return { source: only.source, experiment: only.name };
  if (only) {
    throw new UsageError(`several experiments have the param ${all}`, `name one of them first: ${listed(declaring)}`);
  }
  const known = [...new Set(candidates.flatMap(({ params }) => [...params]))];
  const misspelt = wanted.flatMap((axis) => (known.includes(axis) ? [] : (closest(axis, known) ?? [])));
  const own = candidates
    .filter(({ params }) => params.size > 0)
    .map(({ reference, params }) => `${reference} has ${[...params].join(', ')}`);
  const hint =
    misspelt.length > 0
      ? `did you mean '${misspelt.join("', '")}'?`
      : own.length > 0
        ? own.join('; ')
        : `no experiment of '${folder}' has a param`;
  throw new UsageError(`no experiment of '${folder}' has the param ${all}`, `${hint}${brokenFiles(broken)}`);
}

/**
 * The experiment that a word names.
 * @param word `sparse.ae`, `sparse.ae:wide`, or the name of an experiment below `folder`
 * @throws UsageError that lists what there is, UnreadableExperimentError
 */
export function namedExperiment(word: string, folder: string = 'experiments'): FoundExperiment {
  const [path, name] = existsSync(word) ? [word, null] : splitReference(word);
  if (existsSync(path)) {
    const source = readSourceFile(path);
    if ('problem' in source) throw new UnreadableExperimentError(path, source.problem, 'name an .ae file');
    return { source, experiment: name };
  }
  const { experiments, broken } = existsSync(folder) ? candidatesIn(folder) : { experiments: [], broken: [] };
  const matching = experiments.filter((candidate) => candidate.name === word);
  const [only, ...others] = matching;
  if (only && others.length === 0) return { source: only.source, experiment: only.name };
  if (only) {
    throw new UsageError(`several files have an experiment '${word}'`, `name one of them: ${listed(matching)}`);
  }
  const meant = closest(
    word,
    experiments.flatMap(({ name: own, reference }) => [own, reference]),
  );
  const hint = `${suggestion(word, folder, meant, experiments)}${brokenFiles(broken)}`;
  if (/[/\\]|\.ae(:|$)/.test(word)) throw new UnreadableExperimentError(path, 'no such file or folder', hint);
  throw new UsageError(`there is no file and no experiment '${word}'`, hint);
}

function suggestion(word: string, folder: string, meant: string | null, experiments: readonly Candidate[]): string {
  const file = word.endsWith('.ae') ? word : `${word}.ae`;
  const near = [file, `${folder}/${file}`].find((path) => path !== word && existsSync(path));
  if (near !== undefined) return `did you mean '${near}'?`;
  if (meant !== null) return `did you mean '${meant}'?`;
  return experiments.length > 0
    ? `there are ${listed(experiments)}`
    : 'name an .ae file, or FILE:name for another experiment of it';
}

/** Every experiment below a folder, in the order of the files' names. */
function candidatesIn(folder: string): Candidates {
  const world = fileWorld();
  const experiments: Candidate[] = [];
  const broken: string[] = [];
  for (const file of filesBelow(folder, ['.ae'])) {
    const source = readSourceFile(join(folder, file));
    if ('problem' in source) {
      broken.push(`${join(folder, file)} (${source.problem})`);
      continue;
    }
    const parsed = parse(source);
    const wrong = parsed.diagnostics.find(({ severity }) => severity === 'error');
    if (wrong) broken.push(`${source.path} (${wrong.message})`);
    for (const [i, { name }] of (parsed.value?.experiments ?? []).entries()) {
      const bound = bindExperiment(source, name.name, world).value;
      const reference = i === 0 ? source.path : `${source.path}:${name.name}`;
      if (bound) experiments.push({ source, name: name.name, reference, params: bound.ownParams });
    }
  }
  return { experiments, broken };
}

/** The most files with errors that a hint names. */
const SHOWN_FILES = 3;

/** What a hint says beside its advice, since what is looked for may be in one of them. */
function brokenFiles(broken: readonly string[]): string {
  if (broken.length === 0) return '';
  const more = broken.length > SHOWN_FILES ? `, and ${broken.length - SHOWN_FILES} more` : '';
  return `\n  with errors, and so not looked into: ${broken.slice(0, SHOWN_FILES).join(', ')}${more}`;
}

function listed(candidates: readonly Candidate[]): string {
  return candidates.map(({ reference }) => reference).join(', ');
}
