import { type ExperimentIr, wantedOf } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import { plainArguments, type WordValue } from '../compiler/ir/value.js';
import { knownWord } from '../compiler/library/library.js';
import { partMeasured } from '../compiler/library/measured-parts.js';
import { memoryNeed } from '../compiler/library/memory.js';
import { typedArguments } from '../compiler/library/parameter.js';
import type { Dataset, Part } from '../runtime/datasets/dataset.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import { bytesInMemory } from '../runtime/datasets/stored-rows.js';
import type { EvaluatedSizes } from '../runtime/evaluation/measure.js';
import type { Words } from '../words/word.js';
import { portionSize } from './chunks.js';

/** Memory use of a sweep, in bytes. */
export interface SweepMemory {
  /** Memory of each trial on its own. */
  readonly trials: readonly number[];
  /** The decoded data, shared by the trials of a process. */
  readonly data: number;
  /** Whether each trial has its own process and data. */
  readonly apart: boolean;
}

/** A process with Node and the code in it; a thread likewise. */
const PROCESS = 96 * 1024 ** 2;
const THREAD = 48 * 1024 ** 2;
const FLOAT = 4;
/** Chunks of examples in memory at once: as stored, corrupted, reconstructed, and in raw units. */
const PORTIONS = 4;

/** Memory of a trial besides the data: tensors, a checkpoint, and evaluations. */
export function trialMemory(experiment: ExperimentIr, library: Words): number {
  const { weights, total } = memoryNeed(experiment, library);
  const size = Math.max(elementCount(experiment.data.shape), elementCount(wantedOf(experiment).shape));
  const chunks = PORTIONS * FLOAT * portionSize(size) * size;
  const evaluations = experiment.evaluations.map((evaluation) => evaluationMemory(evaluation, experiment, library));
  return THREAD + total + Math.max(weights, chunks + Math.max(0, ...evaluations));
}

function evaluationMemory(value: WordValue, experiment: ExperimentIr, library: Words): number {
  const { word, arguments: given } = value;
  const evaluation = knownWord(library, 'evaluation', word);
  if (evaluation.measures === 'reconstructions') return 0;
  return evaluation.memory(typedArguments(evaluation.parameters, plainArguments(given)), {
    ...evaluatedSizes(experiment),
    ...(partMeasured(value) === 'validation' && { test: experiment.data.validation }),
  });
}

/** Sizes of what evaluations measure. */
export function evaluatedSizes({ data, encoder, decoder }: ExperimentIr): EvaluatedSizes {
  const input = elementCount(data.shape);
  const layers = { encoder, decoder };
  return {
    train: data.train,
    test: data.test,
    input,
    code: elementCount(encoder.at(-1)?.output ?? data.shape),
    trueFeatures: data.trueFeatures,
    sizeOf: ({ block, index }) => elementCount(layers[block][index]?.output ?? data.shape),
  };
}

/** Decoded examples with their labels, and their targets. */
export function datasetBytes({ dataset, target }: Pick<LoadedData, 'dataset' | 'target'>): number {
  return bytesOf(dataset) + (target === null ? 0 : bytesOf(target));
}

function bytesOf({ train, test }: Dataset): number {
  const bytes = ({ values, labels }: Part) => bytesInMemory(values) + (labels?.byteLength ?? 0);
  return bytes(train) + (test === null ? 0 : bytes(test));
}

/** Memory of a run that trains alone, with its data. */
export function memoryOfRun(
  experiment: ExperimentIr,
  data: Pick<LoadedData, 'dataset' | 'target'>,
  library: Words,
): number {
  return PROCESS - THREAD + trialMemory(experiment, library) + datasetBytes(data);
}

/** Memory of `jobs` trials at one time, the largest ones. Seeds may be added, so there may be more jobs than trials. */
export function memoryOfJobs({ trials, data, apart }: SweepMemory, jobs: number): number {
  const largest = [...trials].sort((a, b) => b - a).slice(0, jobs);
  const more = (jobs - largest.length) * (largest[0] ?? 0);
  const processes = apart ? 1 + jobs : 2;
  return largest.reduce((sum, bytes) => sum + bytes, more + processes * (PROCESS + data));
}
