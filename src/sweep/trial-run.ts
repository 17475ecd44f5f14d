import type { TrialEnd } from '../execute/job.js';
import { readMetric } from '../metrics/metric-name.js';
import type { Objective } from '../metrics/usual-metric.js';
import type { TrainingEvent, TrialState } from '../runtime/events.js';
import { type Machine, trainedOn } from '../runtime/provenance/environment.js';
import type { CheckpointRecord } from '../runtime/store/records.js';
import type { RunWriter, TrainingResult } from '../runtime/store/run-writer.js';
import type { WritableStore } from '../runtime/store/store.js';
import type { SweepTrialRecord } from '../runtime/store/sweep-records.js';
import type { EvaluationFailure } from '../runtime/training/train-trial.js';
import { endEvaluation, failureText } from '../trial/evaluation-end.js';
import { ObjectiveValues } from './objective-values.js';
import { type Beginning, fromTheStart, type Opening, openRun } from './run-opening.js';
import type { SweepTrial } from './sweep-trial.js';

/** Files that an interrupted training leaves besides its checkpoint. */
export interface HaltedFiles {
  readonly weights: Uint8Array;
  readonly chain: Uint8Array;
}

/** A trial's messages are inconsistent: they name a stage that it doesn't have, or skip steps. */
export class UnrecordableError extends Error {
  override readonly name = 'UnrecordableError';
}

function recorded<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    // SQLite isn't loaded for a run that is not kept, and so neither is the class of the store's errors.
    if (!(error instanceof Error) || error.name === 'StoreError') throw error;
    throw new UnrecordableError(error.message, { cause: error });
  }
}

/** A trial with its run. */
export class TrialRun {
  readonly trial: SweepTrial;
  readonly objective: ObjectiveValues;
  runId: string | null;
  state: TrialState;
  /** Epoch of its last stage at which it was launched to halt. */
  untilEpoch: number | null = null;
  epochs = 0;
  /** How its training ended; null before. */
  trainedAs: TrainingResult['status'] | null = null;
  /** What its executor reported at its end; null before, and for a trial that failed or was lost. */
  end: TrialEnd | null = null;
  /** Why it has its state, in a sentence. */
  reason: string | null = null;
  /** Evaluations and pictures that failed. */
  failures: readonly EvaluationFailure[] = [];
  /** Null if nothing is stored. */
  readonly #store: WritableStore | null;
  #writer: RunWriter | null = null;
  #beginning: Beginning | null = null;
  /** Recorded environment, as JSON. */
  #environment = '{}';
  #stages: readonly string[] = [];
  #metrics: Readonly<Record<string, number>> | null = null;
  #weightsSha256: string | null = null;

  constructor(
    trial: SweepTrial,
    { store, objective }: { readonly store: WritableStore | null; readonly objective: Objective | null },
    { state, runId }: Pick<SweepTrialRecord, 'state' | 'runId'> = { state: 'queued', runId: null },
  ) {
    this.trial = trial;
    this.objective = new ObjectiveValues(objective);
    this.state = state;
    this.runId = runId;
    this.#store = store;
  }

  get metrics(): Readonly<Record<string, number>> | null {
    return this.#metrics;
  }

  get weightsSha256(): string | null {
    return this.#weightsSha256;
  }

  /** Reads the stored run that trained this trial, or an identical one. */
  read(runId: string): void {
    const store = this.#store;
    if (store === null) throw new RangeError('nothing is kept of this trial');
    const run = store.findRun(runId);
    this.runId = runId;
    this.#environment = run.environment;
    this.#stages = run.stages.map(({ stage }) => stage);
    this.#weightsSha256 = run.weightsSha256;
    this.#metrics = asRecorded(store.readFinal(runId), this.trial.quantities);
    this.objective.restore(store.readEpochs(runId), this.#stages.at(-1) ?? null);
  }

  /** Opens its run, unless it is open: a new one, or its own where that ended. @throws StoreError, UsageError */
  open(opening: Opening): Beginning {
    this.#beginning ??= this.#opened(opening);
    return this.#beginning;
  }

  #opened(opening: Opening): Beginning {
    const store = this.#store;
    this.trainedAs = null;
    this.end = null;
    this.epochs = 0;
    if (store === null) {
      this.#forget();
      return fromTheStart;
    }
    const { writer, beginning, isTrained } = openRun(store, this.trial, this.runId, opening);
    this.#writer = writer;
    this.read(writer.id);
    if (isTrained) {
      this.trainedAs = 'complete';
      return beginning;
    }
    this.#forget();
    const { checkpoint } = beginning;
    this.epochs = checkpoint !== null && checkpoint.stage === this.#stages.length - 1 ? checkpoint.epochs : 0;
    return beginning;
  }

  /** The environment recorded at the start is that of the planning machine; replaces it. */
  trainsOn(machine: Machine): void {
    if (this.#writer === null || this.trainedAs !== null) return;
    const environment = trainedOn(this.#environment, machine);
    if (environment === null) return;
    this.#environment = environment;
    this.#writer.trainsOn(environment);
  }

  record(events: readonly TrainingEvent[]): void {
    for (const event of events) {
      if (event.event === 'trial_started') this.#stages = event.stages.map(({ stage }) => stage);
      if (event.event === 'epoch' && event.stage === this.#stages.at(-1)) this.epochs = event.epoch;
      this.objective.observe(event);
    }
    recorded(() => this.#writer?.record(...events));
  }

  /** @returns the event that says so */
  checkpoint(checkpoint: CheckpointRecord): TrainingEvent {
    const { stage, step, sha256 } = checkpoint;
    const event: TrainingEvent = { event: 'checkpoint', stage: this.#stages[stage] ?? '', step, sha256 };
    recorded(() => {
      this.#writer?.record(event);
      this.#writer?.checkpoint(checkpoint);
    });
    return event;
  }

  note(text: string): void {
    this.#writer?.note(text);
  }

  /** Stores a training that ended by itself. @param kept checkpoints to keep */
  trained(result: TrainingResult, kept: number): void {
    this.#take(result);
    recorded(() => this.#writer?.trained(result, kept));
    this.trainedAs = result.status;
  }

  /** Stores its evaluations and pictures. @returns their failures, in a sentence */
  finish(end: TrialEnd): string | null {
    this.end = end;
    this.#take(end);
    this.failures = recorded(() => endEvaluation(this.#writer, end).failures);
    this.#close();
    return this.failures.length === 0 ? null : this.failures.map(failureText).join('; ');
  }

  /** Stores that its evaluation threw or died; its weights are kept. @returns the failure, in a sentence */
  evaluationFailed(reason: string): string {
    this.failures = [{ what: 'its evaluation', reason }];
    const text = this.failures.map(failureText).join('; ');
    this.#writer?.fail(text);
    this.#close();
    return text;
  }

  /** Records that the trial halted, with its state in a checkpoint; {@link settle} records the outcome. */
  halt(end: TrialEnd, files: HaltedFiles | null): void {
    this.end = end;
    this.#take(end);
    if (files === null) return;
    this.#writer?.saveWeights('final', files.weights);
    this.#writer?.saveChain(files.chain);
  }

  /** Gives its run the state that the schedule decided. */
  settle(state: TrialState, reason: string | null): void {
    this.state = state;
    this.reason = reason;
    if (state === 'running') return;
    const writer = this.#writer;
    this.#close();
    switch (state) {
      case 'queued':
        writer?.suspend('paused', null);
        return;
      case 'failed':
        writer?.fail(reason ?? 'it failed');
        return;
      case 'paused':
        writer?.suspend(state, reason);
        return;
      case 'interrupted':
      case 'pruned':
      case 'stopped':
        if (writer) writer.suspend(state, reason);
        else if (this.runId !== null) this.#store?.settleRun(this.runId, state, reason);
        return;
      case 'complete':
      case 'cached':
      case 'diverged':
        return;
    }
  }

  #close(): void {
    this.#writer = null;
    this.#beginning = null;
  }

  #take({ metrics, weightsSha256 }: Pick<TrialEnd, 'metrics' | 'weightsSha256'>): void {
    this.#metrics = metrics;
    this.#weightsSha256 = weightsSha256;
  }

  #forget(): void {
    this.#metrics = null;
    this.#weightsSha256 = null;
  }
}

/** Metrics in the order in which a training tells them, which the store doesn't keep. */
function asRecorded(metrics: Readonly<Record<string, number>>, quantities: readonly string[]) {
  const place = (name: string) => {
    const found = quantities.indexOf(readMetric(name).quantity);
    return found < 0 ? quantities.length : found;
  };
  const names = Object.entries(metrics).map(([name, value]) => ({ name, value, place: place(name) }));
  return Object.fromEntries(names.sort((a, b) => a.place - b.place).map(({ name, value }) => [name, value]));
}
