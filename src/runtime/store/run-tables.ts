import type Database from 'better-sqlite3';
import { CurveTable } from './curve-table.js';
import { toStored } from './nonfinite.js';
import type { StoredObject } from './objects.js';
import type { EvaluationState, FileKind, ParameterRecord, RunDescription, RunStatus } from './records.js';
import type { Piece } from './series-buffer.js';
import { type Bindable, Statements } from './statements.js';
import { sweepNumber } from './sweep-writer.js';

export interface Outcome {
  readonly status: RunStatus;
  readonly seconds: number | null;
  readonly weightsSha256: string | null;
  /** JSON; null unless the run diverged. */
  readonly divergence: string | null;
  readonly error: string | null;
}

/** The statements that write runs. All of them run in one of the store's transactions. */
export class RunTables {
  readonly #database: Database.Database;
  readonly #statements: Statements;
  readonly #curves: CurveTable;
  #metricIds = new Map<string, number>();

  constructor(database: Database.Database) {
    this.#database = database;
    this.#statements = new Statements(database);
    this.#curves = new CurveTable(database);
  }

  /** Forgets names interned in a transaction that was rolled back. */
  rolledBack(): void {
    this.#metricIds = new Map();
  }

  insertSession(pid: number, host: string, command: string, now: string, lock: string): number {
    return this.#statements.run(
      'INSERT INTO sessions (pid, host, command, started, lock) VALUES (?, ?, ?, ?, ?)',
      pid,
      host,
      command,
      now,
      lock,
    );
  }

  endSession(session: number, now: string): void {
    this.#statements.run('UPDATE sessions SET ended = ? WHERE session = ?', now, session);
  }

  /** Session that trains or evaluates a run, or did until it died; null once both are over. */
  sessionOf(run: number): number | null {
    const sql =
      "SELECT session FROM runs WHERE run = ? AND (status IN ('running', 'paused') OR evaluation = 'pending')";
    return this.#database.prepare<[number], number>(sql).pluck().get(run) ?? null;
  }

  assign(run: number, session: number): void {
    this.#statements.run('UPDATE runs SET session = ? WHERE run = ?', session, run);
  }

  unfinishedSessions(): readonly number[] {
    return ['running', 'paused'].flatMap((status) =>
      this.#database
        .prepare<[string], number>('SELECT DISTINCT session FROM runs WHERE status = ?')
        .pluck()
        .all(status),
    );
  }

  /** Marks the unfinished runs of a dead session as interrupted. */
  interruptUnfinished(session: number): void {
    for (const status of ['running', 'paused']) {
      this.#statements.run(
        "UPDATE runs SET status = 'interrupted', finished = updated WHERE status = ? AND session = ?",
        status,
        session,
      );
    }
  }

  insertRun(run: RunDescription, session: number, now: string): number {
    const sweep = run.trialOf ? sweepNumber(run.trialOf.sweep) : null;
    const number = this.#statements.run(
      `INSERT INTO runs (run, session, identity, experiment, file, source, ir_sha256, ir, seed, backend, numerics, data,
         data_sha256, environment, status, started, updated, max_steps, initial_sha256, sweep)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?)`,
      run.origin?.number ?? null,
      session,
      run.identity,
      run.experiment,
      run.file,
      this.#statements.textId(run.source),
      run.ir.sha256,
      this.#statements.textId(run.ir.json),
      run.seed,
      run.backend,
      run.numerics,
      run.data.name,
      run.data.sha256,
      this.#statements.textId(run.environment),
      run.origin?.started ?? now,
      now,
      run.maxSteps ?? null,
      run.initialSha256 ?? null,
      sweep,
    );
    if (run.trialOf) {
      const sql = "UPDATE sweep_trials SET run = ?, state = 'running' WHERE sweep = ? AND trial = ?";
      this.#statements.run(sql, number, sweep, run.trialOf.trial);
    }
    run.parameters.forEach((parameter, position) => {
      const { type, value } = storedParameter(parameter);
      this.#statements.run(
        'INSERT INTO parameters (run, name, position, type, value, origin) VALUES (?, ?, ?, ?, ?, ?)',
        number,
        parameter.name,
        position,
        type,
        value,
        parameter.origin,
      );
    });
    return number;
  }

  updateRun(run: number, now: string): void {
    this.#statements.run('UPDATE runs SET updated = ? WHERE run = ?', now, run);
  }

  setEnvironment(run: number, environment: string): void {
    const text = this.#statements.textId(environment);
    this.#statements.run('UPDATE runs SET environment = ? WHERE run = ?', text, run);
  }

  setTrainableParameters(run: number, count: number): void {
    this.#statements.run('UPDATE runs SET trainable_parameters = ? WHERE run = ?', count, run);
  }

  finishRun(run: number, outcome: Outcome, now: string): void {
    this.#statements.run(
      `UPDATE runs SET status = ?, finished = ?, seconds = ?, weights_sha256 = ?, divergence = ?, error = ?
       WHERE run = ?`,
      outcome.status,
      now,
      outcome.seconds,
      outcome.weightsSha256,
      outcome.divergence,
      outcome.error,
      run,
    );
  }

  /** A fully trained run keeps its status. */
  settleRun(run: number, status: RunStatus, reason: string | null, now: string): void {
    this.#statements.run(
      'UPDATE runs SET status = ?, error = ?, finished = ? WHERE run = ? AND evaluation IS NULL',
      status,
      reason,
      now,
      run,
    );
  }

  /** @param state of the evaluation; null for a diverged run, which has none */
  finishEvaluation(run: number, state: EvaluationState, error: string | null, now: string): void {
    if (this.#statements.changes("UPDATE runs SET updated = ? WHERE run = ? AND status = 'complete'", now, run) > 0)
      this.setEvaluation(run, state, error, now);
  }

  setEvaluation(run: number, state: EvaluationState, error: string | null, now: string): void {
    this.#statements.run(
      'UPDATE runs SET evaluation = ?, evaluation_error = ?, finished = ? WHERE run = ?',
      state,
      error,
      now,
      run,
    );
  }

  setSeconds(run: number, seconds: number): void {
    this.#statements.run('UPDATE runs SET seconds = ? WHERE run = ?', seconds, run);
  }

  insertStage(run: number, stage: number, name: string, epochs: number, steps: number): void {
    this.#statements.run(
      `INSERT INTO stages (run, stage, name, epochs, steps) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (run, stage) DO UPDATE SET epochs = excluded.epochs, steps = excluded.steps`,
      run,
      stage,
      name,
      epochs,
      steps,
    );
  }

  setStepsDone(run: number, stage: number, steps: number): void {
    this.#statements.run('UPDATE stages SET steps_done = ? WHERE run = ? AND stage = ?', steps, run, stage);
  }

  setEpochsDone(run: number, stage: number, epochs: number, stepsPerSecond: number): void {
    this.#statements.run(
      'UPDATE stages SET epochs_done = ?, steps_per_second = ? WHERE run = ? AND stage = ?',
      epochs,
      toStored(stepsPerSecond).value,
      run,
      stage,
    );
  }

  finishStage(run: number, stage: number, epochs: number, steps: number, reason: string): void {
    this.#statements.run(
      'UPDATE stages SET epochs_done = ?, steps_done = ?, reason = ? WHERE run = ? AND stage = ?',
      epochs,
      steps,
      reason,
      run,
      stage,
    );
  }

  insertPiece(run: number, stage: number, metric: string, piece: Piece): void {
    const { values } = piece;
    this.#statements.run(
      `INSERT INTO series (run, stage, metric, first_step, steps, minimum, maximum, first_nonfinite, float32)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      run,
      stage,
      this.#metricId(metric),
      piece.firstStep,
      values.length,
      piece.minimum,
      piece.maximum,
      piece.firstNonFinite,
      Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    );
  }

  deletePiece(run: number, stage: number, metric: string, firstStep: number): void {
    this.#statements.run(
      'DELETE FROM series WHERE run = ? AND stage = ? AND metric = ? AND first_step = ?',
      run,
      stage,
      this.#metricId(metric),
      firstStep,
    );
  }

  insertEpochMetric(run: number, stage: number, epoch: number, metric: string, x: number): void {
    const { value, nonfinite } = toStored(x);
    const metricId = this.#metricId(metric);
    this.#statements.run(
      `INSERT OR REPLACE INTO epoch_metrics (run, stage, metric, epoch, value, nonfinite) VALUES (?, ?, ?, ?, ?, ?)`,
      run,
      stage,
      metricId,
      epoch,
      value,
      nonfinite,
    );
    this.#curves.took(run, stage, metricId, epoch, value);
  }

  insertFinalMetric(run: number, metric: string, x: number): void {
    const { value, nonfinite } = toStored(x);
    this.#statements.run(
      'INSERT OR REPLACE INTO final_metrics (run, metric, value, nonfinite) VALUES (?, ?, ?, ?)',
      run,
      this.#metricId(metric),
      value,
      nonfinite,
    );
  }

  insertFile(run: number, kind: FileKind, name: string, object: StoredObject): void {
    this.#statements.run(
      'INSERT OR REPLACE INTO files (run, kind, name, object) VALUES (?, ?, ?, ?)',
      run,
      kind,
      name,
      this.#statements.object(object),
    );
  }

  insertEvent(run: number, time: string, event: string, detail: string): void {
    this.#statements.run('INSERT INTO events (run, time, event, detail) VALUES (?, ?, ?, ?)', run, time, event, detail);
  }

  #metricId(name: string): number {
    const known = this.#metricIds.get(name);
    if (known !== undefined) return known;
    this.#statements.run('INSERT INTO metrics (name) VALUES (?) ON CONFLICT (name) DO NOTHING', name);
    const id = this.#statements.id('SELECT metric FROM metrics WHERE name = ?', name);
    this.#metricIds.set(name, id);
    return id;
  }
}

function storedParameter({ value }: ParameterRecord): { readonly type: string; readonly value: Bindable } {
  switch (typeof value) {
    case 'number':
      // Numbers are stored as reals; binding a big integer keeps 100, which the view would otherwise show as 100.0.
      return { type: 'number', value: Number.isSafeInteger(value) ? BigInt(value) : value };
    case 'string':
      return { type: 'text', value };
    case 'boolean':
      return { type: 'boolean', value: String(value) };
    case 'object':
      return { type: 'json', value: JSON.stringify(value) };
  }
}
