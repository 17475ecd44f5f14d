import { codeReference, type ExperimentIr } from '../compiler/ir/experiment.js';
import { memoryNeed } from '../compiler/ir/memory.js';
import { elementCount } from '../compiler/ir/shape.js';
import { isLayerReference, type Value, type WordValue } from '../compiler/ir/value.js';
import { planOfPca } from '../compiler/library/evaluation/pca.js';
import type { Dataset, Part } from '../runtime/datasets/dataset.js';
import { searchedRows } from '../runtime/evaluation/knn.js';
import { probedRows } from '../runtime/evaluation/linear_probe.js';
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
const [FLOAT, DOUBLE] = [4, 8];
/** Portions of examples there are at once: as stored, corrupted, rebuilt, and in raw units. */
const PORTIONS = 4;
/** Of what a probe or a search is given: the codes, and a standardised or sorted copy. */
const COPIES = 2;

/** Tensors of a trial, and what it has of arrays beside the data: a checkpoint, and evaluations. */
export function trialMemory(experiment: ExperimentIr): number {
  const { weights, total } = memoryNeed(experiment);
  const size = elementCount(experiment.data.shape);
  const portions = PORTIONS * FLOAT * portionSize(size) * size;
  const evaluations = experiment.evaluations.map((evaluation) => evaluationMemory(evaluation, experiment));
  return THREAD + total + Math.max(weights, portions + Math.max(0, ...evaluations));
}

function evaluationMemory({ word, arguments: given }: WordValue, experiment: ExperimentIr): number {
  const { data, encoder } = experiment;
  const whole = (name: string): number | null => {
    const value = given[name]?.value;
    return typeof value === 'number' ? value : null;
  };
  if (word === 'pca') {
    const columns = elementCount(data.shape);
    const code = elementCount(encoder.at(-1)?.output ?? data.shape);
    const plan = planOfPca(data.train, columns, whole('components') ?? Math.min(code, columns));
    if (plan?.method !== 'exact') return 0;
    return data.train < columns
      ? data.train * (columns * (FLOAT + DOUBLE) + data.train * DOUBLE)
      : 2 * DOUBLE * columns * columns;
  }
  if (word !== 'linear_probe' && word !== 'knn') return 0;
  const columns = sizeOfLayer(given.on?.value ?? null, experiment);
  const asked = Math.min(whole('train') ?? data.train, data.train);
  const rows = word === 'knn' ? searchedRows(asked, data.test, columns, whole('k') ?? 1) : probedRows(asked, columns);
  return COPIES * FLOAT * (rows + data.test) * columns + 2 * DOUBLE * Math.min(rows, columns) ** 2;
}

/** @param on the code, where it is no layer */
function sizeOfLayer(on: Value, experiment: ExperimentIr): number {
  const { block, index } = isLayerReference(on) ? on : codeReference(experiment);
  const layers = block === 'encoder' ? experiment.encoder : experiment.decoder;
  return elementCount(layers[index]?.output ?? experiment.data.shape);
}

/** Decoded examples, and their labels. */
export function datasetBytes({ train, test }: Pick<Dataset, 'train' | 'test'>): number {
  const bytes = ({ values, labels }: Part) => values.byteLength + (labels?.byteLength ?? 0);
  return bytes(train) + (test === null ? 0 : bytes(test));
}

/** What a run takes that trains alone, with its data. */
export function memoryOfRun(experiment: ExperimentIr, dataset: Pick<Dataset, 'train' | 'test'>): number {
  return PROCESS - THREAD + trialMemory(experiment) + datasetBytes(dataset);
}

/** What so many trials take at one time, those that take most. Seeds may be added to a sweep, so they may be more than there are. */
export function memoryOfJobs({ trials, data, apart }: SweepMemory, jobs: number): number {
  const largest = [...trials].sort((a, b) => b - a).slice(0, jobs);
  const more = (jobs - largest.length) * (largest[0] ?? 0);
  const processes = apart ? 1 + jobs : 2;
  return largest.reduce((sum, bytes) => sum + bytes, more + processes * (PROCESS + data));
}
