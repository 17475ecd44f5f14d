import * as v from 'valibot';
import {
  count,
  listOf,
  nullable,
  object,
  oneOf,
  readJson,
  recordOf,
  type Schema,
  spelledNumber,
  text,
} from '../../runtime/formats/json.js';
import { decodeSafetensors, encodeSafetensors, float32Tensors } from '../../runtime/formats/safetensors.js';
import type { EpochMetric, EvaluationState, RunRecord, RunStatus, StageRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import { curvesOf } from '../stored-history.js';
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
  /** Position of the checkpoint in the bundle; null if there is none. */
  readonly checkpoint: HistoryCheckpoint | null;
  /** Names of its pictures; their files are `figure-1.png`, … */
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
  const decoded = readJson(history, new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'history');
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
    const [stage, metric, firstStep] = readJson(seriesName, name, 'the name of a series');
    return { stage, metric, firstStep, values };
  });
}

const seriesName = v.strictTuple([text, text, count], 'is not a stage, a metric and its first step');

const most = 10_000_000;

const history: Schema<RunHistory> = object({
  status: oneOf('running', 'paused', 'pruned', 'stopped', 'complete', 'diverged', 'interrupted', 'failed'),
  evaluation: nullable(oneOf('pending', 'complete', 'failed')),
  error: nullable(text),
  started: text,
  seconds: nullable(spelledNumber),
  trainableParameters: nullable(count),
  divergence: nullable(object({ stage: text, step: count, layer: text })),
  stages: listOf(
    object({
      stage: text,
      epochs: count,
      steps: count,
      epochsDone: count,
      stepsDone: count,
      stepsPerSecond: nullable(spelledNumber),
      reason: nullable(oneOf('complete', 'early_stop', 'max_steps')),
    }),
    10_000,
  ),
  metrics: recordOf(spelledNumber, most),
  epochs: listOf(object({ stage: text, epoch: count, metric: text, value: spelledNumber }), most),
  curves: listOf(text, most),
  checkpoint: nullable(object({ stage: count, step: count, epochs: count, seconds: spelledNumber })),
  figures: listOf(text, mostFigures),
});
