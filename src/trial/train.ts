import type { TrainingEvent } from '../runtime/events.js';
import type { CheckpointRecord } from '../runtime/store/records.js';
import type { TrainingResult } from '../runtime/store/run-writer.js';
import { encodeChain } from '../runtime/training/chain-file.js';
import type { ChainOptions } from '../runtime/training/hash-chain.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import { type Onlooker, type TrialResult, trainTrial } from '../runtime/training/train-trial.js';
import type { Checkpoint } from './checkpoint-file.js';
import { Checkpointer, type CheckpointerOptions } from './checkpointer.js';
import type { Evaluated } from './evaluation-end.js';
import { measureEvaluations } from './evaluations.js';
import { History, type HistoryState } from './history.js';
import { Model } from './model.js';
import type { AttemptedPictures } from './pictures.js';
import type { Trial } from './prepare.js';
import type { Subject } from './subject.js';
import { encodeWeights } from './weights-file.js';

/** The training of a trial, and who is told of it. */
export interface Training {
  readonly trial: Trial;
  /** Where an earlier part of it ended, with its place in the run; without one for a training that is over. */
  readonly from: { readonly checkpoint: Checkpoint<HistoryState>; readonly record: CheckpointRecord | null } | null;
  /** Null: none are taken. */
  readonly checkpoints: Pick<CheckpointerOptions, 'folder' | 'prefix' | 'policy' | 'onWritten' | 'onFailed'> | null;
  readonly emit: (event: TrainingEvent) => void;
  /** Told how an evaluation is made that is too large for the usual way. */
  readonly note: (text: string) => void;
  /** The training is over; what is measured and drawn of it comes next. Not told of one that was interrupted. */
  readonly onTrained?: (training: TrainingResult) => void;
  /** Ends the trial after the running step, with a checkpoint. */
  readonly signal: AbortSignal;
  readonly onlooker?: Onlooker;
  /** Follows the chain of hashes. The trial is then trained only: nothing is evaluated or drawn. */
  readonly follow?: Omit<ChainOptions, 'state'>;
}

/** With pictures and failures of a trial that trained to its end. */
export interface TrainedTrial extends Evaluated {
  readonly result: TrialResult;
  readonly weights: WeightValues;
  /** A safetensors file of the weights in structural order, then of what the transforms took from the data. */
  readonly weightsFile: Uint8Array;
  /** The chain of hashes, as JSON. */
  readonly chainFile: Uint8Array;
  /** Null unless the training ended by itself. To be disposed of. */
  readonly model: Model | null;
}

/**
 * Trains a trial from where it is to its end, evaluates it and draws its pictures. An evaluation or a picture that throws
 * fails alone.
 */
export async function train(training: Training): Promise<TrainedTrial> {
  const { trial, from, signal, onlooker, follow } = training;
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
  const measure = async (weights: WeightValues) => {
    const model = new Model(ir, weights, library);
    try {
      return await measureEvaluations(
        { model, weights, data, seed, library },
        { signal, note: training.note, progress: emit, clock },
      );
    } finally {
      model.dispose();
    }
  };
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
    ...(onlooker ? { onlooker } : {}),
    ...(maxSteps === null ? {} : { maxSteps }),
    ...(init && from === null ? { init: init.values } : {}),
    ...(from ? { resumeFrom: from.checkpoint.state } : {}),
    ...(follow ? { chain: follow } : ir.evaluations.length > 0 ? { measure } : {}),
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

/** What draws is loaded when there is something to draw. */
async function pictured(subject: Subject, signal: AbortSignal): Promise<AttemptedPictures> {
  if (subject.model.experiment.figures.length === 0) return { pictures: [], failures: [], unfinished: false };
  const { attemptPictures } = await import('./pictures.js');
  return attemptPictures(subject, signal);
}
