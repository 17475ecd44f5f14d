import type { SweepAction, TrialState } from '../runtime/events.js';
import { decideAlone, decideTogether, type Pruning, type Standing } from './pruning.js';

/** A trial's state when the schedule begins: new, or as an earlier session left it. */
export interface PlannedSlot {
  /** Ended already, or to be trained. */
  readonly ended: TrialState | null;
  /** Costs at the rungs it passed or reached, in order. */
  readonly costs: readonly number[];
  /** Rungs it passed. */
  readonly passed: number;
  /** An earlier, identical trial of the plan, which this one waits for. */
  readonly sameAs: number | null;
  /** Whether rungs apply to it: not to trials added later, nor to one resumed after its rung was decided. */
  readonly compared: boolean;
}

export interface ScheduleSettings {
  readonly jobs: number;
  readonly pruning: Pruning | null;
  /** Trials the user prioritised earlier, the latest last. */
  readonly preferred?: readonly number[];
  /**
   * Whether `asha` judges each trial by those before it in the plan, and waits for these: what it decides is then what it
   * decides with one job at a time, whenever trials return.
   */
  readonly inOrder?: boolean;
}

/** How a launched trial came back. */
export type Return =
  | { readonly as: 'complete' | 'diverged'; readonly cost: number }
  | { readonly as: 'failed'; readonly reason: string }
  /** It halted, on request or at its rung. */
  | { readonly as: 'halted'; readonly atRung: boolean; readonly cost: number }
  /** Its process died; whether it was alone in it. */
  | { readonly as: 'lost'; readonly reason: string }
  /** It was not started: others train it, and report it in another session. */
  | { readonly as: 'elsewhere' };

export type Effect =
  | {
      readonly do: 'launch';
      readonly trial: number;
      /** Epoch of the last stage after which it halts; null for none. */
      readonly untilEpoch: number | null;
      /** Whether it needs its own process, because it may have brought one down. */
      readonly alone: boolean;
      /** Whether it starts over. */
      readonly anew: boolean;
    }
  | { readonly do: 'halt'; readonly trial: number }
  | { readonly do: 'state'; readonly trial: number; readonly state: TrialState; readonly reason: string | null }
  | {
      readonly do: 'decide';
      readonly rung: number;
      readonly epoch: number;
      readonly kept: readonly number[];
      readonly pruned: readonly number[];
      /** Pruned trials that had not ended yet; they end for this reason. */
      readonly ends: readonly number[];
      readonly reason: string;
    };

type Phase = 'queued' | 'running' | 'elsewhere' | 'at_rung' | 'paused' | 'ended';

/** Why a running trial was asked to halt. */
type Halt = 'pause' | 'stop' | 'restart' | 'requeue' | 'interrupt';

interface Slot {
  readonly trial: number;
  /** Whether rungs apply to it. */
  compared: boolean;
  readonly sameAs: number | null;
  phase: Phase;
  /** Rungs it passed. */
  passed: number;
  costs: number[];
  priority: number;
  halting: Halt | null;
  alone: boolean;
  anew: boolean;
  /** The user withdrew it from the comparison. */
  withdrawn: boolean;
  /** A rung decided against it. */
  pruned: boolean;
}

/**
 * Decides which trial trains when: a state machine without clock, store or processes. The same inputs give the same
 * outputs. Whatever the order in which trials return, each trains the same epochs, except with `asha`, as documented.
 */
export class Schedule {
  readonly #pruning: Pruning | null;
  readonly #slots: Slot[];
  readonly #decided = new Set<number>();
  readonly #inOrder: boolean;
  #jobs: number;
  #interrupted = false;
  #effects: Effect[] = [];

  /** @param decided rungs decided earlier */
  constructor(
    slots: readonly PlannedSlot[],
    { jobs, pruning, preferred = [], inOrder = false }: ScheduleSettings,
    decided: readonly number[] = [],
  ) {
    this.#jobs = jobs;
    this.#pruning = pruning;
    this.#inOrder = inOrder;
    this.#slots = slots.map(toSlot);
    for (const rung of decided) this.#decided.add(rung);
    for (const trial of preferred) if (this.#slots[trial]) this.#prefer(trial);
  }

  get jobs(): number {
    return this.#jobs;
  }

  /** Whether nothing runs or will run. */
  get done(): boolean {
    if (this.#interrupted) return this.running.length === 0;
    // What is left may wait for what is trained elsewhere.
    if (this.#slots.some(({ phase }) => phase === 'elsewhere'))
      return this.running.length === 0 && this.#next() === null;
    return this.#slots.every(({ phase }) => phase === 'ended');
  }

  get running(): readonly number[] {
    return this.#slots.filter(({ phase }) => phase === 'running').map(({ trial }) => trial);
  }

  start(): readonly Effect[] {
    return this.#settle();
  }

  returned(trial: number, outcome: Return): readonly Effect[] {
    const slot = this.#slot(trial);
    const halt = slot.halting;
    slot.halting = null;
    switch (outcome.as) {
      case 'complete':
      case 'diverged':
        this.#countEnd(slot, outcome.as === 'complete' ? outcome.cost : null);
        this.#end(slot, outcome.as, null);
        break;
      case 'failed':
        slot.costs.push(Number.POSITIVE_INFINITY);
        this.#end(slot, 'failed', outcome.reason);
        break;
      case 'lost':
        this.#lost(slot, outcome.reason, halt);
        break;
      case 'halted':
        if (outcome.atRung && slot.costs.length === slot.passed) slot.costs.push(outcome.cost);
        this.#halted(slot, halt, outcome.atRung);
        break;
      case 'elsewhere':
        slot.phase = 'elsewhere';
        this.#effects.push({ do: 'state', trial, state: 'interrupted', reason: null });
        break;
    }
    return this.#settle();
  }

  act(action: SweepAction): readonly Effect[] {
    switch (action.do) {
      case 'pause':
        this.#ask(action.trial, 'pause');
        break;
      case 'stop':
        this.#ask(action.trial, 'stop');
        break;
      case 'restart':
        this.#restart(this.#slot(action.trial));
        break;
      case 'resume': {
        const slot = this.#slot(action.trial);
        if (slot.phase === 'paused') this.#queue(slot);
        break;
      }
      case 'prioritise':
        this.#prefer(action.trial);
        break;
      case 'jobs':
        this.#jobs = Math.max(1, action.jobs);
        this.#shed();
        break;
      case 'add_seeds':
        break;
    }
    return this.#settle();
  }

  /** Adds trials while the sweep runs; they get the next numbers. */
  add(count: number): readonly Effect[] {
    for (let i = 0; i < count; i++) {
      const slot = toSlot({ ended: null, costs: [], passed: 0, sameAs: null, compared: false }, this.#slots.length);
      this.#slots.push(slot);
    }
    return this.#settle();
  }

  /**
   * Reports that an identical trial is already complete, when this one was to be launched.
   * @param costs at each rung, and at its end
   */
  reused(trial: number, costs: readonly number[]): readonly Effect[] {
    const slot = this.#slot(trial);
    slot.costs = [...costs];
    this.#end(slot, 'cached', null);
    return this.#settle();
  }

  /** At rungs that a complete trial did not reach, its final value counts. */
  #countEnd(slot: Slot, cost: number | null): void {
    const open = cost === null ? 1 : Math.max(1, (this.#pruning?.rungs.length ?? 0) + 1 - slot.costs.length);
    for (let i = 0; i < open; i++) slot.costs.push(cost ?? Number.POSITIVE_INFINITY);
  }

  #prefer(trial: number): void {
    this.#slot(trial).priority =
      this.#slots.reduce((most, slot) => Math.max(most, slot.priority), Number.NEGATIVE_INFINITY) + 1;
  }

  /** Halts everything that runs and starts nothing new. */
  interrupt(): readonly Effect[] {
    this.#interrupted = true;
    for (const slot of this.#slots) if (slot.phase === 'running') this.#halt(slot, 'interrupt');
    return this.#taken();
  }

  #settle(): readonly Effect[] {
    if (!this.#interrupted) {
      this.#decide();
      for (let slot = this.#next(); slot !== null; slot = this.#next()) {
        const { trial, alone, anew } = slot;
        slot.phase = 'running';
        slot.anew = false;
        const untilEpoch = slot.compared ? (this.#pruning?.rungs[slot.passed] ?? null) : null;
        this.#effects.push({ do: 'launch', trial, untilEpoch, alone, anew });
      }
    }
    return this.#taken();
  }

  #taken(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #next(): Slot | null {
    if (this.running.length >= this.#jobs) return null;
    return this.#slots.reduce<Slot | null>((best, slot) => {
      if (slot.phase !== 'queued' || !this.#isFree(slot)) return best;
      return best === null || slot.priority > best.priority ? slot : best;
    }, null);
  }

  /** With pruning, a trial may wait for all others, so identical trials must not wait for each other. */
  #isFree({ sameAs }: Slot): boolean {
    return sameAs === null || this.#pruning !== null || this.#slot(sameAs).phase === 'ended';
  }

  #lost(slot: Slot, reason: string, halt: Halt | null): void {
    if (slot.alone) {
      slot.costs.push(Number.POSITIVE_INFINITY);
      this.#end(slot, 'failed', reason);
      return;
    }
    slot.alone = true;
    this.#halted(slot, halt, false);
  }

  #halted(slot: Slot, halt: Halt | null, atRung: boolean): void {
    switch (halt) {
      case 'stop':
        slot.withdrawn = true;
        this.#end(slot, 'stopped', null);
        return;
      case 'pause':
        this.#wait(slot, 'paused', null);
        return;
      case 'restart':
        this.#queueAnew(slot);
        return;
      case 'interrupt':
        slot.phase = 'paused';
        this.#effects.push({ do: 'state', trial: slot.trial, state: 'interrupted', reason: null });
        return;
      case 'requeue':
      case null:
        if (atRung) this.#arrive(slot);
        else this.#queue(slot);
    }
  }

  #arrive(slot: Slot): void {
    const pruning = this.#pruning;
    const epoch = pruning?.rungs[slot.passed];
    if (!pruning || epoch === undefined) {
      this.#queue(slot);
      return;
    }
    if (pruning.rule.kind !== 'asha' || this.#inOrder) {
      this.#wait(slot, 'at_rung', `waits for the others at epoch ${epoch}`);
      return;
    }
    this.#decideOne(slot, epoch, pruning.rule.reduction);
  }

  /** Decides a trial at its rung by those that came there before. */
  #decideOne(slot: Slot, epoch: number, reduction: number): void {
    const rung = slot.passed;
    const arrived = { trial: slot.trial, cost: slot.costs[rung] ?? Number.POSITIVE_INFINITY };
    const keeps = decideAlone(reduction, this.#standings(rung, slot), arrived);
    this.#apply(rung, epoch, { kept: keeps ? [slot.trial] : [], pruned: keeps ? [] : [slot.trial] });
  }

  /** Decides rungs in order, each once every trial that may reach it has. */
  #decide(): void {
    const pruning = this.#pruning;
    if (pruning === null) return;
    if (pruning.rule.kind === 'asha') {
      if (this.#inOrder) this.#decideInOrder(pruning.rungs, pruning.rule.reduction);
      return;
    }
    for (const [rung, epoch] of pruning.rungs.entries()) {
      if (this.#decided.has(rung)) continue;
      const members = this.#slots.filter((slot) => slot.compared && !slot.withdrawn && slot.passed >= rung);
      if (members.length === 0 || members.some((slot) => slot.phase !== 'ended' && !isAt(slot, rung))) return;
      if (!members.some(({ phase }) => phase === 'at_rung')) return;
      const standings = members.map((slot) => standingOf(slot, rung));
      this.#decided.add(rung);
      this.#apply(rung, epoch, decideTogether(pruning.rule, standings));
    }
  }

  /** Decides every trial whose predecessors are all past its rung, or have ended. */
  #decideInOrder(rungs: readonly number[], reduction: number): void {
    let slowest = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots.filter(({ compared, withdrawn }) => compared && !withdrawn)) {
      const epoch = rungs[slot.passed];
      const isNext = slot.phase === 'at_rung' && slot.passed < slowest;
      if (isNext && epoch !== undefined) this.#decideOne(slot, epoch, reduction);
      if (slot.phase !== 'ended') slowest = Math.min(slowest, slot.passed);
    }
  }

  #apply(
    rung: number,
    epoch: number,
    { kept, pruned }: { readonly kept: readonly number[]; readonly pruned: readonly number[] },
  ): void {
    const others =
      kept.length === 0 ? 'worse than those before it' : `${kept.length} of ${kept.length + pruned.length} go on`;
    // A trial that has ended keeps its state.
    const ends = pruned.filter((trial) => this.#slot(trial).phase !== 'ended');
    const reason = `rung ${rung}, after epoch ${epoch}: ${others}`;
    this.#effects.push({ do: 'decide', rung, epoch, kept, pruned, ends, reason });
    for (const trial of kept) {
      const slot = this.#slot(trial);
      slot.passed = Math.max(slot.passed, rung + 1);
      if (slot.phase !== 'ended') this.#queue(slot);
    }
    for (const trial of ends) {
      const slot = this.#slot(trial);
      slot.phase = 'ended';
      slot.pruned = true;
    }
  }

  #standings(rung: number, except: Slot): readonly Standing[] {
    return this.#slots
      .filter((slot) => slot !== except && slot.compared && slot.costs.length > rung)
      .filter(({ trial }) => !this.#inOrder || trial < except.trial)
      .map((slot) => standingOf(slot, rung));
  }

  #ask(trial: number, halt: 'pause' | 'stop'): void {
    const slot = this.#slot(trial);
    if (slot.phase === 'ended') return;
    if (slot.phase === 'running') {
      this.#halt(slot, halt);
      return;
    }
    if (halt === 'pause') {
      this.#wait(slot, 'paused', null);
      return;
    }
    slot.withdrawn = true;
    this.#end(slot, 'stopped', null);
  }

  #restart(slot: Slot): void {
    if (slot.phase === 'running') {
      this.#halt(slot, 'restart');
      return;
    }
    slot.alone = false;
    slot.withdrawn = false;
    // A rung decided without or against it is not decided again: it trains to the end.
    const isOut = this.#pruning?.rule.kind === 'asha' ? slot.pruned : this.#decided.has(slot.passed);
    if (isOut) slot.compared = false;
    this.#queueAnew(slot);
  }

  #queueAnew(slot: Slot): void {
    slot.anew = true;
    slot.costs = slot.costs.slice(0, slot.passed);
    this.#queue(slot);
  }

  /** With fewer workers, the trials started last go back to the queue. */
  #shed(): void {
    const excess = this.#slots
      .filter(({ phase, halting }) => phase === 'running' && halting === null)
      .slice(this.#jobs);
    for (const slot of excess) this.#halt(slot, 'requeue');
  }

  #halt(slot: Slot, halt: Halt): void {
    if (slot.halting === null) this.#effects.push({ do: 'halt', trial: slot.trial });
    slot.halting = halt;
  }

  #queue(slot: Slot): void {
    slot.phase = 'queued';
    this.#effects.push({ do: 'state', trial: slot.trial, state: 'queued', reason: null });
  }

  #wait(slot: Slot, phase: 'paused' | 'at_rung', reason: string | null): void {
    slot.phase = phase;
    this.#effects.push({ do: 'state', trial: slot.trial, state: 'paused', reason });
  }

  #end(slot: Slot, state: TrialState, reason: string | null): void {
    slot.phase = 'ended';
    this.#effects.push({ do: 'state', trial: slot.trial, state, reason });
  }

  #slot(trial: number): Slot {
    const slot = this.#slots[trial];
    if (!slot) throw new RangeError(`the sweep has no trial ${trial}`);
    return slot;
  }
}

function toSlot({ ended, costs, passed, sameAs, compared }: PlannedSlot, trial: number): Slot {
  return {
    trial,
    compared,
    sameAs,
    phase: ended === null ? 'queued' : 'ended',
    passed,
    costs: [...costs],
    priority: 0,
    halting: null,
    alone: false,
    anew: false,
    withdrawn: ended === 'stopped',
    pruned: ended === 'pruned',
  };
}

function isAt(slot: Slot, rung: number): boolean {
  return slot.phase === 'at_rung' && slot.passed === rung;
}

/** A trial that ended before the rung counts with its final value; a failed one comes last. */
function standingOf({ trial, costs }: Slot, rung: number): Standing {
  const cost = costs[rung] ?? costs.at(-1) ?? Number.POSITIVE_INFINITY;
  return { trial, cost: Number.isNaN(cost) ? Number.POSITIVE_INFINITY : cost };
}
