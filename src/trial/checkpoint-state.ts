import * as v from 'valibot';
import { presentNames } from '../metrics/former-names.js';
import {
  anyNumber,
  count,
  nullable,
  object,
  oneOf,
  recordOf,
  type Schema,
  truth,
  variant,
  wholeNumber,
} from '../runtime/formats/json.js';
import { chainState } from '../runtime/training/chain-file.js';
import type { StageProgress, TrainingState } from '../runtime/training/state.js';

/** Most weights, optimizer slots or metrics. */
const mostNames = 1e5;

const stage = wholeNumber(0, 1e4);
/** Metrics, under their old names in older versions. */
const metrics = v.pipe(recordOf(anyNumber, mostNames), v.transform(presentNames));
const floats = v.custom<Float32Array>((value) => value instanceof Float32Array, 'is not an array of floats');
const arrays = recordOf(floats, mostNames);

const common = {
  step: count,
  slots: recordOf(arrays, mostNames),
  sums: object({ batches: count, sums: metrics }),
} as const;

const progress = variant<StageProgress>('kind', {
  train: object({
    kind: oneOf('train'),
    ...common,
    stop: object({ best: anyNumber, waited: count }),
    best: nullable(object({ epoch: count, loss: anyNumber, metrics, weights: arrays })),
    // Absent in checkpoints of older versions.
    idle: v.optional(recordOf(object({ since: count, told: truth }), mostNames), {}),
  }),
  pretrain: object({ kind: oneOf('pretrain'), ...common, layer: stage, values: arrays, totalSteps: count }),
});

/** Schema of a training's state in an untrusted checkpoint. */
export const trainingState: Schema<TrainingState> = object({
  stage,
  weights: arrays,
  progress: nullable(progress),
  metrics,
  chain: chainState,
});
