import type { TrialEnd } from '../execute/job.js';
import type { Objective } from '../metrics/usual-metric.js';
import type { ParameterValue, TrainingEvent, TrialState } from '../runtime/events.js';
import { anything } from '../runtime/formats/json.js';
import { type Machine, trainedOn } from '../runtime/provenance/environment.js';
import type { CheckpointRecord, RunDescription } from '../runtime/store/records.js';
import type { RunWriter, TrainingResult } from '../runtime/store/run-writer.js';
import type { Store, WritableStore } from '../runtime/store/store.js';
import { CheckpointError, decodeCheckpoint } from '../trial/checkpoint-file.js';
import { endEvaluation, failureText } from '../trial/evaluation-end.js';
import type { GivenWeights } from '../trial/weights-file.js';
import { ObjectiveValues } from './objective-values.js';

/** A trial of a sweep, as the sweep is given it. */
export interface SweepTrial {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  readonly identity: string;
  /** JSON. */
  readonly recipe: string;
  /** Absolute places of the files of its data, by the paths that the recipe names. */
  readonly dataFiles: Readonly<Record<string, string>>;
  /** Weights to start from in place of drawn ones. @throws as `describe` */
  readonly init: () => GivenWeights | null;
  /** All that is recorded of its run; asked for when it trains. @throws when it can't be trained any more */
  readonly describe: () => RunDescription;
  /** The same with other random numbers. @throws as `describe` */
  readonly withSeed: (seed: number) => SweepTrial;
}

/** The newest checkpoint that is whole, and what is said of those that are not. */
export interface UsableCheckpoint {
  readonly checkpoint: CheckpointRecord | null;
  readonly notes: readonly string[];
}

export function usableCheckpoint(store: Store, runId: string): UsableCheckpoint {
  const notes: string[] = [];
  const { identity } = store.findRun(runId);
  for (const checkpoint of store.checkpoints(runId)) {
    const problem = problemOf(store, checkpoint, identity);
    if (problem === null) return { checkpoint, notes };
    notes.push(`${runId}: the checkpoint at step ${checkpoint.step} cannot be used (${problem}); the one before it is`);
  }
  return { checkpoint: null, notes: notes.map((note) => note.replace(/; the one before it is$/, '')) };
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

/** A trial with the run that holds its results. */
export class TrialRun {
  readonly trial: SweepTrial;
  readonly objective: ObjectiveValues;
  runId: string | null;
  state: TrialState;
  /** Of its last stage; what it was launched to, and how far it is. */
  untilEpoch: number | null = null;
  epochs = 0;
  /** How its training ended; null while it isn't over. */
  trainedAs: TrainingResult['status'] | null = null;
  #writer: RunWriter | null = null;
  /** As it is recorded: JSON. */
  #environment = '{}';
  #stages: readonly string[] = [];
  #metrics: Readonly<Record<string, number>> | null = null;
  #weightsSha256: string | null = null;

  constructor(trial: SweepTrial, objective: Objective | null, state: TrialState, runId: string | null) {
    this.trial = trial;
    this.objective = new ObjectiveValues(objective);
    this.state = state;
    this.runId = runId;
  }

  get metrics(): Readonly<Record<string, number>> | null {
    return this.#metrics;
  }

  get weightsSha256(): string | null {
    return this.#weightsSha256;
  }

  /** Takes what the store has of a run that trained this trial, or the same one. */
  read(store: Store, runId: string): void {
    const run = store.findRun(runId);
    this.runId = runId;
    this.#environment = run.environment;
    this.#stages = run.stages.map(({ stage }) => stage);
    this.#weightsSha256 = run.weightsSha256;
    this.#metrics = store.readFinal(runId);
    this.objective.restore(store.readEpochs(runId), this.#stages.at(-1) ?? null);
  }

  /** Begins a run of its own, as a trial of a sweep. @returns its id */
  begin(store: WritableStore, trialOf: NonNullable<RunDescription['trialOf']>): string {
    const init = this.trial.init();
    const description = this.trial.describe();
    const writer = store.startRun({ ...description, trialOf });
    if (init) writer.saveWeights('initial', init.file);
    this.#writer = writer;
    this.#environment = description.environment;
    this.runId = writer.id;
    this.objective.restore([], null);
    this.#forget();
    this.trainedAs = null;
    this.epochs = 0;
    return writer.id;
  }

  /** Goes on with its run. */
  resume(store: WritableStore, runId: string, from: CheckpointRecord | null): void {
    this.#writer = store.resumeRun(runId, from);
    this.read(store, runId);
    this.#forget();
    this.trainedAs = null;
    this.epochs = from !== null && from.stage === this.#stages.length - 1 ? from.epochs : 0;
  }

  /** What was recorded when it began is the machine that planned it. */
  trainsOn(machine: Machine): void {
    const environment = trainedOn(this.#environment, machine);
    if (environment === null) return;
    this.#environment = environment;
    this.#writer?.trainsOn(environment);
  }

  record(events: readonly TrainingEvent[]): void {
    for (const event of events) {
      if (event.event === 'trial_started') this.#stages = event.stages.map(({ stage }) => stage);
      if (event.event === 'epoch' && event.stage === this.#stages.at(-1)) this.epochs = event.epoch;
      this.objective.observe(event);
    }
    this.#writer?.record(...events);
  }

  /** @returns the event that says so */
  checkpoint(checkpoint: CheckpointRecord): TrainingEvent {
    const { stage, step, sha256 } = checkpoint;
    const event: TrainingEvent = { event: 'checkpoint', stage: this.#stages[stage] ?? '', step, sha256 };
    this.#writer?.record(event);
    this.#writer?.checkpoint(checkpoint);
    return event;
  }

  note(text: string): void {
    this.#writer?.note(text);
  }

  /** It trained until it ended by itself; what it came to is kept. @param kept checkpoints that stay */
  trained(result: TrainingResult, kept: number): void {
    this.#take(result);
    this.#writer?.trained(result, kept);
    this.trainedAs = result.status;
  }

  /** Its evaluations and pictures are made. @returns what failed of them, in a sentence */
  finish(end: TrialEnd): string | null {
    this.#take(end);
    const { failures } = endEvaluation(this.#writer, end);
    this.#writer = null;
    return failures.length === 0 ? null : failures.map(failureText).join('; ');
  }

  /** What evaluated it threw or is gone; its weights are kept. @returns what failed, in a sentence */
  evaluationFailed(reason: string): string {
    const text = failureText({ what: 'its evaluation', reason });
    this.#writer?.fail(text);
    this.#writer = null;
    return text;
  }

  /** Goes on with a run whose training is over. */
  evaluate(store: WritableStore, runId: string): void {
    this.#writer = store.evaluateRun(runId);
    this.read(store, runId);
    this.trainedAs = 'complete';
  }

  /** It halted, with its weights in a checkpoint; what comes of it is said by {@link settle}. */
  halt(end: TrialEnd): void {
    this.#take(end);
  }

  /** Its run gets the state that the schedule gave to the trial. */
  settle(store: WritableStore, state: TrialState, reason: string | null): void {
    this.state = state;
    const writer = this.#writer;
    this.#writer = null;
    switch (state) {
      case 'queued':
        writer?.suspend('paused', null);
        return;
      case 'failed':
        if (writer) writer.fail(reason ?? 'it failed');
        return;
      case 'paused':
        writer?.suspend(state, reason);
        return;
      case 'interrupted':
      case 'pruned':
      case 'stopped':
        if (writer) writer.suspend(state, reason);
        else if (this.runId !== null) store.settleRun(this.runId, state, reason);
        return;
      case 'running':
      case 'complete':
      case 'cached':
      case 'diverged':
        this.#writer = state === 'running' ? writer : null;
    }
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
