import { HandoverError, type RunningTrial, type SharedExecutor } from '../execute/executor.js';
import type { TrialEnd, TrialJob, TrialMessage } from '../execute/job.js';
import { costOfMetric, type MeasuredObjective } from '../metrics/usual-metric.js';
import { numericsVersion } from '../numerics/version.js';
import { type Ended, hasEnded, type SweepAction, type SweepControls, type TrialState } from '../runtime/events.js';
import type { WritableStore } from '../runtime/store/store.js';
import type { RecordedAction, SweepTrialRecord } from '../runtime/store/sweep-records.js';
import type { CheckpointPolicy } from '../trial/checkpointer.js';
import { modulesOf } from '../words/outside.js';
import type { Words } from '../words/word.js';
import { plannedSlots } from './planned-slots.js';
import { type PointCosts, type PointSource, pointsNeeded } from './point-source.js';
import type { Pruning } from './pruning.js';
import type { Opening } from './run-opening.js';
import { type Effect, Schedule } from './schedule.js';
import { objectivesOf } from './sweep-front.js';
import { type JournalOptions, SweepJournal } from './sweep-journal.js';
import { moreSeeds, type SweepTrial } from './sweep-trial.js';
import type { SweepWorkers } from './sweep-workers.js';
import { type HaltedFiles, TrialRun, UnrecordableError } from './trial-run.js';

export interface SweepRunOptions extends JournalOptions {
  readonly library: Words;
  /** Null for a run that isn't kept. */
  readonly store: WritableStore | null;
  readonly executor: SharedExecutor;
  readonly trials: readonly SweepTrial[];
  /** Trials from an earlier session; empty for a new sweep. */
  readonly before: readonly SweepTrialRecord[];
  /** Number of planned trials; later ones were added, and rungs do not apply to them. */
  readonly planned: number;
  /** Selects the trials to train now. */
  readonly wanted: (record: SweepTrialRecord) => boolean;
  readonly evaluates?: Opening['evaluates'];
  readonly stateToEvaluate: Opening['stateToEvaluate'];
  readonly pruning: Pruning | null;
  /** Whether `asha` judges the trials in their order. */
  readonly inOrder: boolean;
  /** Proposes trials from the results of others; null if all are known. */
  readonly points: PointSource | null;
  /** A complete run of the same trial that takes the place of training; null for none. */
  readonly reusable: (trial: SweepTrial) => string | null;
  /** Whether to compare the weights with those of an earlier run of the same trial. */
  readonly compares: boolean;
  readonly workers: Omit<SweepWorkers, 'note'>;
  /** Most threads over all trials. */
  readonly cores: number;
  readonly policy: CheckpointPolicy;
  /** Checkpoints kept of an ended trial. */
  readonly keptCheckpoints: number;
  /** Stores what a halted trial leaves besides its checkpoint. */
  readonly haltedFiles?: () => HaltedFiles | null;
  readonly previews: boolean;
  /** Whether a search proposes further points. */
  readonly proposes: boolean;
}

/** Runs a sweep, or the one trial of a run: carries out what the schedule wants. */
export class SweepRun implements SweepControls {
  readonly #options: SweepRunOptions;
  readonly #runs: TrialRun[];
  readonly #journal: SweepJournal;
  readonly #schedule: Schedule;
  readonly #running = new Map<number, RunningTrial>();
  /** Halted by a listener before they were launched. */
  readonly #haltedEarly = new Set<number>();
  readonly #lastWords = new Map<number, string>();
  readonly #differing: number[] = [];
  readonly #unevaluated: number[] = [];
  readonly #alone = new Set<number>();
  #resolve: (done: Ended) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #over = false;
  #interrupted = false;
  /** Whether a point is being decided. */
  #proposing = false;
  /** Whether the search has no point left that is new. */
  #exhausted = false;

  constructor(options: SweepRunOptions) {
    this.#options = options;
    const { trials, before, pruning, inOrder, store, writer, workers } = options;
    this.#runs = trials.map((trial, i) => this.#newRun(trial, before[i]));
    this.#journal = new SweepJournal(options, this.#runs);
    const [decided, actions] =
      store && writer ? [store.sweepDecisions(writer.id), store.sweepActions(writer.id)] : [[], []];
    const readsMetrics = objectivesOf(options.about).length > 0;
    const slots = plannedSlots({ ...options, runs: this.#runs, decided, readsMetrics });
    this.#schedule = new Schedule(
      slots,
      { jobs: workers.jobs, pruning, preferred: preferredIn(actions), inOrder },
      pruning?.rule.kind === 'asha' ? [] : decided.map(({ rung }) => rung),
    );
  }

  /** @throws StoreError if results can no longer be stored; committed ones are kept */
  run(): Promise<Ended> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#guarded(() => {
        if (this.#options.of === 'run') this.#openAll();
        this.#journal.started({ jobs: this.#schedule.jobs, threads: this.#threads() }, this.#options.before);
        this.#carryOut(this.#schedule.start());
      });
    });
  }

  /** How the trial of a run came out. */
  trialRun(trial: number): TrialRun {
    const run = this.#runs[trial];
    if (!run) throw new RangeError(`the sweep has no trial ${trial}`);
    return run;
  }

  act(action: SweepAction): void {
    this.#guarded(() => {
      const refusal = this.#refusal(action);
      if (refusal !== null) {
        this.#journal.note(null, refusal);
        return;
      }
      if (action.do === 'add_seeds') {
        this.#addSeeds(action);
        return;
      }
      this.#journal.acted(action);
      const { mostJobs } = this.#options.workers;
      const effects = this.#schedule.act(
        action.do === 'jobs' ? { ...action, jobs: Math.min(action.jobs, mostJobs) } : action,
      );
      if (action.do === 'jobs') this.#tellJobs(action.jobs);
      this.#carryOut(effects);
    });
  }

  interrupt(): void {
    this.#guarded(() => {
      this.#interrupted = true;
      this.#carryOut(this.#schedule.interrupt());
    });
  }

  #newRun(trial: SweepTrial, record?: SweepTrialRecord): TrialRun {
    const { store, about } = this.#options;
    return new TrialRun(trial, { store, objective: about.objective }, record);
  }

  /** Before the first event of a run, which tells its id. */
  #openAll(): void {
    for (const [trial, run] of this.#runs.entries()) {
      if (run.state !== 'queued') continue;
      run.open(this.#opening(trial, false));
      run.state = 'running';
    }
  }

  #opening(trial: number, anew: boolean): Opening {
    const { writer, evaluates = null, stateToEvaluate } = this.#options;
    return { anew, trialOf: writer && { sweep: writer.id, trial }, evaluates, stateToEvaluate };
  }

  #tellJobs(asked: number): void {
    const { jobs } = this.#schedule;
    this.#journal.emit({ event: 'jobs', jobs });
    const { cores, workers } = this.#options;
    const { mostJobs, threads } = workers;
    if (asked <= mostJobs) return;
    const byCores = Math.max(1, Math.floor(cores / (threads ?? 1)));
    const where = mostJobs < byCores ? 'that fit the memory' : `on ${cores} cores`;
    const each = threads === null || threads === 1 ? '' : `, ${threads} threads each,`;
    this.#journal.note(null, `${jobs} at a time${each} is the most ${where}`);
  }

  /** Never more threads than cores. */
  #threads(): number {
    const { workers, cores } = this.#options;
    if (workers.threads !== null) return workers.threads;
    return Math.max(1, Math.floor(cores / Math.max(1, Math.min(this.#schedule.jobs, this.#runs.length))));
  }

  /** Why an action can't be taken, in a sentence. */
  #refusal(action: SweepAction): string | null {
    if ('trial' in action && !this.#runs[action.trial]) return `the sweep has no trial ${action.trial}`;
    if (action.do === 'add_seeds' && this.#options.points !== null) {
      return 'the points of this sweep are judged by the seeds that it began with; train others with `aedsl run --seed`';
    }
    if (this.#options.of === 'sweep') return null;
    switch (action.do) {
      case 'resume':
      case 'stop':
        return null;
      case 'pause':
        return this.#options.store === null ? 'a run that is not kept has no checkpoint to resume from' : null;
      case 'restart':
      case 'prioritise':
      case 'jobs':
      case 'add_seeds':
        return 'this is a run of one trial; `aedsl sweep` trains several';
    }
  }

  #carryOut(effects: readonly Effect[]): void {
    const waiting = [...effects];
    for (let effect = waiting.shift(); effect !== undefined; effect = waiting.shift()) {
      switch (effect.do) {
        case 'launch':
          for (const following of this.#launch(effect)) waiting.push(following);
          break;
        case 'halt':
          this.#halt(effect.trial);
          break;
        case 'state':
          this.#settle(effect.trial, effect.state, effect.reason);
          break;
        case 'decide':
          this.#decide(effect);
          break;
      }
    }
    this.#propose();
    if (this.#schedule.done && (this.#interrupted || !this.#proposing)) this.#finish();
  }

  /** Decides the next point, as soon as the results are there that it depends on. */
  #propose(): void {
    const { points, proposes } = this.#options;
    if (points === null || !proposes) return;
    if (this.#proposing || this.#interrupted || !this.#hasUndecided()) return;
    const costs = this.#costs(points.trialsPerPoint);
    if (costs.slice(0, pointsNeeded(costs.length, points.lag)).some((cost) => cost === null)) return;
    this.#proposing = true;
    const decided = (trials: readonly SweepTrial[] | null) =>
      this.#guarded(() => {
        this.#proposing = false;
        if (this.#interrupted) return;
        if (trials === null) {
          this.#exhausted = true;
          this.#journal.note(null, `no new point is left after ${costs.length}`);
          this.#carryOut([]);
          return;
        }
        for (const trial of trials) this.#runs.push(this.#newRun(trial));
        this.#journal.added(trials.length, null);
        this.#carryOut(this.#schedule.add(trials.length));
      });
    points
      .next(costs, (text) => this.#journal.note(null, text))
      .then(decided, (error: unknown) =>
        this.#guarded(() => {
          throw error;
        }),
      );
  }

  #hasUndecided(): boolean {
    const { points } = this.#options;
    return points !== null && !this.#exhausted && this.#runs.length < points.count * points.trialsPerPoint;
  }

  /** The result of each point that is decided: the mean of its trials, null until all have ended. */
  #costs(trialsPerPoint: number): readonly PointCosts[] {
    const objectives = objectivesOf(this.#options.about);
    const costs: PointCosts[] = [];
    for (let first = 0; first < this.#runs.length; first += trialsPerPoint) {
      const runs = this.#runs.slice(first, first + trialsPerPoint);
      const isEnded = runs.every(({ state }) => hasEnded(state) && state !== 'interrupted');
      const each = runs.map((run) => costsOf(run, objectives));
      const mean = (each[0] ?? []).map((_, i) => each.reduce((sum, cost) => sum + (cost[i] ?? 0), 0) / trialsPerPoint);
      costs.push(isEnded ? mean : null);
    }
    return costs;
  }

  #halt(trial: number): void {
    const running = this.#running.get(trial);
    if (running) running.halt();
    else this.#haltedEarly.add(trial);
  }

  #decide({ rung, epoch, kept, pruned, ends, reason }: Effect & { readonly do: 'decide' }): void {
    for (const trial of ends) this.trialRun(trial).settle('pruned', reason);
    this.#journal.decided({ event: 'rung', rung, epoch, kept, pruned }, ends, reason);
    this.#dropCheckpointsOf(ends.map((trial) => this.trialRun(trial)));
  }

  /** Only after the decision is committed: nothing resumes from them any more. */
  #dropCheckpointsOf(runs: readonly TrialRun[]): void {
    const { store, keptCheckpoints } = this.#options;
    const over = runs.filter(({ state }) => state === 'pruned' || state === 'stopped');
    store?.keepCheckpoints(
      over.flatMap(({ runId }) => (runId === null ? [] : [runId])),
      keptCheckpoints,
    );
  }

  /** @returns effects of a trial that need not train */
  #launch({ trial, untilEpoch, alone, anew }: Effect & { readonly do: 'launch' }): readonly Effect[] {
    const run = this.trialRun(trial);
    const reused = anew ? null : this.#options.reusable(run.trial);
    if (reused !== null && reused !== run.runId) {
      run.read(reused);
      run.state = 'cached';
      const rungs = this.#options.pruning?.rungs ?? [];
      const costs = [...rungs.map((epoch) => run.objective.cost(epoch)), run.objective.cost()];
      const effects = this.#schedule.reused(trial, costs);
      this.#journal.change(trial, 'cached', `the same trial as ${reused}`);
      return effects.filter((effect) => effect.do !== 'state' || effect.trial !== trial);
    }
    if (this.#options.executor.leaves?.(trial) === true) return this.#schedule.returned(trial, { as: 'elsewhere' });
    try {
      const isHere = this.#train(trial, run, { untilEpoch, alone, anew });
      return isHere ? [] : this.#schedule.returned(trial, { as: 'elsewhere' });
    } catch (error) {
      // The trial's recipe is at fault; store errors and a full disk end the sweep.
      if (!(error instanceof Error) || error.name === 'StoreError' || error instanceof HandoverError) throw error;
      return this.#schedule.returned(trial, { as: 'failed', reason: error.message });
    }
  }

  /** @returns whether it trains here, and not elsewhere */
  #train(
    trial: number,
    run: TrialRun,
    { untilEpoch, alone, anew }: Omit<Effect & { readonly do: 'launch' }, 'do' | 'trial'>,
  ): boolean {
    const { library, of, store, executor, policy, about, previews } = this.#options;
    const { checkpoint: from, state, problems, text } = run.open(this.#opening(trial, anew));
    run.untilEpoch = untilEpoch;
    if (alone) this.#alone.add(trial);
    const job: TrialJob = {
      trial,
      recipe: run.trial.recipe,
      words: modulesOf(library),
      dataFiles: run.trial.dataFiles,
      seed: run.trial.seed,
      expected: { identity: run.trial.identity, numerics: numericsVersion },
      backend: about.backend,
      threads: this.#threads(),
      untilEpoch,
      checkpoints: policy,
      from,
      trained: state,
      init: run.trial.init()?.file ?? null,
      previews,
    };
    const checkpoints =
      store && run.runId !== null
        ? { folder: store.checkpointFolder, prefix: store.checkpointPrefix(run.runId) }
        : null;
    let isHeard = true;
    const running = executor.start(job, { alone, checkpoints }, (message) =>
      this.#guarded(() => {
        if (!isHeard) return;
        try {
          this.#hear(trial, message);
        } catch (error) {
          if (!(error instanceof UnrecordableError)) throw error;
          isHeard = false;
          running?.halt();
          this.#hear(trial, { type: 'failed', reason: `what was reported of it cannot be recorded: ${error.message}` });
        }
      }),
    );
    if (running !== null) this.#running.set(trial, running);
    if (running !== null && run.state !== 'running') this.#settle(trial, 'running', null);
    for (const problem of problems) this.#journal.note(trial, problem);
    // In a sweep most trials resume after a rung, which needs no words.
    if (text !== null && (of === 'run' || state !== null)) this.#journal.note(trial, text);
    if (this.#haltedEarly.delete(trial)) running?.halt();
    return running !== null;
  }

  #hear(trial: number, message: TrialMessage): void {
    const run = this.trialRun(trial);
    switch (message.type) {
      case 'machine':
        run.trainsOn(message.machine);
        break;
      case 'events':
        run.record(message.events);
        for (const training of message.events) this.#journal.emit({ ...training, trial });
        break;
      case 'checkpoint':
        this.#journal.emit({ ...run.checkpoint(message.checkpoint), trial });
        break;
      case 'preview':
        this.#journal.emit({ event: 'preview', trial, moment: message.moment, pictures: message.pictures });
        break;
      case 'report': {
        const { stepsPerSecond, bytes } = message;
        const worker = this.#running.get(trial)?.worker;
        if (worker === undefined) throw new RangeError(`trial ${trial} reports, and was not started`);
        this.#journal.emit({ event: 'worker', worker, trial, stepsPerSecond, bytes });
        break;
      }
      case 'note':
        run.note(message.text);
        this.#journal.note(trial, message.text);
        break;
      case 'trained':
        run.trained(message.result, this.#options.keptCheckpoints);
        break;
      case 'ended':
        this.#running.delete(trial);
        this.#ended(trial, run, message.end);
        break;
      case 'failed':
        this.#running.delete(trial);
        if (run.trainedAs !== null) {
          this.#evaluated(trial, run, run.trainedAs, run.evaluationFailed(message.reason));
          break;
        }
        this.#carryOut(this.#schedule.returned(trial, { as: 'failed', reason: message.reason }));
        break;
      case 'lost':
        this.#running.delete(trial);
        this.#journal.note(trial, `was lost: ${message.reason}`);
        // Another trial may have brought its process down, so evaluate it once more, alone.
        if (run.trainedAs === 'diverged' || (run.trainedAs !== null && this.#alone.has(trial))) {
          this.#evaluated(trial, run, run.trainedAs, run.evaluationFailed(message.reason));
          break;
        }
        this.#carryOut(this.#schedule.returned(trial, { as: 'lost', reason: message.reason }));
        break;
    }
  }

  #ended(trial: number, run: TrialRun, end: TrialEnd): void {
    if (end.status === 'interrupted') {
      const atRung = run.untilEpoch !== null && run.epochs >= run.untilEpoch;
      run.halt(end, this.#options.haltedFiles?.() ?? null);
      const cost = run.objective.cost(run.untilEpoch ?? Number.POSITIVE_INFINITY);
      this.#carryOut(this.#schedule.returned(trial, { as: 'halted', atRung, cost }));
      return;
    }
    if (end.unfinished) {
      run.halt(end, null);
      if (this.#options.of === 'run') this.#noteMissing(trial, run);
      this.#carryOut(this.#schedule.returned(trial, { as: 'halted', atRung: false, cost: run.objective.cost() }));
      return;
    }
    this.#evaluated(trial, run, end.status, run.finish(end));
  }

  /** Ends a trial. @param failure of its evaluations and pictures, in a sentence */
  #evaluated(trial: number, run: TrialRun, as: 'complete' | 'diverged', failure: string | null): void {
    const { compares, store } = this.#options;
    const earlier = compares ? store?.findComplete(run.trial.identity, { except: run.runId }) : null;
    const words: string[] = [];
    if (earlier?.weightsSha256 && earlier.weightsSha256 !== run.weightsSha256) {
      this.#differing.push(trial);
      words.push(`the bits differ from those of ${earlier.id}`);
    }
    if (failure !== null) {
      this.#unevaluated.push(trial);
      words.push(failure);
    }
    if (words.length > 0) this.#lastWords.set(trial, words.join('; '));
    if (this.#options.of === 'run') {
      for (const text of words) this.#journal.note(trial, text);
      if (failure !== null) this.#noteMissing(trial, run);
    }
    this.#carryOut(this.#schedule.returned(trial, { as, cost: run.objective.cost() }));
  }

  #noteMissing(trial: number, { runId }: TrialRun): void {
    if (runId === null) return;
    this.#journal.note(trial, `its weights are kept; \`aedsl evaluate ${runId}\` makes what is missing`);
  }

  #settle(trial: number, state: TrialState, reason: string | null): void {
    this.trialRun(trial).settle(state, reason);
    this.#journal.change(trial, state, reason ?? this.#lastWords.get(trial) ?? null);
    this.#lastWords.delete(trial);
  }

  #addSeeds(action: SweepAction & { readonly do: 'add_seeds' }): void {
    const trials = this.#runs.map((run) => run.trial);
    const added = moreSeeds(trials, action.trial, action.seeds);
    for (const trial of added) this.#runs.push(this.#newRun(trial));
    this.#journal.added(added.length, action);
    this.#carryOut(this.#schedule.add(added.length));
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    for (const [trial, run] of this.#runs.entries()) {
      if (!hasEnded(run.state)) this.#settle(trial, 'interrupted', null);
    }
    const found = { differing: this.#differing, unevaluated: this.#unevaluated };
    const ended = this.#journal.ended(found, !this.#hasUndecided());
    this.#dropCheckpointsOf(this.#runs);
    this.#resolve(ended);
  }

  /** Ends the sweep on an error, which comes from a worker's message or a key and has no other handler. */
  #guarded(action: () => void): void {
    if (this.#over) return;
    try {
      action();
    } catch (error) {
      this.#over = true;
      this.#reject(error);
    }
  }
}

/** What a trial counts in a search: one that did not train to its end is worse than all others. */
function costsOf({ state, objective, metrics }: TrialRun, objectives: readonly MeasuredObjective[]): readonly number[] {
  const isWhole = state === 'complete' || state === 'cached';
  if (objectives.length === 0) return [isWhole ? objective.cost() : Number.POSITIVE_INFINITY];
  return objectives.map((one) => costOfMetric(one, isWhole ? metrics : null));
}

/** Trials the user prioritised before the sweep was interrupted. */
function preferredIn(actions: readonly RecordedAction[]): readonly number[] {
  return actions.flatMap(({ action }) => (action.do === 'prioritise' ? [action.trial] : []));
}
