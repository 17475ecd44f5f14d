import {
  anyNumber,
  JsonError,
  nullable,
  objectOf,
  oneOf,
  type Reader,
  recordOf,
  wholeNumber,
} from '../runtime/formats/json-value.js';
import { ChainFileError, chainOf } from '../runtime/training/chain-file.js';
import type { StageProgress, TrainingState } from '../runtime/training/state.js';

/** Of weights, slots, metrics. */
const MOST_NAMES = 1e5;

const count = wholeNumber({ least: 0, most: Number.MAX_SAFE_INTEGER });
const stage = wholeNumber({ least: 0, most: 1e4 });
const numbers = recordOf(anyNumber, MOST_NAMES);

const floats: Reader<Float32Array> = (value, place) => {
  if (value instanceof Float32Array) return value;
  throw new JsonError(`${place} is not an array of floats`);
};

const arrays = recordOf(floats, MOST_NAMES);

/** The state of a training, of which only the bytes are known. @throws JsonError that names what doesn't fit */
export const trainingState: Reader<TrainingState> = (value, place) => {
  const fields = objectOf(value, place);
  return {
    stage: stage(fields.get('stage'), `${place}.stage`),
    weights: arrays(fields.get('weights'), `${place}.weights`),
    progress: nullable(stageProgress)(fields.get('progress'), `${place}.progress`),
    metrics: numbers(fields.get('metrics'), `${place}.metrics`),
    chain: chain(fields.get('chain'), `${place}.chain`),
  };
};

function stageProgress(value: unknown, place: string): StageProgress {
  const fields = objectOf(value, place);
  const read = <T>(name: string, reader: Reader<T>): T => reader(fields.get(name), `${place}.${name}`);
  const common = {
    step: read('step', count),
    slots: read('slots', recordOf(arrays, MOST_NAMES)),
    sums: read('sums', epochSums),
  };
  switch (read('kind', oneOf('train', 'pretrain'))) {
    case 'train':
      return { kind: 'train', ...common, stop: read('stop', stopProgress), best: read('best', nullable(bestWeights)) };
    case 'pretrain': {
      const [layer, totalSteps] = [read('layer', stage), read('totalSteps', count)];
      return { kind: 'pretrain', ...common, layer, values: read('values', arrays), totalSteps };
    }
  }
}

const epochSums: Reader<StageProgress['sums']> = (value, place) => {
  const fields = objectOf(value, place);
  return {
    batches: count(fields.get('batches'), `${place}.batches`),
    sums: numbers(fields.get('sums'), `${place}.sums`),
  };
};

function stopProgress(value: unknown, place: string) {
  const fields = objectOf(value, place);
  return {
    best: anyNumber(fields.get('best'), `${place}.best`),
    waited: count(fields.get('waited'), `${place}.waited`),
  };
}

function bestWeights(value: unknown, place: string) {
  const fields = objectOf(value, place);
  return {
    epoch: count(fields.get('epoch'), `${place}.epoch`),
    loss: anyNumber(fields.get('loss'), `${place}.loss`),
    metrics: numbers(fields.get('metrics'), `${place}.metrics`),
    weights: arrays(fields.get('weights'), `${place}.weights`),
  };
}

const chain: Reader<TrainingState['chain']> = (value, place) => {
  try {
    return chainOf(value);
  } catch (error) {
    if (error instanceof ChainFileError) throw new JsonError(`${place}: ${error.message}`);
    throw error;
  }
};
