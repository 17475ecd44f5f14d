import type Database from 'better-sqlite3';
import type { MeasuredObjective } from '../../metrics/usual-metric.js';
import type { PruningDecision, SweepAction } from '../events.js';
import type { StoredObject } from './objects.js';
import { Statements } from './statements.js';
import type { SweepDescription, SweepTrialChange, SweepTrialDescription } from './sweep-records.js';

/** Null for none. */
export function moreObjectivesText(objectives: readonly MeasuredObjective[]): string | null {
  return objectives.length === 0 ? null : JSON.stringify(objectives);
}

/** The statements that write sweeps. All of them run in one of the store's transactions. */
export class SweepTables {
  readonly #database: Database.Database;
  readonly #statements: Statements;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#statements = new Statements(database);
  }

  /** Session that writes an unfinished sweep, or did until it died; null once the sweep has ended. */
  sessionOf(sweep: number): number | null {
    const sql = "SELECT session FROM sweeps WHERE sweep = ? AND status = 'running'";
    return this.#database.prepare<[number], number>(sql).pluck().get(sweep) ?? null;
  }

  /** Sessions with unfinished sweeps. */
  unfinishedSessions(): readonly number[] {
    const sql = "SELECT DISTINCT session FROM sweeps WHERE status = 'running'";
    return this.#database.prepare<[], number>(sql).pluck().all();
  }

  /** Marks the unfinished sweeps of a dead session as interrupted. */
  interruptUnfinished(session: number): void {
    this.#statements.run(
      `UPDATE sweep_trials SET state = 'interrupted'
       WHERE sweep IN (SELECT sweep FROM sweeps WHERE status = 'running' AND session = ?)
         AND state IN ('queued', 'running', 'paused')`,
      session,
    );
    this.#statements.run(
      "UPDATE sweeps SET status = 'interrupted', finished = updated WHERE status = 'running' AND session = ?",
      session,
    );
  }

  /** @param init the object with the weights that it is given */
  insertSweep(sweep: SweepDescription, init: StoredObject | null, session: number, now: string): number {
    return this.#statements.run(
      `INSERT INTO sweeps (session, name, experiment, file, backend, axes, objective, pruning, search, more_objectives,
         forced, starts_from, init, command, status, started, updated)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)`,
      session,
      sweep.name,
      sweep.experiment,
      sweep.file,
      sweep.backend,
      JSON.stringify(sweep.axes),
      sweep.objective && JSON.stringify(sweep.objective),
      sweep.pruning,
      sweep.search ?? null,
      moreObjectivesText(sweep.moreObjectives ?? []),
      sweep.forced === true ? 1 : 0,
      sweep.from ?? null,
      init && this.#statements.object(init),
      sweep.command,
      now,
      now,
    );
  }

  insertTrial(sweep: number, trial: number, { parameters, seed, identity, recipe }: SweepTrialDescription): void {
    this.#statements.run(
      `INSERT INTO sweep_trials (sweep, trial, parameters, seed, identity, recipe, state)
       VALUES (?, ?, ?, ?, ?, ?, 'queued')`,
      sweep,
      trial,
      JSON.stringify(parameters),
      seed,
      identity,
      this.#statements.textId(recipe),
    );
  }

  /** @returns the number of trials */
  trialCount(sweep: number): number {
    const sql = 'SELECT coalesce(max(trial) + 1, 0) FROM sweep_trials WHERE sweep = ?';
    return this.#database.prepare<[number], number>(sql).pluck().get(sweep) ?? 0;
  }

  reopenSweep(sweep: number, session: number, now: string): void {
    this.#statements.run(
      "UPDATE sweeps SET status = 'running', finished = NULL, updated = ?, session = ? WHERE sweep = ?",
      now,
      session,
      sweep,
    );
  }

  updateTrial(sweep: number, { trial, state, reason, objective }: SweepTrialChange, run: number | null): void {
    this.#statements.run(
      `UPDATE sweep_trials SET state = ?, reason = ?, run = ?, objective = ?, objective_epoch = ?
       WHERE sweep = ? AND trial = ?`,
      state,
      reason,
      run,
      objective?.value ?? null,
      objective?.epoch ?? null,
      sweep,
      trial,
    );
  }

  touchSweep(sweep: number, now: string): void {
    this.#statements.run('UPDATE sweeps SET updated = ? WHERE sweep = ?', now, sweep);
  }

  insertAction(sweep: number, action: SweepAction, now: string): void {
    this.#statements.run(
      'INSERT INTO sweep_actions (sweep, time, detail) VALUES (?, ?, ?)',
      sweep,
      now,
      JSON.stringify(action),
    );
  }

  insertDecision(sweep: number, { rung, epoch, kept, pruned }: PruningDecision, now: string): void {
    this.#statements.run(
      'INSERT INTO sweep_decisions (sweep, time, rung, epoch, kept, pruned) VALUES (?, ?, ?, ?, ?, ?)',
      sweep,
      now,
      rung,
      epoch,
      JSON.stringify(kept),
      JSON.stringify(pruned),
    );
  }

  finishSweep(sweep: number, status: 'complete' | 'interrupted', now: string): void {
    this.#statements.run(
      `UPDATE sweep_trials SET state = 'interrupted' WHERE sweep = ? AND state IN ('queued', 'running', 'paused')`,
      sweep,
    );
    this.#statements.run(
      'UPDATE sweeps SET status = ?, finished = ?, updated = ? WHERE sweep = ?',
      status,
      now,
      now,
      sweep,
    );
  }
}
