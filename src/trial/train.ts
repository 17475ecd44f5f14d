import { type MeasuredPart, measuresOf } from '../compiler/library/measured-parts.js';
import type { TrainingEvent } from '../runtime/events.js';
import type { CheckpointRecord } from '../runtime/store/records.js';
import type { TrainingResult } from '../runtime/store/run-writer.js';
import { encodeChain } from '../runtime/training/chain-file.js';
import type { ChainOptions } from '../runtime/training/hash-chain.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import { type Observer, type TrialResult, trainTrial } from '../runtime/training/train-trial.js';
import type { Checkpoint } from './checkpoint-file.js';
import { Checkpointer, type CheckpointerOptions } from './checkpointer.js';
import type { Evaluated } from './evaluation-end.js';
import { type EvaluationWatch, measureEvaluations } from './evaluations.js';
import { History, type HistoryState } from './history.js';
import { Model } from './model.js';
import type { AttemptedPictures } from './pictures.js';
import type { Trial } from './prepare.js';
import type { Subject } from './subject.js';
import { encodeWeights } from './weights-file.js';

/** How to train a trial, and who follows it. */
export interface Training {
  readonly trial: Trial;
  /** Checkpoint to resume from; its record is null if training had already ended. */
  readonly from: { readonly checkpoint: Checkpoint<HistoryState>; readonly record: CheckpointRecord | null } | null;
  /** Null to take none. */
  readonly checkpoints: Pick<CheckpointerOptions, 'folder' | 'prefix' | 'policy' | 'onWritten' | 'onFailed'> | null;
  readonly emit: (event: TrainingEvent) => void;
  /** Tells the person, for instance that an evaluation is too large for the usual method. */
  readonly note: (text: string) => void;
  /** Called when the training is over, before evaluations and pictures; not if it was interrupted. */
  readonly onTrained?: (training: TrainingResult) => void;
  /** Ends the trial after the current step, with a checkpoint. */
  readonly signal: AbortSignal;
  readonly observer?: Observer;
  /** Follows the hash chain. The trial is then only trained, not evaluated or drawn. */
  readonly follow?: Omit<ChainOptions, 'state'>;
}

/** The result, with pictures and failures if it trained to the end. */
export interface TrainedTrial extends Evaluated {
  readonly result: TrialResult;
  readonly weights: WeightValues;
  /** A safetensors file: the weights in structural order, then the transforms' statistics. */
  readonly weightsFile: Uint8Array;
  /** The hash chain, as JSON. */
  readonly chainFile: Uint8Array;
  /** The trained model, which the caller disposes of; null unless the training ended by itself. */
  readonly model: Model | null;
}

/** Trains a trial to its end, evaluates it and draws its pictures. An evaluation or picture that throws fails alone. */
export async function train(training: Training): Promise<TrainedTrial> {
  const { trial, from, signal, observer, follow } = training;
  const { recipe, compiled, data, seed, init, backend, library, identity } = trial;
  const { maxSteps } = recipe;
  const { ir, hash } = compiled;
  const history = new History(from?.checkpoint.history ?? null);
  const clock = () => performance.now();
  const checkpointer =
    training.checkpoints &&
    new Checkpointer({
      ...training.checkpoints,
      identity,
      clock,
      history: () => history.state,
      from: from?.record ?? null,
    });
  const emit = (event: TrainingEvent) => {
    history.record(event);
    checkpointer?.observe(event);
    training.emit(event);
  };
  const measureOn = async (part: MeasuredPart, weights: WeightValues, watch: EvaluationWatch) => {
    const model = new Model(ir, weights, library);
    try {
      return await measureEvaluations({ model, weights, data, seed, library }, part, watch);
    } finally {
      model.dispose();
    }
  };
  const measure = (weights: WeightValues) =>
    measureOn('test', weights, { signal, note: training.note, progress: emit, clock });
  const noted = new Set<string>();
  const noteOnce = (text: string) => {
    if (!noted.has(text)) training.note(text);
    noted.add(text);
  };
  const measureValidation = (weights: WeightValues) => measureOn('validation', weights, { note: noteOnce, clock });
  const has = (part: MeasuredPart) => measuresOf(ir.evaluations, part).length > 0;
  const result = await trainTrial({
    experiment: ir,
    data,
    seed,
    library,
    backend,
    emit,
    clock,
    signal,
    onTrained({ status, metrics, weightsSha256, divergence, seconds, ...trained }) {
      training.onTrained?.({
        status,
        metrics,
        weightsSha256,
        divergence,
        seconds,
        weights: encodeWeights(trained, hash),
        chain: encodeChain(trained.chain),
        curves: history.keys,
      });
    },
    ...(checkpointer ? { checkpoints: checkpointer } : {}),
    ...(observer ? { observer } : {}),
    ...(maxSteps === null ? {} : { maxSteps }),
    ...(init ? { init: init.values } : {}),
    ...(from ? { resumeFrom: from.checkpoint.state } : {}),
    // A training that is followed has been told of already.
    ...(follow ? {} : { note: training.note }),
    ...(follow ? { chain: follow } : has('test') ? { measure } : {}),
    // Early stopping goes by them, so that a training that is followed takes them too.
    ...(has('validation') ? { measureValidation } : {}),
  });
  if (result.state !== null) checkpointer?.save(result.state);
  const weights: WeightValues = new Map(
    [...result.weights, ...result.statistics].map(({ key, values }) => [key, values]),
  );
  const model = result.status === 'complete' ? new Model(ir, weights, library) : null;
  const drawn = model && !follow ? await pictured({ model, weights, data, history, seed, library }, signal) : null;
  return {
    result,
    weights,
    weightsFile: encodeWeights(result, hash),
    chainFile: encodeChain(result.chain),
    pictures: drawn?.pictures ?? [],
    failures: [...result.measurements.failures, ...(drawn?.failures ?? [])],
    unfinished: result.measurements.unfinished || drawn?.unfinished === true,
    model,
  };
}

/** Drawing code is loaded only if something is drawn. */
async function pictured(subject: Subject, signal: AbortSignal): Promise<AttemptedPictures> {
  if (subject.model.experiment.figures.length === 0) return { pictures: [], failures: [], unfinished: false };
  const { attemptPictures } = await import('./pictures.js');
  return attemptPictures(subject, signal);
}
