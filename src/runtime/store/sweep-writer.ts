import { hasEnded, type PruningDecision, type SweepAction, type TrialState } from '../events.js';
import { runNumber } from './records.js';
import type { SweepTrialChange, SweepTrialDescription, SweepWriter } from './sweep-records.js';
import type { SweepTables } from './sweep-tables.js';

/** A sweep writer's access to the store. */
export interface SweepWriterContext {
  readonly tables: SweepTables;
  readonly now: () => string;
  /** Commits for all writers: now, durably, or when enough time has passed. */
  readonly commit: (when: 'now' | 'durably' | 'due') => void;
  /** Called when the sweep is over. */
  readonly done: (writer: BufferedSweepWriter) => void;
}

export class BufferedSweepWriter implements SweepWriter {
  readonly id: string;
  readonly #sweep: number;
  readonly #context: SweepWriterContext;
  #writes: (() => void)[] = [];
  #trials: number;

  constructor(sweep: number, trials: number, context: SweepWriterContext) {
    this.id = sweepId(sweep);
    this.#sweep = sweep;
    this.#trials = trials;
    this.#context = context;
  }

  change(change: SweepTrialChange): void {
    this.#update(change);
    this.#context.commit(mustBeKept(change.state) ? 'now' : 'due');
  }

  add(trials: readonly SweepTrialDescription[], action: SweepAction | null): number {
    const first = this.#trials;
    this.#trials += trials.length;
    this.#write((now) => {
      if (action !== null) this.#context.tables.insertAction(this.#sweep, action, now);
      trials.forEach((trial, i) => {
        this.#context.tables.insertTrial(this.#sweep, first + i, trial);
      });
    });
    this.#context.commit('durably');
    return first;
  }

  action(action: SweepAction): void {
    this.#write((now) => this.#context.tables.insertAction(this.#sweep, action, now));
    this.#context.commit('durably');
  }

  decision(decision: PruningDecision, ends: readonly SweepTrialChange[]): void {
    this.#write((now) => this.#context.tables.insertDecision(this.#sweep, decision, now));
    for (const change of ends) this.#update(change);
    this.#context.commit('durably');
  }

  finish(status: 'complete' | 'interrupted'): void {
    this.#write((now) => this.#context.tables.finishSweep(this.#sweep, status, now));
    this.#context.commit('durably');
    this.#context.done(this);
  }

  /** Writes pending data; call in a transaction. @returns a callback for after the commit */
  write(): () => void {
    const writes = this.#writes;
    for (const write of writes) write();
    return () => {
      this.#writes = this.#writes.slice(writes.length);
    };
  }

  #update(change: SweepTrialChange): void {
    const run = change.runId === null ? null : runNumber(change.runId);
    this.#write((now) => {
      this.#context.tables.updateTrial(this.#sweep, change, run);
      this.#context.tables.touchSweep(this.#sweep, now);
    });
  }

  #write(write: (now: string) => void): void {
    const now = this.#context.now();
    this.#writes.push(() => write(now));
  }
}

export function sweepId(sweep: number): string {
  return `s${sweep}`;
}

/** Parses a sweep id: `s3` → 3; null if malformed. */
export function sweepNumber(id: string): number | null {
  const match = /^s([1-9][0-9]{0,14})$/.exec(id);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** A lost `cached` state would simply be found again. */
function mustBeKept(state: TrialState): boolean {
  return state !== 'cached' && hasEnded(state);
}
