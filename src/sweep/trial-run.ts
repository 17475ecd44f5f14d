import type { TrialEnd } from '../execute/job.js';
import { readMetric } from '../metrics/metric-name.js';
import type { Objective } from '../metrics/usual-metric.js';
import type { TrainingEvent, TrialState } from '../runtime/events.js';
import { anything } from '../runtime/formats/json.js';
import { type Machine, trainedOn } from '../runtime/provenance/environment.js';
import type { CheckpointRecord, RunDescription } from '../runtime/store/records.js';
import type { RunWriter, TrainingResult } from '../runtime/store/run-writer.js';
import type { Store, WritableStore } from '../runtime/store/store.js';
import type { SweepTrialRecord } from '../runtime/store/sweep-records.js';
import type { EvaluationFailure } from '../runtime/training/train-trial.js';
import { countText } from '../text/number-text.js';
import { CheckpointError, decodeCheckpoint, encodeCheckpoint } from '../trial/checkpoint-file.js';
import { endEvaluation, failureText } from '../trial/evaluation-end.js';
import { historyState } from '../trial/history.js';
import { ObjectiveValues } from './objective-values.js';
import type { SweepTrial } from './sweep-trial.js';

/** The newest intact checkpoint, and remarks about damaged ones. */
function usableCheckpoint(store: Store, runId: string): Pick<Beginning, 'checkpoint' | 'problems'> {
  const found: (readonly [step: number, problem: string])[] = [];
  const { identity } = store.findRun(runId);
  let checkpoint: CheckpointRecord | null = null;
  for (const each of store.checkpoints(runId)) {
    const problem = problemOf(store, each, identity);
    if (problem === null) {
      checkpoint = each;
      break;
    }
    found.push([each.step, problem]);
  }
  const instead = checkpoint === null ? '' : '; the one before it is';
  const problems = found.map(
    ([step, problem]) => `${runId}: the checkpoint at step ${step} cannot be used (${problem})${instead}`,
  );
  return { checkpoint, problems };
}

function problemOf(store: Store, checkpoint: CheckpointRecord, identity: string): string | null {
  const bytes = store.readCheckpoint(checkpoint);
  if (bytes === null) return 'its file is missing or damaged';
  try {
    const decoded = decodeCheckpoint(bytes, anything);
    if (decoded.identity !== identity) return 'it is of another trial';
    return decoded.state.stage === checkpoint.stage ? null : 'it is of another stage';
  } catch (error) {
    if (error instanceof CheckpointError) return error.message;
    throw error;
  }
}

/** How a trial's run is opened. */
export interface Opening {
  /** From the beginning, in a run of its own. */
  readonly anew: boolean;
  /** The place in the sweep; null for a run by itself. */
  readonly trialOf: NonNullable<RunDescription['trialOf']> | null;
  /** Whether a run that is evaluated already is evaluated again, and the file that asks for it. */
  readonly evaluates: { readonly as: string | null } | null;
  /** `trained-state.ts`, which isn't loaded for a run that isn't kept. */
  readonly stateToEvaluate: (store: Store, id: string, again: boolean) => Uint8Array | null;
}

export interface Beginning {
  readonly checkpoint: CheckpointRecord | null;
  /** Initial state, encoded as a checkpoint, if not from the run's own checkpoint. */
  readonly state: Uint8Array | null;
  /** Checkpoints that can't be used, one sentence each. */
  readonly problems: readonly string[];
  /** Describes the state resumed from, in a sentence; null if training from the beginning. */
  readonly text: string | null;
}

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

  #opened({ anew, trialOf, evaluates, stateToEvaluate }: Opening): Beginning {
    const [store, runId] = [this.#store, this.runId];
    this.trainedAs = null;
    this.end = null;
    this.epochs = 0;
    if (store === null) {
      this.#forget();
      return fromTheStart;
    }
    if (anew || runId === null) return this.#begun(store, trialOf);
    const state = stateToEvaluate(store, runId, evaluates !== null);
    if (state !== null) {
      this.#writer = store.evaluateRun(runId, evaluates?.as ?? null);
      this.read(runId);
      this.trainedAs = 'complete';
      const whose = evaluates?.as ? `the evaluations and pictures of ${evaluates.as}` : 'its evaluations and pictures';
      return { checkpoint: null, state, problems: [], text: `${runId} is trained; ${whose} are made` };
    }
    const { checkpoint, problems } = usableCheckpoint(store, runId);
    this.#writer = store.resumeRun(runId, checkpoint);
    this.read(runId);
    this.#forget();
    this.epochs = checkpoint !== null && checkpoint.stage === this.#stages.length - 1 ? checkpoint.epochs : 0;
    const where = checkpoint
      ? `after step ${checkpoint.step} of ${this.#stages[checkpoint.stage]}`
      : 'from its beginning';
    return { checkpoint, state: null, problems, text: `${runId} goes on ${where}` };
  }

  #begun(store: WritableStore, trialOf: Opening['trialOf']): Beginning {
    const { identity, from } = this.trial;
    const init = this.trial.init();
    const description = { ...this.trial.describe(), trialOf };
    const bytes = from && store.readCheckpoint(from.record);
    const writer = from && bytes ? store.forkRun(description, from.runId, from.record) : store.startRun(description);
    if (init) writer.saveWeights('initial', init.file);
    this.#writer = writer;
    this.#environment = description.environment;
    this.runId = writer.id;
    this.#forget();
    if (!from || !bytes) {
      this.objective.restore([], null);
      return fromTheStart;
    }
    this.read(writer.id);
    this.#forget();
    this.epochs = from.record.stage === this.#stages.length - 1 ? from.record.epochs : 0;
    return {
      checkpoint: from.record,
      state: encodeCheckpoint({ ...decodeCheckpoint(bytes, historyState), identity }),
      problems: [],
      text: `${writer.id} goes on from ${from.runId}, after ${countText(from.record.epochs, 'epoch')}`,
    };
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

const fromTheStart: Beginning = { checkpoint: null, state: null, problems: [], text: null };
