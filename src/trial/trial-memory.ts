import type { ExperimentIr } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import { plainArguments, type WordValue } from '../compiler/ir/value.js';
import { knownWord } from '../compiler/library/library.js';
import { memoryNeed } from '../compiler/library/memory.js';
import { typedArguments } from '../compiler/library/parameter.js';
import type { Dataset, Part } from '../runtime/datasets/dataset.js';
import type { EvaluatedSizes } from '../runtime/evaluation/measure.js';
import type { Words } from '../words/word.js';
import { portionSize } from './portions.js';

/** What a sweep takes of the machine's memory, in bytes. */
export interface SweepMemory {
  /** What each trial takes while it trains alone. */
  readonly trials: readonly number[];
  /** The decoded data, which the trials of a process share. */
  readonly data: number;
  /** Whether each trial is a process of its own, with data of its own. */
  readonly apart: boolean;
}

/** A process with Node and the code in it; a thread likewise. */
const PROCESS = 96 * 1024 ** 2;
const THREAD = 48 * 1024 ** 2;
const FLOAT = 4;
/** Portions of examples there are at once: as stored, corrupted, rebuilt, and in raw units. */
const PORTIONS = 4;

/** Tensors of a trial, and what it has of arrays beside the data: a checkpoint, and evaluations. */
export function trialMemory(experiment: ExperimentIr, library: Words): number {
  const { weights, total } = memoryNeed(experiment, library);
  const size = elementCount(experiment.data.shape);
  const portions = PORTIONS * FLOAT * portionSize(size) * size;
  const evaluations = experiment.evaluations.map((evaluation) => evaluationMemory(evaluation, experiment, library));
  return THREAD + total + Math.max(weights, portions + Math.max(0, ...evaluations));
}

function evaluationMemory({ word, arguments: given }: WordValue, experiment: ExperimentIr, library: Words): number {
  const evaluation = knownWord(library, 'evaluation', word);
  if (evaluation.measures === 'reconstructions') return 0;
  return evaluation.memory(typedArguments(evaluation.parameters, plainArguments(given)), evaluatedSizes(experiment));
}

/** How large what evaluations measure is. */
export function evaluatedSizes({ data, encoder, decoder }: ExperimentIr): EvaluatedSizes {
  const input = elementCount(data.shape);
  const layers = { encoder, decoder };
  return {
    train: data.train,
    test: data.test,
    input,
    code: elementCount(encoder.at(-1)?.output ?? data.shape),
    sizeOf: ({ block, index }) => elementCount(layers[block][index]?.output ?? data.shape),
  };
}

/** Decoded examples, and their labels. */
export function datasetBytes({ train, test }: Pick<Dataset, 'train' | 'test'>): number {
  const bytes = ({ values, labels }: Part) => values.byteLength + (labels?.byteLength ?? 0);
  return bytes(train) + (test === null ? 0 : bytes(test));
}

/** What a run takes that trains alone, with its data. */
export function memoryOfRun(
  experiment: ExperimentIr,
  dataset: Pick<Dataset, 'train' | 'test'>,
  library: Words,
): number {
  return PROCESS - THREAD + trialMemory(experiment, library) + datasetBytes(dataset);
}

/** What so many trials take at one time, those that take most. Seeds may be added to a sweep, so they may be more than there are. */
export function memoryOfJobs({ trials, data, apart }: SweepMemory, jobs: number): number {
  const largest = [...trials].sort((a, b) => b - a).slice(0, jobs);
  const more = (jobs - largest.length) * (largest[0] ?? 0);
  const processes = apart ? 1 + jobs : 2;
  return largest.reduce((sum, bytes) => sum + bytes, more + processes * (PROCESS + data));
}
