import { didYouMean, someOf } from '../compiler/diagnostics/suggest.js';
import type { DataNode, ExperimentIr } from '../compiler/ir/experiment.js';
import { codeReference, wantedOf } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import type { LayerReference, WordValue } from '../compiler/ir/value.js';
import { type ConditionSizes, conditionsNeeded } from '../compiler/library/conditions-needed.js';
import type { FileDescription } from '../compiler/library/data-file.js';
import { knownWord, wordOfUse } from '../compiler/library/library.js';
import { UsageError } from '../project/usage-error.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { batchMaker } from '../runtime/datasets/batch.js';
import { labelsAt } from '../runtime/datasets/class-labels.js';
import { keptPrecision } from '../runtime/datasets/fit.js';
import type { Examples as ChosenExamples } from '../runtime/datasets/split.js';
import { areDouble } from '../runtime/datasets/stored-rows.js';
import { isPixelTransform } from '../runtime/datasets/transform.js';
import { backendStream } from '../runtime/training/backend-stream.js';
import { transformOf } from '../runtime/training/data-words.js';
import type { Conditions } from '../runtime/training/examples.js';
import { examplesOf } from '../runtime/training/examples-of-data.js';
import { scheduleEnd } from '../runtime/training/stage-settings.js';
import { groupedText } from '../text/number-text.js';
import { LoadError, loadStored, type StoredTrial } from '../trial/load.js';
import { Model, matrixOf, type Values } from '../trial/model.js';
import { trainedClassNames, trainedOn } from '../trial/trained-on.js';
import type { ScoreName } from '../words/evaluation/anomaly.js';
import type { Words } from '../words/word.js';
import { builtinWords } from '../words/words.js';
import { type AppliedData, type AppliedPart, loadApplied } from './applied-data.js';
import { notesOn, requireShape } from './applied-fit.js';
import { type ScoredRow, scoredRows } from './applied-scores.js';

export interface ApplyOptions {
  /** The words the run was trained with; the package's by default. */
  readonly library?: Words;
  readonly store: string;
  /** `faces.npy`, a folder, `mnist`, `npy("faces.npy")`; null for the run's own data. */
  readonly data?: string | null;
  /** What it should give for the rows of `data`, named likewise; null if only its outputs are wanted. */
  readonly target?: string | null;
  /** Folder to search for its own data, besides their recorded place. */
  readonly dataFolder?: string | null;
  /** Null: the test part if the data have one, else all rows. */
  readonly part?: AppliedPart | null;
  /** `code`, `reconstruction`, `variance`, `error`, `scaled_error`, `score`, or a layer's label. */
  readonly output: string;
  /** What a `score` is: as for the measure `anomaly`; `distance` if it is left out. */
  readonly score?: ScoreName;
  readonly backend: BackendName | 'auto';
}

/** float64 where float32 would lose too much: reconstructions of data stored in float64. */
export interface AppliedValues extends Omit<Values, 'values'> {
  readonly values: Float32Array | Float64Array;
}

/** A model's outputs for some rows, with what to tell the user about them. */
export interface Applied extends AppliedValues {
  readonly run: string;
  /** The rows in words: `all 80 rows of flowers.csv`. */
  readonly rows: string;
  /** The values' unit, in words. */
  readonly unit: string;
  /** A name for each value of a row. */
  readonly columns: readonly string[];
  /** For the output `score`, the rows in their order; null for all others. */
  readonly scored: readonly ScoredRow[] | null;
  /** Warnings about the data, a sentence each. */
  readonly notes: readonly string[];
}

/** Rows per pass. */
const chunk = 1000;

/**
 * Applies a trained model to any data, after the experiment's crops and transforms but without its corruption.
 * Transforms use the statistics of the original training part; none are taken from these data.
 *
 * `reconstruction` and `error` are in raw units: those of the file, where a byte is byte / 255. `error` is the mean
 * squared error of a row, (1/n) Σ (x − x̂)²; `scaled_error` is the same in the network's units, so that all columns of
 * a standardised table count alike. `variance` is that of each value of the reconstruction, where the decoder gives one.
 *
 * @throws StoreError, UsageError, ExperimentError, DatasetError, Stale; LoadError for rows of another shape
 */
export async function apply(id: string, options: ApplyOptions): Promise<Applied> {
  const { backend, dataFolder = null } = options;
  const stored = await loadStored(id, options.store, { backend, dataFolder, library: options.library ?? builtinWords });
  const { run, trial } = stored;
  const { compiled, recipe, library } = trial;
  const { ir } = compiled;
  const layer = isWhole(options.output) ? null : layerNamed(options.output, ir, library);
  const trained = trainedOn(recipe, compiled, ir.data, library);
  const wanted = ir.target === null ? trained : trainedOn(recipe, compiled, ir.target, library);
  const columns = trained?.contents?.columns ?? null;
  const needed = neededFor(layer, ir, library);
  const asked = { given: options.data ?? null, target: options.target ?? null, part: options.part ?? null, needed };
  const data = await loadApplied(asked, stored, columns, library);
  requireShape(run.id, data, ir.data, library);
  if (ir.target !== null) requireTargets(run.id, options.output, data, ir.target, library);
  const numbering =
    needed.classes > 0
      ? classesOfRows(run.id, options.output, needed.classes, data, {
          names: trainedClassNames(trained, ir.data, library),
          // The numbers of a published set's classes are as well known as their names.
          byNumber: library.find('dataset', ir.data.dataset.word)?.published !== undefined,
        })
      : null;
  if (needed.columns > 0) requireColumns(run.id, options.output, data, ir.data);
  const notes = notesOn(run.id, data, trained, ir.data, library);
  await trial.chooseBackend();
  const model = new Model(ir, stored.weights, library);
  try {
    if (options.output === 'variance' && !model.givesVariance) {
      const heads = library.byFamily.layer.filter(({ logVariance }) => logVariance !== undefined);
      throw new UsageError(
        `the decoder of ${run.id} gives no variance`,
        `one that does ends in ${heads.map(({ name }) => name).join(' or ')}`,
      );
    }
    const told = { run: run.id, rows: rowsText(data), notes };
    if (options.output === 'score') {
      const score = options.score ?? 'distance';
      const scored = [
        ...allScored(score, model, stored, data, { columns: wanted?.contents?.columns ?? null, numbering }),
      ];
      const values = Float64Array.from(scored, (row) => row.score);
      const unit = `${scoreUnits[score]}, in the network's units after the transforms`;
      return { ...told, shape: [], count: scored.length, values, unit, columns: ['score'], scored };
    }
    const outputs = data.chosen.flatMap((chosen) => [
      ...outputsOf(options.output, layer, model, stored, data, chosen, numbering),
    ]);
    const values = joined(outputs);
    const isOfColumns = options.output === 'reconstruction' || options.output === 'variance';
    const own = isOfColumns ? (wanted?.contents?.columns ?? null) : null;
    return {
      ...values,
      ...told,
      unit: unitOf(options.output, ir, wanted, library),
      columns: own ?? columnNames(options.output, elementCount(values.shape)),
      scored: null,
    };
  } finally {
    model.dispose();
  }
}

/** @throws LoadError for an output that needs targets, without any or with such as the model has none of */
function requireTargets(
  run: string,
  output: string,
  { target, name }: AppliedData,
  trained: DataNode,
  library: Words,
): void {
  if (output === 'reconstruction' || !isWhole(output)) return;
  if (target === null) {
    throw new LoadError(
      `'${output}' compares what ${run} gives with a target, and none is given for ${name}`,
      'name it: --target targets.npy',
    );
  }
  requireShape(run, { dataset: target, name: `the target of ${name}` }, trained, library);
}

const scoreUnits: Readonly<Record<ScoreName, string>> = {
  distance: 'Euclidean distance of row and reconstruction',
  mse: 'mean squared difference of row and reconstruction',
  mae: 'mean absolute difference of row and reconstruction',
  max: 'largest difference of a value',
};

function* allScored(
  score: ScoreName,
  model: Model,
  stored: StoredTrial,
  { dataset, target, chosen: parts }: AppliedData,
  { columns, numbering }: { readonly columns: readonly string[] | null; readonly numbering: Numbering | null },
): Generator<ScoredRow> {
  let before = 0;
  for (const chosen of parts) {
    for (const { first, count, seen, uncut, given } of batchesOf(
      model,
      stored,
      { dataset, target },
      chosen,
      numbering,
    )) {
      const rebuilt = matrixOf(model.reconstructScaled(seen, given));
      const examples = { seen: { ...rebuilt, values: uncut }, rebuilt };
      const rows = { part: chosen.part, indices: chosen.indices.subarray(first, first + count) };
      yield* scoredRows(examples, rows, before + first, { score, columns, dataset, shape: (target ?? dataset).shape });
    }
    before += chosen.indices.length;
  }
}

/** Consecutive rows as the network sees them. */
interface SeenRows {
  readonly first: number;
  readonly count: number;
  readonly seen: Float32Array;
  /** What the model should give: the same, or their targets. */
  readonly wanted: Float32Array;
  /** That without what a transform cuts off. */
  readonly uncut: Float32Array;
  /** With classes as the model numbers them, or null if these aren't needed. */
  readonly given: Conditions;
}

function* batchesOf(
  { experiment }: Model,
  { run, weights, trial: { library } }: StoredTrial,
  { dataset, target: targets }: Pick<AppliedData, 'dataset' | 'target'>,
  chosen: ChosenExamples,
  numbering: Numbering | null,
): Generator<SeenRows> {
  const none = { part: chosen.part, indices: new Uint32Array() };
  const data = { ...experiment.data, storedShape: dataset.shape };
  const target = experiment.target && targets && { ...experiment.target, storedShape: targets.shape };
  const parts = { train: chosen, validation: none, test: none, measuredValidation: none };
  const examples = examplesOf({ data, target, corruptions: [] }, parts, run.seed, library, weights);
  for (let first = 0; first < chosen.indices.length; first += chunk) {
    const count = Math.min(chunk, chosen.indices.length - first);
    const batch = examples.evaluationBatch('train', first, count, scheduleEnd(experiment));
    const { clean: seen, target: wanted, uncut = wanted, columns } = batch;
    yield {
      first,
      count,
      seen,
      wanted,
      uncut,
      given: { classes: numbering && (batch.classes?.map(numbering) ?? null), columns },
    };
  }
}

const wholeOutputs = ['reconstruction', 'variance', 'error', 'scaled_error', 'score'] as const;

function isWhole(output: string): output is (typeof wholeOutputs)[number] {
  return wholeOutputs.some((name) => name === output);
}

/** The conditions of the rows that an output depends on. */
function neededFor(
  layer: LayerReference | null,
  { encoder, decoder, data }: ExperimentIr,
  library: Words,
): ConditionSizes {
  const below = layer?.block === 'encoder' ? { encoder: encoder.slice(0, layer.index + 1), decoder: [] } : null;
  return conditionsNeeded({ ...(below ?? { encoder, decoder }), data }, library);
}

/** @throws LoadError for rows that are no rows of a table with the columns */
function requireColumns(run: string, output: string, { chosen, name }: AppliedData, { conditions }: DataNode): void {
  if (chosen.every(({ part }) => part.conditions !== undefined)) return;
  const columns = someOf(conditions.map((column) => column.name));
  throw new LoadError(
    `${run} is a conditional model: '${output}' needs the columns ${columns} of the rows, and ${name} has no columns`,
    'give a table that has them: --data new.csv',
  );
}

/** The classes that a model was trained with. */
interface TrainedClasses {
  /** Null for numbers alone. */
  readonly names: readonly string[] | null;
  /** Whether rows whose classes have no names mean these numbers. */
  readonly byNumber: boolean;
}

/** The number, in training, of each class of the rows. */
type Numbering = (label: number) => number;

/**
 * The classes of the rows as the model knows them, matched by name where there are names.
 * @throws LoadError for rows without labels, or of a class that the model was not given
 */
function classesOfRows(
  run: string,
  output: string,
  known: number,
  { dataset: { classNames: own }, chosen, name }: AppliedData,
  { names, byNumber }: TrainedClasses,
): Numbering {
  const labels = chosen.map(({ part, indices }) => part.labels && labelsAt(part.labels, indices));
  if (labels.includes(null)) {
    throw new LoadError(
      `${run} is a conditional model: '${output}' needs the classes of the rows, and ${name} has none`,
      'name them with the data: npy("x.npy", labels="y.npy"), csv("x.csv", label="species")',
    );
  }
  const nameOf = (label: number) => own?.[label] ?? String(label);
  const number = (label: number): number => {
    if (byNumber && own === null) return label < known ? label : -1;
    const found = names === null ? Number(nameOf(label)) : names.indexOf(nameOf(label));
    return Number.isInteger(found) && found < known ? found : -1;
  };
  const numbers = new Map(
    [...new Set(labels.flatMap((all) => [...(all ?? [])]))].map((label) => [label, number(label)]),
  );
  const unknown = [...numbers].find(([, found]) => found < 0);
  if (unknown) {
    const classes = names === null ? `${known} classes, from 0` : someOf(names);
    throw new LoadError(
      `${name} has a row of class '${nameOf(unknown[0])}', which ${run} was not given: it knows ${classes}`,
      'leave such rows out',
    );
  }
  return (label) => numbers.get(label) ?? label;
}

/** Yields the outputs, pass by pass. */
function* outputsOf(
  output: string,
  layer: LayerReference | null,
  model: Model,
  stored: StoredTrial,
  { dataset, target }: AppliedData,
  chosen: ChosenExamples,
  numbering: Numbering | null,
): Generator<AppliedValues> {
  const expected = target === null ? chosen : (chosen.target ?? chosen);
  const raw = rawRows(wantedOf(model.experiment), (target ?? dataset).shape, stored.trial.library);
  const isDouble =
    model.experiment.target === null
      ? areDouble(chosen.part.values)
      : keptPrecision(stored.weights, 'target') === 'double';
  for (const { first, count, seen, wanted, given } of batchesOf(
    model,
    stored,
    { dataset, target },
    chosen,
    numbering,
  )) {
    if (layer !== null) {
      yield model.layerOfSeen(layer, seen, given);
      continue;
    }
    if (output === 'variance') {
      yield model.variances(seen, given);
      continue;
    }
    const rebuilt = model.reconstructScaled(seen, given);
    if (output === 'scaled_error') {
      yield errorsOf(rebuilt, wanted);
      continue;
    }
    const values = model.rawInDouble(rebuilt.values);
    if (output === 'error') {
      yield errorsOf({ ...rebuilt, values }, raw?.(expected, first, count) ?? model.rawInDouble(wanted));
      continue;
    }
    yield { ...rebuilt, values: isDouble ? values : Float32Array.from(values) };
  }
}

/**
 * Rows in raw units, cropped but not transformed: what a value transform clips counts as error. Null if a transform
 * generates the reconstructed values.
 */
function rawRows(data: DataNode, stored: readonly number[], words: Words) {
  if (rawMaker(data, words)) return null;
  const pixels = data.transforms.map((word) => transformOf(word, words)).filter(isPixelTransform);
  const maker = batchMaker(stored, pixels, 'evaluation', backendStream);
  return ({ part, indices }: ChosenExamples, first: number, count: number): Float32Array | Float64Array => {
    const chosen = indices.subarray(first, first + count);
    if (areDouble(part.values) && pixels.length === 0) {
      return maker.inDouble(part, chosen, { step: 0, firstExample: first });
    }
    const rows = new Float32Array(count * maker.size);
    maker.fill(part, chosen, { step: 0, firstExample: first }, rows);
    return rows;
  };
}

/** The transform whose values count as raw; undefined if the data's own do. */
function rawMaker({ transforms }: DataNode, words: Words): WordValue | undefined {
  return transforms.findLast(({ word }) => knownWord(words, 'transform', word).makesRaw);
}

function errorsOf({ values, count, shape }: AppliedValues, target: Float32Array | Float64Array): Values {
  const size = elementCount(shape);
  const errors = Float32Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let i = row * size; i < (row + 1) * size; i++) sum += ((values[i] ?? 0) - (target[i] ?? 0)) ** 2;
    return sum / size;
  });
  return { shape: [], count, values: errors };
}

function joined(outputs: readonly AppliedValues[]): AppliedValues {
  const shape = outputs[0]?.shape ?? [];
  const count = outputs.reduce((sum, one) => sum + one.count, 0);
  const isDouble = outputs.some(({ values }) => values instanceof Float64Array);
  const values = new (isDouble ? Float64Array : Float32Array)(count * elementCount(shape));
  let start = 0;
  for (const one of outputs) {
    values.set(one.values, start);
    start += one.values.length;
  }
  return { shape, count, values };
}

function rowsText({ chosen, part, name, available }: AppliedData): string {
  const count = chosen.reduce((sum, { indices }) => sum + indices.length, 0);
  const [some, all] = [groupedText(count), groupedText(available)];
  if (part !== 'all') return `the ${part} part of ${name} (${some} ${some === '1' ? 'row' : 'rows'})`;
  if (count < available) return `${some} of ${all} rows of ${name}`;
  return count === 1 ? `the only row of ${name}` : `all ${all} rows of ${name}`;
}

/** Completes a sentence about the values. */
function unitOf(output: string, ir: ExperimentIr, trained: FileDescription | null, words: Words): string {
  if (!isWhole(output)) return 'outputs of the layer, without a unit';
  if (output === 'scaled_error') return "mean squared error in the network's units, after the transforms";
  const unit = rawUnit(wantedOf(ir), trained, words);
  if (output === 'variance') return `squares of raw units: ${unit}`;
  return output === 'error' ? `mean squared error of ${unit}` : `in raw units: ${unit}`;
}

function rawUnit(data: DataNode, trained: FileDescription | null, words: Words): string {
  const maker = rawMaker(data, words);
  if (maker) {
    const { low, high } = data.rawRange;
    return `values from ${low} to ${high}, as ${maker.word} makes them`;
  }
  const range = data.dataset.arguments.range?.value;
  if (Array.isArray(range)) return `values from 0 to 1, as range=[${range.join(', ')}] makes them`;
  if (trained === null || trained.contents?.numbers === 'bytes') return 'pixels from 0 to 1 (byte / 255)';
  return trained.contents?.columns ? 'the values of its columns' : 'values as in the data it was trained on';
}

function columnNames(output: string, size: number): readonly string[] {
  if (output === 'error' || output === 'scaled_error') return [output];
  return Array.from({ length: size }, (_, i) => `${output}_${i + 1}`);
}

function layerNamed(label: string, experiment: ExperimentIr, library: Words): LayerReference {
  if (label === 'code') return codeReference(experiment);
  const [name = '', head = null] = label.split('.');
  for (const block of ['encoder', 'decoder'] as const) {
    const index = experiment[block].findIndex((node) => node.label === name);
    if (index >= 0) return { kind: 'layer', block, index: lastOf(experiment, block, index, library), head };
  }
  const labels = [...experiment.encoder, ...experiment.decoder].flatMap((node) => node.label ?? []);
  const known = [...new Set(['code', ...wholeOutputs.filter((name) => name !== 'variance'), ...labels])];
  throw new UsageError(`the model has no output '${label}'`, didYouMean(label, known) ?? `it has ${known.join(', ')}`);
}

/** A label means the layer's output after the activation written with it. */
function lastOf(experiment: ExperimentIr, block: 'encoder' | 'decoder', index: number, library: Words): number {
  const next = experiment[block][index + 1];
  const activation = next && next.label === null && wordOfUse(library, 'layer', next)?.activation === true;
  return activation ? index + 1 : index;
}

/** Splits the values into rows, one per example. */
export function rowsOf({ count, shape, values }: AppliedValues): readonly (Float32Array | Float64Array)[] {
  const size = elementCount(shape);
  return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
}
