import type { TrainingEvent, TrialDone } from '../events.js';
import type { CheckpointFolder, CheckpointTable } from './checkpoints.js';
import { KEPT_CHECKPOINTS } from './checkpoints.js';
import type { StoredObject } from './objects.js';
import type { CheckpointRecord, EvaluationState, FileKind } from './records.js';
import { runId } from './records.js';
import type { SeriesTail } from './run-rewind.js';
import type { Outcome, RunTables } from './run-tables.js';
import { SeriesBuffer } from './series-buffer.js';

/**
 * Records one run. Events are buffered and committed in batches; see {@link RunWriter.record}. Once the run has ended,
 * every method throws a RangeError, because nothing would be committed.
 */
export interface RunWriter {
  /** `r12` */
  readonly id: string;
  /**
   * Records training events. They are committed together at the end of an epoch, evaluation or stage, and otherwise
   * with the first event at least a fifth of a second after the last commit.
   *
   * @throws StoreError if the commit fails. Nothing is lost: the next commit retries, as it does while another process
   * is writing
   */
  record(...events: readonly TrainingEvent[]): void;
  /** Stores a figure under its name in the experiment (`filters(code)`). @throws StoreError */
  saveFigure(name: string, png: Uint8Array): StoredObject;
  /** Stores a safetensors file under its role (`final`, `initial`). @throws StoreError */
  saveWeights(name: string, safetensors: Uint8Array): StoredObject;
  /** Stores the chain of hashes recorded during training, as JSON. @throws StoreError */
  saveChain(json: Uint8Array): StoredObject;
  note(text: string): void;
  /** Logs where a run comes from that was trained elsewhere. */
  imported(from: string): void;
  /** Replaces the recorded environment: the run trains on another machine than was expected. @param environment JSON */
  trainsOn(environment: string): void;
  /**
   * Records a checkpoint whose file is written; everything recorded earlier belongs to it. Durable on return; deletes
   * the run's older checkpoints except one. @throws StoreError
   */
  checkpoint(checkpoint: CheckpointRecord): void;
  /**
   * Ends the training: stores its result and sets the run's status in one transaction. Nothing undoes the training
   * after that: evaluations and figures have their own state, `pending` until {@link RunWriter.finish}. Durable on
   * return. @throws StoreError
   * @param keptCheckpoints number of checkpoints to keep, newest first
   */
  trained(result: TrainingResult, keptCheckpoints?: number): void;
  /**
   * Ends the run. Without {@link RunWriter.trained}, its status is that of its `trial_done` event. Durable. @throws
   * StoreError
   * @param evaluation outcome of the evaluations and figures of a trained run
   */
  finish(evaluation?: EvaluationEnd): void;
  /**
   * Ends the run with an error, or, if it was trained, its evaluation. Durable, as {@link RunWriter.finish}.
   * @throws StoreError
   */
  fail(error: string): void;
  /**
   * Ends or pauses the run from outside the training. The evaluation of a trained run stays `pending`. If its weights
   * were saved, those of its `trial_done` event are recorded. Durable. @throws StoreError
   * @param reason a sentence, if one is needed
   */
  suspend(status: 'paused' | 'interrupted' | 'pruned' | 'stopped', reason: string | null): void;
}

export interface TrainingResult extends Pick<TrialDone, 'metrics' | 'weightsSha256' | 'divergence' | 'seconds'> {
  readonly status: 'complete' | 'diverged';
  /** A safetensors file. */
  readonly weights: Uint8Array;
  /** Chain of hashes, as JSON. */
  readonly chain: Uint8Array;
  /** Names of the loss curves, in drawing order. */
  readonly curves: readonly string[];
}

export interface EvaluationEnd {
  readonly state: NonNullable<EvaluationState>;
  /** Which of them failed, and why. */
  readonly error: string | null;
}

/** A run writer's access to the store. */
export interface RunWriterContext {
  readonly tables: RunTables;
  readonly checkpointTable: CheckpointTable;
  /** Durably writes a file of the run. */
  readonly putObject: (bytes: Uint8Array, extension: string) => StoredObject;
  readonly checkpointFolder: CheckpointFolder;
  readonly now: () => string;
  /** Commits for all writers: now, durably, or when enough time has passed. */
  readonly commit: (when: 'now' | 'durably' | 'due') => void;
  /** Called when the run is over. */
  readonly done: (writer: BufferedRunWriter) => void;
}

/** Already recorded parts of a resumed run. */
export interface ResumedRun {
  readonly seconds: number;
  /** Stage names, in order. */
  readonly stages: readonly string[];
  readonly tails: readonly SeriesTail[];
  /** Whether its training is over. */
  readonly trained: boolean;
}

const nothingYet: ResumedRun = { seconds: 0, stages: [], tails: [], trained: false };

type Write = () => void;

export class BufferedRunWriter implements RunWriter {
  readonly id: string;
  readonly #run: number;
  readonly #context: RunWriterContext;
  readonly #stages = new Map<string, number>();
  readonly #series = new Map<
    string,
    { readonly stage: number; readonly metric: string; readonly buffer: SeriesBuffer }
  >();
  #writes: Write[] = [];
  /** Uncommitted step counts, by stage. */
  #stepsDone = new Map<number, number>();
  #trialDone: TrialDone | null = null;
  /** Whether the training is over, although its evaluation may not be. */
  #trained: boolean;
  #ended = false;
  /** Whether the weights it came to are stored. */
  #hasWeights = false;
  /** Training time before the run was resumed. */
  readonly #secondsBefore: number;

  /** @param resumed what a resumed run has recorded already */
  constructor(run: number, context: RunWriterContext, resumed: ResumedRun = nothingYet) {
    this.#run = run;
    this.id = runId(run);
    this.#context = context;
    this.#secondsBefore = resumed.seconds;
    this.#trained = resumed.trained;
    for (const [stage, name] of resumed.stages.entries()) this.#stages.set(name, stage);
    for (const { stage, metric, firstStep, values } of resumed.tails) {
      const buffer = SeriesBuffer.continuing(firstStep, values);
      this.#series.set(seriesKey(stage, metric), { stage, metric, buffer });
    }
  }

  record(...events: readonly TrainingEvent[]): void {
    this.#mustBeOpen();
    for (const event of events) this.#take(event);
    const canWait = events.every(({ event }) => event === 'steps' || event === 'checkpoint');
    this.#context.commit(canWait ? 'due' : 'now');
  }

  saveFigure(name: string, png: Uint8Array): StoredObject {
    return this.#saveFile('figure', name, png, 'png');
  }

  saveWeights(name: string, safetensors: Uint8Array): StoredObject {
    if (name === 'final') this.#hasWeights = true;
    return this.#saveFile('weights', name, safetensors, 'safetensors');
  }

  saveChain(json: Uint8Array): StoredObject {
    return this.#saveFile('chain', 'final', json, 'json');
  }

  note(text: string): void {
    this.#mustBeOpen();
    this.#log('note', { text });
    this.#context.commit('due');
  }

  imported(from: string): void {
    this.#mustBeOpen();
    this.#log('imported', { from });
    this.#context.commit('due');
  }

  trainsOn(environment: string): void {
    this.#mustBeOpen();
    this.#writes.push(() => this.#context.tables.setEnvironment(this.#run, environment));
    this.#context.commit('due');
  }

  checkpoint(checkpoint: CheckpointRecord): void {
    this.#mustBeOpen();
    const { checkpointTable, now } = this.#context;
    const time = now();
    const seconds = this.#secondsBefore + checkpoint.seconds;
    this.#writes.push(() => checkpointTable.insert(this.#run, { ...checkpoint, seconds }, time));
    this.#commitKeeping(KEPT_CHECKPOINTS);
  }

  trained(result: TrainingResult, keptCheckpoints: number = KEPT_CHECKPOINTS): void {
    this.#mustBeOpen();
    const { status, metrics, weightsSha256, divergence, curves } = result;
    const { tables, putObject, now } = this.#context;
    const files = [
      ['weights', putObject(result.weights, 'safetensors')],
      ['chain', putObject(result.chain, 'json')],
    ] as const;
    const outcome = {
      status,
      seconds: this.#secondsBefore + result.seconds,
      weightsSha256,
      divergence: divergence === null ? null : JSON.stringify(divergence),
      error: null,
    };
    const time = now();
    this.#log('trained', { curves });
    this.#finalMetrics(metrics);
    this.#writes.push(() => {
      for (const [kind, object] of files) tables.insertFile(this.#run, kind, 'final', object);
      tables.finishRun(this.#run, outcome, time);
      // A diverged model is neither evaluated nor drawn.
      if (status === 'complete') tables.setEvaluation(this.#run, 'pending', null, time);
    });
    // Set even if the commit fails: the next successful one stores the training.
    this.#trained = true;
    this.#commitKeeping(keptCheckpoints);
  }

  finish(evaluation: EvaluationEnd = { state: 'complete', error: null }): void {
    const done = this.#trialDone;
    if (this.#trained) {
      const seconds = done && this.#secondsBefore + done.seconds;
      this.#endEvaluation(evaluation, seconds);
      return;
    }
    if (done === null) throw new RangeError(`${this.id} has no trial_done event`);
    this.#end({
      status: done.status,
      seconds: this.#secondsBefore + done.seconds,
      weightsSha256: done.weightsSha256,
      divergence: done.divergence === null ? null : JSON.stringify(done.divergence),
      error: null,
    });
  }

  fail(error: string): void {
    if (this.#trained) this.#endEvaluation({ state: 'failed', error }, null);
    else this.#end({ status: 'failed', seconds: null, weightsSha256: null, divergence: null, error });
  }

  suspend(status: 'paused' | 'interrupted' | 'pruned' | 'stopped', reason: string | null): void {
    if (this.#trained) {
      this.#endEvaluation({ state: 'pending', error: null }, null);
      return;
    }
    const done = this.#hasWeights ? this.#trialDone : null;
    this.#end({
      status,
      seconds: done && this.#secondsBefore + done.seconds,
      weightsSha256: done?.weightsSha256 ?? null,
      divergence: null,
      error: reason,
    });
  }

  /**
   * Writes pending data; call in a transaction.
   *
   * @returns a callback for after the commit
   */
  write(): () => void {
    const { tables } = this.#context;
    const writes = this.#writes;
    for (const write of writes) write();
    const changes = [...this.#series.values()].flatMap(({ stage, metric, buffer }) => {
      const change = buffer.change();
      if (change === null) return [];
      for (const firstStep of change.removed) tables.deletePiece(this.#run, stage, metric, firstStep);
      for (const piece of change.added) tables.insertPiece(this.#run, stage, metric, piece);
      return [change];
    });
    for (const [stage, steps] of this.#stepsDone) tables.setStepsDone(this.#run, stage, steps);
    if (writes.length + changes.length + this.#stepsDone.size > 0) tables.updateRun(this.#run, this.#context.now());
    return () => {
      this.#writes = [];
      this.#stepsDone = new Map();
      for (const change of changes) change.committed();
    };
  }

  #take(event: TrainingEvent): void {
    const { tables } = this.#context;
    const run = this.#run;
    switch (event.event) {
      case 'trial_started': {
        for (const { stage, epochs, steps } of event.stages) this.#planStage(stage, epochs, steps);
        this.#writes.push(() => tables.setTrainableParameters(run, event.parameters));
        const { backend, examples, targets } = event;
        this.#log(event.event, { backend, examples, ...(Object.keys(targets).length === 0 ? {} : { targets }) });
        return;
      }
      case 'stage_started': {
        this.#planStage(event.stage, event.epochs, event.steps ?? event.epochs * event.stepsPerEpoch);
        this.#log(event.event, { stage: event.stage });
        return;
      }
      case 'steps': {
        const stage = this.#stage(event.stage);
        for (const [metric, values] of Object.entries(event.series)) {
          this.#buffer(stage, metric, event.firstStep).append(event.firstStep, values);
          this.#stepsDone.set(stage, event.firstStep + values.length);
        }
        return;
      }
      case 'epoch': {
        const stage = this.#stage(event.stage);
        this.#epochMetrics(stage, event.epoch, event.metrics);
        this.#writes.push(() => tables.setEpochsDone(run, stage, event.epoch, event.stepsPerSecond));
        return;
      }
      case 'evaluation': {
        this.#epochMetrics(this.#stage(event.stage), event.epoch, event.metrics);
        if (event.part === 'test') this.#finalMetrics(event.metrics);
        return;
      }
      case 'diagnostics': {
        this.#epochMetrics(this.#stage(event.stage), event.epoch, event.metrics);
        return;
      }
      case 'checkpoint': {
        this.#log(event.event, { stage: event.stage, step: event.step, sha256: event.sha256 });
        return;
      }
      case 'stage_done': {
        const stage = this.#stage(event.stage);
        for (const series of this.#series.values()) if (series.stage === stage) series.buffer.seal();
        this.#stepsDone.delete(stage);
        this.#writes.push(() => tables.finishStage(run, stage, event.epochs, event.steps, event.reason));
        this.#log(event.event, { stage: event.stage, reason: event.reason });
        return;
      }
      case 'trial_done': {
        for (const { buffer } of this.#series.values()) buffer.seal();
        this.#finalMetrics(event.metrics);
        this.#log(event.event, { status: event.status });
        this.#trialDone = event;
        return;
      }
    }
  }

  #endEvaluation({ state, error }: EvaluationEnd, seconds: number | null): void {
    this.#mustBeOpen();
    const { tables, now } = this.#context;
    const time = now();
    this.#writes.push(() => {
      tables.finishEvaluation(this.#run, state, error, time);
      if (seconds !== null) tables.setSeconds(this.#run, seconds);
    });
    this.#context.commit('durably');
    this.#letGo();
  }

  #end(outcome: Outcome): void {
    this.#mustBeOpen();
    for (const { buffer } of this.#series.values()) buffer.seal();
    const { tables, now } = this.#context;
    const finished = now();
    this.#writes.push(() => tables.finishRun(this.#run, outcome, finished));
    this.#commitKeeping(KEPT_CHECKPOINTS);
    this.#letGo();
  }

  #letGo(): void {
    this.#ended = true;
    this.#context.done(this);
  }

  /** Commits durably; deletes files of older checkpoints after their rows. */
  #commitKeeping(checkpoints: number): void {
    const { checkpointTable, checkpointFolder, commit } = this.#context;
    let unnamed: readonly string[] = [];
    this.#writes.push(() => {
      unnamed = checkpointTable.dropAllBut(this.#run, checkpoints);
    });
    commit('durably');
    checkpointFolder.remove(unnamed);
  }

  #mustBeOpen(): void {
    if (this.#ended) throw new RangeError(`${this.id} has ended; nothing more of it is recorded`);
  }

  #saveFile(kind: FileKind, name: string, bytes: Uint8Array, extension: string): StoredObject {
    this.#mustBeOpen();
    const object = this.#context.putObject(bytes, extension);
    this.#writes.push(() => this.#context.tables.insertFile(this.#run, kind, name, object));
    this.#context.commit('due');
    return object;
  }

  #log(event: string, detail: Readonly<Record<string, unknown>>): void {
    const { tables, now } = this.#context;
    const time = now();
    this.#writes.push(() => tables.insertEvent(this.#run, time, event, JSON.stringify(detail)));
  }

  #epochMetrics(stage: number, epoch: number, metrics: Readonly<Record<string, number>>): void {
    this.#writes.push(() => {
      for (const [metric, value] of Object.entries(metrics)) {
        this.#context.tables.insertEpochMetric(this.#run, stage, epoch, metric, value);
      }
    });
  }

  #finalMetrics(metrics: Readonly<Record<string, number>>): void {
    this.#writes.push(() => {
      for (const [metric, value] of Object.entries(metrics)) {
        this.#context.tables.insertFinalMetric(this.#run, metric, value);
      }
    });
  }

  #planStage(name: string, epochs: number, steps: number): void {
    const stage = this.#stages.get(name) ?? this.#stages.size;
    this.#stages.set(name, stage);
    this.#writes.push(() => this.#context.tables.insertStage(this.#run, stage, name, epochs, steps));
  }

  #stage(name: string): number {
    const stage = this.#stages.get(name);
    if (stage === undefined) throw new Error(`${this.id}: stage '${name}' has not started`);
    return stage;
  }

  #buffer(stage: number, metric: string, firstStep: number): SeriesBuffer {
    const key = seriesKey(stage, metric);
    const known = this.#series.get(key);
    if (known !== undefined) return known.buffer;
    const buffer = new SeriesBuffer(firstStep);
    this.#series.set(key, { stage, metric, buffer });
    return buffer;
  }
}

function seriesKey(stage: number, metric: string): string {
  return `${stage} ${metric}`;
}
