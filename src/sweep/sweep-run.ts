import type { Executor, RunningTrial } from '../execute/executor.js';
import type { TrialEnd, TrialJob, TrialMessage } from '../execute/job.js';
import {
  type Ended,
  hasEnded,
  type JournalEvent,
  type Listener,
  type Started,
  type SweepAction,
  type SweepControls,
  type SweepTrialSummary,
  type TrialState,
} from '../runtime/events.js';
import { isUnevaluated } from '../runtime/store/records.js';
import type { WritableStore } from '../runtime/store/store.js';
import type {
  RecordedAction,
  SweepTrialChange,
  SweepTrialRecord,
  SweepWriter,
} from '../runtime/store/sweep-records.js';
import type { CheckpointPolicy } from '../trial/checkpointer.js';
import { modulesOf } from '../words/outside.js';
import type { Words } from '../words/word.js';
import { plannedSlots, type Reuse } from './planned-slots.js';
import type { Pruning } from './pruning.js';
import { type Effect, Schedule } from './schedule.js';
import { type SweepTrial, TrialRun, usableCheckpoint } from './trial-run.js';

export interface SweepRunOptions {
  readonly library: Words;
  readonly store: WritableStore;
  readonly writer: SweepWriter;
  readonly executor: Executor;
  readonly trials: readonly SweepTrial[];
  /** What an earlier part of the sweep left; empty for a new one. */
  readonly before: readonly SweepTrialRecord[];
  /** Trials that the plan had; those after them were added, and rungs don't apply to them. */
  readonly planned: number;
  /** Of those: the trials that are to train now. */
  readonly wanted: (record: SweepTrialRecord) => boolean;
  readonly about: Pick<Started, 'name' | 'experiment' | 'backend' | 'data' | 'axes' | 'objective' | 'comparable'>;
  /** The id that the events say; null for a sweep that isn't kept. */
  readonly shownId: string | null;
  readonly pruning: Pruning | null;
  /** Trials that are complete already are trained again. */
  readonly forced: boolean;
  readonly jobs: number;
  /** How many there is room for, of cores and memory. */
  readonly mostJobs: number;
  /** Of each trial; null: the cores divided among those that train. */
  readonly threads: number | null;
  /** Never more threads than these, over all trials. */
  readonly cores: number;
  readonly policy: CheckpointPolicy;
  /** Of a trial that is over. */
  readonly keptCheckpoints: number;
  readonly previews: boolean;
  /** The state of a run whose training is over, as the bytes of a checkpoint. @throws when it can't be made */
  readonly trainedState: (store: WritableStore, runId: string) => Uint8Array;
  /** More trials with the parameters of one, of the next seeds. */
  readonly moreSeeds: (trials: readonly SweepTrial[], trial: number, count: number) => readonly SweepTrial[];
  readonly listener: Listener;
  /** Milliseconds from anywhere, for how long it took. */
  readonly clock: () => number;
}

/** Runs a sweep: carries out what the schedule wants, and tells the store and the listener what happens. */
export class SweepRun implements SweepControls {
  readonly #options: SweepRunOptions;
  readonly #runs: TrialRun[];
  readonly #schedule: Schedule;
  readonly #running = new Map<number, RunningTrial>();
  /** A listener asked for their halt before they were launched. */
  readonly #haltedEarly = new Set<number>();
  readonly #lastWords = new Map<number, string>();
  readonly #differing: number[] = [];
  readonly #unevaluated: number[] = [];
  /** Were launched in a process of their own. */
  readonly #alone = new Set<number>();
  readonly #began: number;
  #resolve: (done: Ended) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #over = false;

  constructor(options: SweepRunOptions) {
    this.#options = options;
    this.#began = options.clock();
    const { trials, before, about, jobs, pruning, store, writer } = options;
    this.#runs = trials.map((trial, i) => {
      const record = before[i];
      return new TrialRun(trial, about.objective, record?.state ?? 'queued', record?.runId ?? null);
    });
    const decided = store.sweepDecisions(writer.id);
    const slots = plannedSlots({ ...options, runs: this.#runs, decided });
    this.#schedule = new Schedule(
      slots,
      { jobs, pruning, preferred: preferredIn(store.sweepActions(writer.id)) },
      pruning?.rule.kind === 'asha' ? [] : decided.map(({ rung }) => rung),
    );
  }

  /** @throws StoreError when the results can't be kept any more; what was committed is */
  run(): Promise<Ended> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#guarded(() => {
        this.#announce();
        this.#carryOut(this.#schedule.start());
      });
    });
  }

  act(action: SweepAction): void {
    this.#guarded(() => {
      if (!this.#knows(action)) return;
      if (action.do === 'add_seeds') {
        this.#addSeeds(action);
        return;
      }
      this.#options.writer.action(action);
      this.#emit({ event: 'action', action });
      const effects = this.#schedule.act(
        action.do === 'jobs' ? { ...action, jobs: Math.min(action.jobs, this.#options.mostJobs) } : action,
      );
      if (action.do === 'jobs') this.#tellJobs(action.jobs);
      this.#carryOut(effects);
    });
  }

  interrupt(): void {
    this.#guarded(() => this.#carryOut(this.#schedule.interrupt()));
  }

  #announce(): void {
    const { about, shownId } = this.#options;
    const trials = this.#runs.map((run, trial) => this.#summary(run, trial));
    const threads = this.#threads();
    this.#emit({ event: 'started', of: 'sweep', id: shownId, ...about, trials, jobs: this.#schedule.jobs, threads });
    for (const [trial, run] of this.#runs.entries()) {
      const { before } = this.#options;
      if (run.state === (before[trial]?.state ?? 'queued') && run.state !== 'cached') continue;
      this.#say(trial, run.state, run.state === 'cached' ? `the same trial as ${run.runId}` : null);
    }
  }

  #tellJobs(asked: number): void {
    const { jobs } = this.#schedule;
    this.#emit({ event: 'jobs', jobs });
    if (asked <= this.#options.mostJobs) return;
    const { cores, threads, mostJobs } = this.#options;
    const byCores = Math.max(1, Math.floor(cores / (threads ?? 1)));
    const where = mostJobs < byCores ? 'that fit the memory' : `on ${cores} cores`;
    const each = threads === null || threads === 1 ? '' : `, ${threads} threads each,`;
    this.#emit({ event: 'note', trial: null, text: `${jobs} at a time${each} is the most ${where}` });
  }

  /** Never more threads than cores. */
  #threads(): number {
    if (this.#options.threads !== null) return this.#options.threads;
    return Math.max(1, Math.floor(this.#options.cores / Math.max(1, Math.min(this.#schedule.jobs, this.#runs.length))));
  }

  #knows(action: SweepAction): boolean {
    if (!('trial' in action) || this.#runs[action.trial]) return true;
    this.#emit({ event: 'note', trial: null, text: `the sweep has no trial ${action.trial}` });
    return false;
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
    if (this.#schedule.done) this.#finish();
  }

  #halt(trial: number): void {
    const running = this.#running.get(trial);
    if (running) running.halt();
    else this.#haltedEarly.add(trial);
  }

  /** A decision is kept together with the ends that come of it, so that neither is there without the other. */
  #decide({ rung, epoch, kept, pruned, ends, reason }: Effect & { readonly do: 'decide' }): void {
    const { store, writer } = this.#options;
    const decision = { event: 'rung', rung, epoch, kept, pruned } as const;
    for (const trial of ends) this.#run(trial).settle(store, 'pruned', reason);
    writer.decision(
      decision,
      ends.map((trial) => this.#changeOf(trial, 'pruned', reason)),
    );
    this.#emit(decision);
    for (const trial of ends) this.#tell(trial, 'pruned', reason);
    this.#dropCheckpointsOf(ends.map((trial) => this.#run(trial)));
  }

  /** Once the decision is committed: nothing goes on from them any more. */
  #dropCheckpointsOf(runs: readonly TrialRun[]): void {
    const { store, keptCheckpoints } = this.#options;
    const over = runs.filter(({ state }) => state === 'pruned' || state === 'stopped');
    store.keepCheckpoints(
      over.flatMap(({ runId }) => (runId === null ? [] : [runId])),
      keptCheckpoints,
    );
  }

  /** @returns what comes of a trial that need not train */
  #launch({ trial, untilEpoch, alone, anew }: Effect & { readonly do: 'launch' }): readonly Effect[] {
    const run = this.#run(trial);
    const reused = anew ? null : this.#reusable(run);
    if (reused !== null) {
      run.read(this.#options.store, reused);
      run.state = 'cached';
      const rungs = this.#options.pruning?.rungs ?? [];
      const costs = [...rungs.map((epoch) => run.objective.cost(epoch)), run.objective.cost()];
      const effects = this.#schedule.reused(trial, costs);
      this.#say(trial, 'cached', `the same trial as ${reused}`);
      return effects.filter((effect) => effect.do !== 'state' || effect.trial !== trial);
    }
    try {
      return this.#train(trial, run, { untilEpoch, alone, anew });
    } catch (error) {
      // Its own recipe is at fault; the store's errors end the sweep.
      if (!(error instanceof Error) || error.name === 'StoreError') throw error;
      return this.#schedule.returned(trial, { as: 'failed', reason: error.message });
    }
  }

  #train(
    trial: number,
    run: TrialRun,
    {
      untilEpoch,
      alone,
      anew,
    }: { readonly untilEpoch: number | null; readonly alone: boolean; readonly anew: boolean },
  ): readonly Effect[] {
    const { store, writer, executor, policy, about, previews, trainedState } = this.#options;
    const resumed = anew ? null : run.runId;
    const trained = resumed !== null && isUnevaluated(store.findRun(resumed)) ? trainedState(store, resumed) : null;
    const { checkpoint: from, notes } =
      resumed === null || trained !== null ? { checkpoint: null, notes: [] } : usableCheckpoint(store, resumed);
    for (const text of notes) this.#emit({ event: 'note', trial, text });
    const id = resumed ?? run.begin(store, { sweep: writer.id, trial });
    if (resumed !== null && trained !== null) run.evaluate(store, resumed);
    else if (resumed !== null) run.resume(store, resumed, from);
    run.untilEpoch = untilEpoch;
    if (alone) this.#alone.add(trial);
    this.#settle(trial, 'running', null);
    const job: TrialJob = {
      trial,
      recipe: run.trial.recipe,
      words: modulesOf(this.#options.library),
      dataFiles: run.trial.dataFiles,
      seed: run.trial.seed,
      expected: { identity: run.trial.identity },
      backend: about.backend,
      threads: this.#threads(),
      untilEpoch,
      checkpoints: policy,
      from,
      trained,
      init: run.trial.init()?.file ?? null,
      previews,
    };
    const checkpoints = { folder: store.checkpointFolder, prefix: store.checkpointPrefix(id) };
    const running = executor.start(job, { alone, checkpoints }, (message) =>
      this.#guarded(() => this.#hear(trial, message)),
    );
    this.#running.set(trial, running);
    if (this.#haltedEarly.delete(trial)) running.halt();
    return [];
  }

  /** A complete run of the same trial. */
  #reusable({ trial, runId }: TrialRun): Reuse {
    if (this.#options.forced) return null;
    const found = this.#options.store.findComplete(trial.identity);
    return found !== null && found.id !== runId ? found.id : null;
  }

  #hear(trial: number, message: TrialMessage): void {
    const run = this.#run(trial);
    switch (message.type) {
      case 'machine':
        run.trainsOn(message.machine);
        break;
      case 'events':
        run.record(message.events);
        for (const training of message.events) this.#emit({ ...training, trial });
        break;
      case 'checkpoint':
        this.#emit({ ...run.checkpoint(message.checkpoint), trial });
        break;
      case 'preview':
        this.#emit({ event: 'preview', trial, moment: message.moment, pictures: message.pictures });
        break;
      case 'report': {
        const worker = this.#running.get(trial)?.worker;
        if (worker === undefined) throw new RangeError(`trial ${trial} reports, and was not started`);
        const { stepsPerSecond, bytes } = message;
        this.#emit({ event: 'worker', worker, trial, stepsPerSecond, bytes });
        break;
      }
      case 'note':
        run.note(message.text);
        this.#emit({ event: 'note', trial, text: message.text });
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
        this.#emit({ event: 'note', trial, text: `trial ${trial} was lost: ${message.reason}` });
        // Its process may have died by another trial, so that it is evaluated once more, alone.
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
      run.halt(end);
      const cost = run.objective.cost(run.untilEpoch ?? Number.POSITIVE_INFINITY);
      this.#carryOut(this.#schedule.returned(trial, { as: 'halted', atRung, cost }));
      return;
    }
    if (end.unfinished) {
      run.halt(end);
      this.#carryOut(this.#schedule.returned(trial, { as: 'halted', atRung: false, cost: run.objective.cost() }));
      return;
    }
    this.#evaluated(trial, run, end.status, run.finish(end));
  }

  /** It has its end. @param failure of its evaluations and pictures, in a sentence */
  #evaluated(trial: number, run: TrialRun, as: 'complete' | 'diverged', failure: string | null): void {
    const { forced, store } = this.#options;
    const earlier = forced ? store.findComplete(run.trial.identity, run.runId) : null;
    if (earlier?.weightsSha256 && earlier.weightsSha256 !== run.weightsSha256) {
      this.#differing.push(trial);
      this.#lastWords.set(trial, `the bits differ from those of ${earlier.id}`);
    }
    if (failure !== null) {
      this.#unevaluated.push(trial);
      this.#lastWords.set(
        trial,
        [this.#lastWords.get(trial), failure].filter((words) => words !== undefined).join('; '),
      );
    }
    this.#carryOut(this.#schedule.returned(trial, { as, cost: run.objective.cost() }));
  }

  #settle(trial: number, state: TrialState, reason: string | null): void {
    const run = this.#run(trial);
    run.settle(this.#options.store, state, reason);
    this.#say(trial, state, reason ?? this.#lastWords.get(trial) ?? null);
    this.#lastWords.delete(trial);
  }

  /** To the store and the listener. */
  #say(trial: number, state: TrialState, reason: string | null): void {
    this.#options.writer.change(this.#changeOf(trial, state, reason));
    this.#tell(trial, state, reason);
  }

  #changeOf(trial: number, state: TrialState, reason: string | null): SweepTrialChange {
    const { runId, objective } = this.#run(trial);
    const value = hasResults(state) ? objective.upTo(Number.POSITIVE_INFINITY) : null;
    return { trial, state, reason, runId, objective: value };
  }

  #tell(trial: number, state: TrialState, reason: string | null): void {
    const { runId, metrics, weightsSha256 } = this.#run(trial);
    const results = hasResults(state) ? { metrics, weightsSha256 } : { metrics: null, weightsSha256: null };
    this.#emit({ event: 'trial_state', trial, state, runId, reason, ...results });
  }

  #addSeeds(action: SweepAction & { readonly do: 'add_seeds' }): void {
    const trials = this.#runs.map((run) => run.trial);
    const added = this.#options.moreSeeds(trials, action.trial, action.seeds);
    const first = this.#options.writer.add(added, action);
    this.#emit({ event: 'action', action });
    const runs = added.map((one) => new TrialRun(one, this.#options.about.objective, 'queued', null));
    for (const run of runs) this.#runs.push(run);
    this.#emit({ event: 'trials_added', trials: runs.map((run, i) => this.#summary(run, first + i)) });
    this.#carryOut(this.#schedule.add(added.length));
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    const { writer, clock } = this.#options;
    for (const [trial, run] of this.#runs.entries()) {
      if (!hasEnded(run.state)) this.#settle(trial, 'interrupted', null);
    }
    const status = this.#runs.some(({ state }) => state === 'interrupted') ? 'interrupted' : 'complete';
    writer.finish(status);
    this.#dropCheckpointsOf(this.#runs);
    const done: Ended = {
      event: 'ended',
      id: this.#options.shownId,
      status,
      counts: this.#counts(),
      best: this.#best(),
      differing: this.#differing,
      unevaluated: this.#unevaluated,
      seconds: (clock() - this.#began) / 1000,
    };
    this.#emit(done);
    this.#resolve(done);
  }

  #counts(): Ended['counts'] {
    const counts: Partial<Record<TrialState, number>> = {};
    for (const { state } of this.#runs) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  #best(): number | null {
    const { objective } = this.#options.about;
    if (objective === null) return null;
    let best: { readonly trial: number; readonly cost: number } | null = null;
    for (const [trial, run] of this.#runs.entries()) {
      if (run.state !== 'complete' && run.state !== 'cached') continue;
      const cost = run.objective.cost();
      if (Number.isFinite(cost) && (best === null || cost < best.cost)) best = { trial, cost };
    }
    return best?.trial ?? null;
  }

  #summary({ trial: { parameters, seed, identity }, state, runId }: TrialRun, trial: number): SweepTrialSummary {
    return { trial, parameters, seed, identity, state, runId };
  }

  #run(trial: number): TrialRun {
    const run = this.#runs[trial];
    if (!run) throw new RangeError(`the sweep has no trial ${trial}`);
    return run;
  }

  #emit(event: JournalEvent): void {
    this.#options.listener(event);
  }

  /** An error ends the sweep: nobody else hears it, as it comes from a worker's message or a key. */
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

/** Whether a trial in this state has metrics that are worth telling. */
function hasResults(state: TrialState): boolean {
  switch (state) {
    case 'complete':
    case 'cached':
    case 'diverged':
    case 'pruned':
    case 'stopped':
      return true;
    case 'queued':
    case 'running':
    case 'paused':
    case 'failed':
    case 'interrupted':
      return false;
  }
}

/** The trials that a person wanted next, before the sweep was interrupted. */
function preferredIn(actions: readonly RecordedAction[]): readonly number[] {
  return actions.flatMap(({ action }) => (action.do === 'prioritise' ? [action.trial] : []));
}
