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
 * Records one run. Everything is buffered and committed in batches; see {@link RunWriter.record}. A run that has ended
 * takes nothing more: every method then throws a RangeError, because nobody would commit what it was given.
 */
export interface RunWriter {
  /** `r12` */
  readonly id: string;
  /**
   * Takes in events of the training. They are committed, together, at the end of an epoch, evaluation or stage, and
   * otherwise with the first event that comes a fifth of a second or more after the last commit.
   *
   * @throws StoreError when the commit fails; nothing is forgotten, and the next commit tries again, as it does when another
   *   process is just writing
   */
  record(...events: readonly TrainingEvent[]): void;
  /** Keeps a picture under its name in the experiment (`filters(code)`). @throws StoreError */
  saveFigure(name: string, png: Uint8Array): StoredObject;
  /** Keeps a safetensors file under the name of which weights they are (`final`, `initial`). @throws StoreError */
  saveWeights(name: string, safetensors: Uint8Array): StoredObject;
  /** Keeps the chain of hashes along the training, as JSON. @throws StoreError */
  saveChain(json: Uint8Array): StoredObject;
  /** A remark for the run's log. */
  note(text: string): void;
  /**
   * The file of a checkpoint is written, and everything recorded before it belongs to it. Durable when it returns; the
   * run's older checkpoints but one are deleted. @throws StoreError
   */
  checkpoint(checkpoint: CheckpointRecord): void;
  /**
   * The training is over: keeps what it came to, and gives the run its status, all at once. From then on nothing takes
   * the training back: evaluations and pictures have a state of their own, `pending` until {@link RunWriter.finish}.
   * Durable when it returns: a power failure does not undo it. @throws StoreError
   * @param keptCheckpoints how many of its checkpoints stay, the newest
   */
  trained(result: TrainingResult, keptCheckpoints?: number): void;
  /**
   * The run is over. Without {@link RunWriter.trained} it gets the status of its `trial_done` event. Durable. @throws StoreError
   * @param evaluation what became of its evaluations and pictures, of a run that was trained
   */
  finish(evaluation?: EvaluationEnd): void;
  /**
   * The run ended by an error; its evaluation did, if it was trained. Durable, as {@link RunWriter.finish}.
   * @throws StoreError
   */
  fail(error: string): void;
  /**
   * Others than the training ended the run, or made it wait; the evaluation of one that was trained stays `pending`.
   * Durable. @throws StoreError
   * @param reason in a sentence, where it needs one
   */
  suspend(status: 'paused' | 'interrupted' | 'pruned' | 'stopped', reason: string | null): void;
}

/** What a training came to. */
export interface TrainingResult extends Pick<TrialDone, 'metrics' | 'weightsSha256' | 'divergence' | 'seconds'> {
  readonly status: 'complete' | 'diverged';
  /** A safetensors file. */
  readonly weights: Uint8Array;
  /** The chain of hashes, as JSON. */
  readonly chain: Uint8Array;
  /** Names of the curves of its loss, in the order in which they are drawn. */
  readonly curves: readonly string[];
}

export interface EvaluationEnd {
  readonly state: NonNullable<EvaluationState>;
  /** What failed, and why. */
  readonly error: string | null;
}

/** What the store gives to a writer. */
export interface RunWriterContext {
  readonly tables: RunTables;
  readonly checkpointTable: CheckpointTable;
  /** Durably writes a file of the run. */
  readonly putObject: (bytes: Uint8Array, extension: string) => StoredObject;
  readonly checkpointFolder: CheckpointFolder;
  readonly now: () => string;
  /** Commits what all writers have: now, durably, or when enough time has passed. */
  readonly commit: (when: 'now' | 'durably' | 'due') => void;
  /** The run is over. */
  readonly done: (writer: BufferedRunWriter) => void;
}

/** What a run that is gone on with has already. */
export interface ResumedRun {
  readonly seconds: number;
  /** Names, in their order. */
  readonly stages: readonly string[];
  readonly tails: readonly SeriesTail[];
  /** Its training is over. */
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
  /** By stage, where it isn't committed. */
  #stepsDone = new Map<number, number>();
  #trialDone: TrialDone | null = null;
  /** The training is over; its evaluation isn't. */
  #trained: boolean;
  #ended = false;
  /** Of training before it was resumed. */
  readonly #secondsBefore: number;

  /** @param resumed what a run that is gone on with has already */
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
    // Also when the commit fails: whichever succeeds next keeps the training.
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
    if (this.#trained) this.#endEvaluation({ state: 'pending', error: null }, null);
    else this.#end({ status, seconds: null, weightsSha256: null, divergence: null, error: reason });
  }

  /**
   * Writes what isn't committed; to be called in a transaction.
   *
   * @returns to be called once it is committed
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
        this.#planStage(event.stage, event.epochs, event.epochs * event.stepsPerEpoch);
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

  /** Commits durably; files of older checkpoints go after their rows. */
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
