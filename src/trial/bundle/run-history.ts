import {
  anyNumber,
  listOf,
  nullable,
  objectOf,
  oneOf,
  parseJson,
  type Reader,
  recordOf,
  text,
  wholeNumber,
} from '../../runtime/formats/json-value.js';
import { decodeSafetensors, encodeSafetensors, float32Tensors } from '../../runtime/formats/safetensors.js';
import type { EpochMetric, EvaluationState, RunRecord, RunStatus, StageRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import { curvesOf } from '../trained-state.js';
import { BundleError } from './bundle-error.js';

/** How a run went, as far as the database knows: what `show` prints of it. No training is compared with it. */
export interface RunHistory {
  readonly status: RunStatus;
  readonly evaluation: EvaluationState;
  readonly error: string | null;
  /** ISO 8601 in UTC. */
  readonly started: string;
  readonly seconds: number | null;
  readonly trainableParameters: number | null;
  readonly divergence: RunRecord['divergence'];
  readonly stages: readonly StageRecord[];
  /** At the end. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly epochs: readonly EpochMetric[];
  /** Names of the curves of its loss, in the order in which they are drawn. */
  readonly curves: readonly string[];
  /** Where the checkpoint in the bundle was taken; null where there is none. */
  readonly checkpoint: HistoryCheckpoint | null;
  /** The names of its pictures, which are `figure-1.png`, … */
  readonly figures: readonly string[];
}

export interface HistoryCheckpoint {
  readonly stage: number;
  readonly step: number;
  readonly epochs: number;
  readonly seconds: number;
}

/** Values of one metric at consecutive steps. */
export interface StepSeries {
  readonly stage: string;
  readonly metric: string;
  readonly firstStep: number;
  readonly values: Float32Array;
}

/** Pictures in a bundle at most. */
export const mostFigures = 200;

export function figureFile(number: number): string {
  return `figure-${number}.png`;
}

export function historyOf(
  store: Store,
  run: RunRecord,
  checkpoint: HistoryCheckpoint | null,
  figures: readonly string[],
): RunHistory {
  return {
    status: run.status,
    evaluation: run.evaluation,
    error: run.error ?? run.evaluationError,
    started: run.started,
    seconds: run.seconds,
    trainableParameters: run.trainableParameters,
    divergence: run.divergence,
    stages: run.stages,
    metrics: store.readFinal(run.id),
    epochs: store.readEpochs(run.id),
    curves: curvesOf(store, run.id),
    checkpoint,
    figures,
  };
}

/** JSON. A number that is not finite is the text `NaN`, `Infinity` or `-Infinity`. */
export function encodeHistory(history: RunHistory): Uint8Array {
  const finite = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return new TextEncoder().encode(`${JSON.stringify(history, finite)}\n`);
}

/** @throws JsonError; BundleError for what no run writes */
export function decodeHistory(bytes: Uint8Array): RunHistory {
  const decoded = history(parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), 'history');
  if (!Buffer.from(encodeHistory(decoded)).equals(bytes)) {
    throw new BundleError('the bundle was altered: history.json is not as `aedsl bundle` writes it');
  }
  return decoded;
}

/** A safetensors file with a tensor for each series. */
export function encodeSeries(series: readonly StepSeries[]): Uint8Array {
  return encodeSafetensors(
    series.map(({ stage, metric, firstStep, values }) => ({
      name: JSON.stringify([stage, metric, firstStep]),
      shape: [values.length],
      values,
    })),
  );
}

/** @throws SafetensorsError, JsonError */
export function decodeSeries(bytes: Uint8Array): readonly StepSeries[] {
  return float32Tensors(decodeSafetensors(bytes)).map(({ name, values }) => {
    const [stage, metric, firstStep] = listOf<unknown>((value) => value, 3)(parseJson(name), 'the name of a series');
    return {
      stage: text(stage, 'its stage'),
      metric: text(metric, 'its metric'),
      firstStep: count(firstStep, 'its first step'),
      values,
    };
  });
}

const most = 10_000_000;
const count = wholeNumber({ least: 0, most: Number.MAX_SAFE_INTEGER });

const number: Reader<number> = (value, place) =>
  value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : anyNumber(value, place);

const status = oneOf('running', 'paused', 'pruned', 'stopped', 'complete', 'diverged', 'interrupted', 'failed');

const history: Reader<RunHistory> = (value, place) => {
  const at = fieldsOf(value, place);
  return {
    status: at('status', status),
    evaluation: at('evaluation', nullable(oneOf('pending', 'complete', 'failed'))),
    error: at('error', nullable(text)),
    started: at('started', text),
    seconds: at('seconds', nullable(number)),
    trainableParameters: at('trainableParameters', nullable(count)),
    divergence: at('divergence', nullable(divergence)),
    stages: at('stages', listOf(stage, 10_000)),
    metrics: at('metrics', recordOf(number, most)),
    epochs: at('epochs', listOf(epoch, most)),
    curves: at('curves', listOf(text, most)),
    checkpoint: at('checkpoint', nullable(checkpoint)),
    figures: at('figures', listOf(text, mostFigures)),
  };
};

const divergence: Reader<NonNullable<RunRecord['divergence']>> = (value, place) => {
  const at = fieldsOf(value, place);
  return { stage: at('stage', text), step: at('step', count), layer: at('layer', text) };
};

const stage: Reader<StageRecord> = (value, place) => {
  const at = fieldsOf(value, place);
  return {
    stage: at('stage', text),
    epochs: at('epochs', count),
    steps: at('steps', count),
    epochsDone: at('epochsDone', count),
    stepsDone: at('stepsDone', count),
    stepsPerSecond: at('stepsPerSecond', nullable(number)),
    reason: at('reason', nullable(oneOf('complete', 'early_stop', 'max_steps'))),
  };
};

const epoch: Reader<EpochMetric> = (value, place) => {
  const at = fieldsOf(value, place);
  return {
    stage: at('stage', text),
    epoch: at('epoch', count),
    metric: at('metric', text),
    value: at('value', number),
  };
};

const checkpoint: Reader<HistoryCheckpoint> = (value, place) => {
  const at = fieldsOf(value, place);
  return {
    stage: at('stage', count),
    step: at('step', count),
    epochs: at('epochs', count),
    seconds: at('seconds', number),
  };
};

/** Reads the fields of an object by their names. */
function fieldsOf(value: unknown, place: string): <T>(name: string, read: Reader<T>) => T {
  const fields = objectOf(value, place);
  return (name, read) => read(fields.get(name), `${place}.${name}`);
}
