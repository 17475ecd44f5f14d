import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { compileDataset } from '../compiler/compile.js';
import { didYouMean } from '../compiler/diagnostics/suggest.js';
import type { DataNode } from '../compiler/ir/experiment.js';
import type { ArgumentValue, WordValue } from '../compiler/ir/value.js';
import type { ConditionSizes } from '../compiler/library/conditions-needed.js';
import { withDefaults } from '../compiler/library/defaults.js';
import { knownWord } from '../compiler/library/library.js';
import type { Parameters } from '../compiler/library/parameter.js';
import { readParams } from '../project/params.js';
import { UsageError } from '../project/usage-error.js';
import { keptClasses } from '../runtime/datasets/chosen-classes.js';
import type { ConditionRequest } from '../runtime/datasets/condition-column.js';
import { mostExamplesInMemory } from '../runtime/datasets/data-memory.js';
import type { Dataset } from '../runtime/datasets/dataset.js';
import { keptPrecision } from '../runtime/datasets/fit.js';
import { type LoadedData, loadData } from '../runtime/datasets/load.js';
import { paired } from '../runtime/datasets/paired-data.js';
import { dataPlaces } from '../runtime/datasets/places.js';
import type { Precision } from '../runtime/datasets/precision.js';
import { isPattern, matchingFiles } from '../runtime/datasets/shards.js';
import { type Examples, type SplitRequest, split } from '../runtime/datasets/split.js';
import { areDouble } from '../runtime/datasets/stored-rows.js';
import { classesOf, datasetRequest, loadExamples, partsOfWord } from '../trial/data.js';
import type { StoredTrial } from '../trial/load.js';
import { ExperimentError } from '../trial/prepare.js';
import { trainedOn } from '../trial/trained-on.js';
import type { Words } from '../words/word.js';

export const partNames = ['all', 'train', 'validation', 'test'] as const;
export type AppliedPart = (typeof partNames)[number];

export interface AppliedData {
  /** `faces.npy`, or `its own data (mnist)`. */
  readonly name: string;
  readonly dataset: Dataset;
  /** The data set of the rows' targets; null if none are known, or the model has none. */
  readonly target: Dataset | null;
  readonly part: AppliedPart;
  /** The rows in order: the training part, then a separate test part. */
  readonly chosen: readonly Examples[];
  /** Rows in all parts. */
  readonly available: number;
  /** A path with the name of the data set that was used instead; null if there is none. */
  readonly passedOver: string | null;
}

export interface AskedData {
  readonly given: string | null;
  /** What the model should give for these rows; null if it isn't said. Not with its own data. */
  readonly target: string | null;
  /** Null: the test part if there is one, else all rows. */
  readonly part: AppliedPart | null;
  /** The conditions of the rows that are needed, from the columns that the run took them from. */
  readonly needed: ConditionSizes;
}

/** Keeps all rows in one part, besides a separate test part. */
const undivided: SplitRequest = { take: null, validation: 0, test: null, shuffleSeed: null };

/**
 * Loads the data a user names: a file or folder relative to the current folder, or a data set of the language; by
 * default, the run's own data. The run's `take`, `validation` and `test` apply only to its own data.
 *
 * @param columns feature names of a table; null if the run has none
 * @throws DatasetError, UsageError; ExperimentError if the data set does not compile
 */
export async function loadApplied(
  { given, target, part, needed }: AskedData,
  stored: StoredTrial,
  columns: readonly string[] | null,
  library: Words,
): Promise<AppliedData> {
  if (given === null) {
    const { run, trial } = stored;
    const { compiled } = trial;
    const wanted = part ?? (compiled.ir.data.test > 0 ? 'test' : 'all');
    const { data: own, files } = await trial.loadData();
    const from = `its own data (${run.data})`;
    if (wanted !== 'all') return { ...choose(own, wanted, from), passedOver: null };
    const parts = { ...undivided, ...keptClasses(classesOf(compiled.ir.data.dataset)) };
    const [precision, targetPrecision] = [own.dataset, own.target].map((set) =>
      set !== null && areDouble(set.train.values) ? 'double' : 'single',
    );
    const whole = own.isWhole
      ? { ...own, parts }
      : await loadExamples({ ...compiled, library }, { files, parts, precision, targetPrecision, isStored: true });
    return { ...choose(whole, wanted, from), passedOver: null };
  }
  const word = wordOf(given, stored, stored.trial.compiled.ir.data.dataset, columns, needed, library);
  const parts = partsOfWord(word);
  // Generated data need no training examples for their test part.
  const isMade = knownWord(library, 'dataset', word.word).isMade === true && (part ?? 'test') === 'test';
  // Unnamed columns are read in the order of training, like an array's.
  const areUnnamed =
    word.arguments.header?.value === false && columns?.some((name, i) => name !== String(i + 1)) === true;
  const conditions = needed.columns > 0 || areUnnamed ? kindsOf(stored.trial.compiled.ir.data) : [];
  const asked = isMade ? { ...parts, take: 1, validation: 0 } : parts;
  const own: NamedSet = {
    word,
    columns: areUnnamed ? null : columns,
    conditions,
    precision: keptPrecision(stored.weights, 'data'),
  };
  const load = (set: NamedSet, divided: SplitRequest, precision = set.precision) =>
    loadData(
      datasetRequest(set.word, library, (path) => resolve(path), set.columns, set.conditions),
      divided,
      dataPlaces(process.env),
      { precision, mostInMemory: mostExamplesInMemory(process.env) },
    );
  const targets = target === null ? null : targetsNamed(target, stored, library);
  const read = targets === null ? await load(own, asked) : await paired(asked, load, { data: own, target: targets });
  const data = areUnnamed ? { ...read, dataset: { ...read.dataset, columns: null } } : read;
  const isNamesake = isWordAlone(given, library) && existsSync(given.trim());
  return { ...choose(data, part, given), passedOver: isNamesake ? given.trim() : null };
}

function kindsOf({ conditions }: DataNode): readonly ConditionRequest[] {
  return conditions.map(({ name, categories }) => ({ name, kind: categories === null ? 'number' : 'category' }));
}

/** A data set that a user names, and how it is read. */
interface NamedSet {
  readonly word: WordValue;
  /** Feature names of a table; null for those it has. */
  readonly columns: readonly string[] | null;
  readonly conditions: readonly ConditionRequest[];
  readonly precision: Precision | undefined;
}

/** @throws UsageError, as {@link loadApplied} */
function targetsNamed(given: string, stored: StoredTrial, library: Words): NamedSet {
  const { compiled, recipe } = stored.trial;
  const { target } = compiled.ir;
  if (target === null) {
    throw new UsageError(`${stored.run.id} has no target: what it should give is its input`, 'leave --target out');
  }
  const columns = trainedOn(recipe, compiled, target, library)?.contents?.columns ?? null;
  const word = wordOf(given, stored, target.dataset, columns, { classes: 0, columns: 0 }, library);
  return { word, columns, conditions: [], precision: keptPrecision(stored.weights, 'target') };
}

function choose(data: LoadedData, part: AppliedPart | null, name: string): Omit<AppliedData, 'passedOver'> {
  const { dataset, target, parts } = data;
  const whole = split(dataset, { ...undivided, ...keptClasses(parts) });
  const available = whole.train.indices.length + whole.test.indices.length;
  const own = split(dataset, parts);
  const wanted = part ?? (own.test.indices.length > 0 ? 'test' : 'all');
  const { trainOn: _, ...alike } = parts;
  const divided = wanted === 'all' && parts.trainOn !== undefined ? split(dataset, alike) : own;
  if (wanted !== 'all') {
    const { [wanted]: chosen } = divided;
    if (chosen.indices.length > 0) {
      return { name, dataset, target, part: wanted, chosen: withTargets([chosen], data), available };
    }
    throw new UsageError(`${name} has no ${wanted} part`, '--part all takes all of its rows');
  }
  const { train, validation, test } = divided;
  const isOneFile = dataset.test === null;
  const first = [train, validation, ...(isOneFile ? [test] : [])].flatMap(({ indices }) => [...indices]);
  const inFile = { part: train.part, indices: Uint32Array.from(first).sort() };
  const rows = withTargets(isOneFile ? [inFile] : [inFile, test], data);
  return { name, dataset, target, part: wanted, chosen: rows, available };
}

/** Rows with the targets that they have in loaded data; without any, the rows themselves. */
function withTargets(rows: readonly Examples[], data: LoadedData): readonly Examples[] {
  if (data.target === null) return rows;
  return rows.map(({ part, indices }) => {
    // Rows that are in no part are numbered alike in both sets, which then are whole.
    const places = Uint32Array.from({ length: part.count }, (_, i) => i);
    const parts = [data.train, data.measuredValidation, data.validation, data.test].filter((one) => one.part === part);
    for (const { indices: own, target } of parts) {
      own.forEach((index, i) => {
        places[index] = target?.indices[i] ?? 0;
      });
    }
    const targets = parts[0]?.target?.part;
    if (targets === undefined) throw new RangeError('the rows have no targets');
    return { part, indices, target: { part: targets, indices: indices.map((index) => places[index] ?? 0) } };
  });
}

/** Whether a text names a data set that needs no arguments: `mnist`, but not `images`, which needs a folder. */
function isWordAlone(given: string, library: Words): boolean {
  const word = library.find('dataset', given.trim());
  if (word === undefined) return false;
  const parameters: Parameters = word.parameters;
  return Object.values(parameters).every((parameter) => parameter.default !== undefined);
}

/**
 * @param own the data set of the run that it stands for
 * @throws UsageError for a text that is neither a file nor a data set
 */
function wordOf(
  given: string,
  stored: StoredTrial,
  own: WordValue,
  columns: readonly string[] | null,
  needed: ConditionSizes,
  library: Words,
): WordValue {
  if (!isWordAlone(given, library) && namesFiles(given)) return wordOfPath(given, own, columns, needed, library);
  const isWord = library.find('dataset', given.trim()) !== undefined;
  if (!isWord && !/^\s*[A-Za-z_]\w*\s*\(/.test(given)) {
    const names = library.names('dataset');
    const hint = didYouMean(given, names) ?? `name a file, a folder of images, or a data set: ${names.join(', ')}`;
    throw new UsageError(`there is no file '${given}', and no data set of that name`, hint);
  }
  const { assignments, data, diagnostics: misread } = readParams(stored.trial.recipe.params, given);
  if (data === null) throw new ExperimentError(misread);
  const { value, diagnostics } = compileDataset(data, stored.trial.compiled, { library, assignments });
  if (value === null) throw new ExperimentError(diagnostics);
  return value;
}

function namesFiles(path: string): boolean {
  return isPattern(path) ? matchingFiles(path).length > 0 : existsSync(path);
}

/** The data set that reads a file, a folder, or the files that a pattern names, with the run's own reading options. */
function wordOfPath(
  path: string,
  own: WordValue,
  columns: readonly string[] | null,
  { classes }: ConditionSizes,
  library: Words,
): WordValue {
  const word = formatOf(path, own.word, library);
  const definition = library.find('dataset', word);
  if (!definition) throw new RangeError(`no word reads a file of the format '${word}'`);
  const defaults = withDefaults(definition, library);
  const parameters: Parameters = definition.parameters;
  const [first = ''] = Object.keys(parameters);
  const args = Object.entries(defaults.arguments).map(([name, otherwise]): readonly [string, ArgumentValue] => {
    if (name === first) return [name, { value: path, origin: 'given' }];
    const isInherited =
      name === 'range' || (own.word === word && (describesReading(name, columns) || (classes > 0 && name === 'label')));
    const inherited = isInherited ? own.arguments[name] : undefined;
    return [name, inherited ?? otherwise];
  });
  return { ...defaults, arguments: Object.fromEntries(args) };
}

/**
 * Whether an argument controls how rows are read, rather than which. `missing=drop` is not among them: it would drop
 * rows.
 */
function describesReading(name: string, columns: readonly string[] | null): boolean {
  if (name === 'label' || name === 'drop') return columns === null;
  return !/^(test|take|validation|shuffle_seed|classes|train_on|labels|missing)/.test(name);
}

/** @throws UsageError if neither the file's name nor the run tells the format */
function formatOf(path: string, own: string, { byFamily }: Words): string {
  const formats = byFamily.dataset.flatMap(({ name, format }) => (format ? [{ word: name, format }] : []));
  const isFolder = !isPattern(path) && statSync(path).isDirectory();
  const name = basename(path).toLowerCase().replace(/\.gz$/, '');
  const known = formats.find(({ format }) => (isFolder ? format.areFolders : format.names.test(name)));
  if (known !== undefined) return known.word;
  if (formats.some(({ word }) => word === own)) return own;
  throw new UsageError(
    `the name '${path}' does not tell the format of the file`,
    `supported are .npy, .csv, .safetensors and idx files, pictures and folders of them; or name the format: 'npy("${path}")'`,
  );
}
