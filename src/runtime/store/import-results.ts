import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { quoted } from '../../files/quoted.js';
import { CurveTable } from './curve-table.js';
import type { ImportSource } from './import-source.js';
import type { StoredObject } from './objects.js';
import { type FileKind, type RunRecord, runId, runNumber } from './records.js';
import type { RunReader } from './run-reader.js';
import { isSqliteError } from './sqlite.js';
import { type Bindable, Statements } from './statements.js';
import { asStoreError } from './store-error.js';
import type { SweepReader, SweepRecord, SweepTrialRecord } from './sweep-records.js';
import { moreObjectivesText } from './sweep-tables.js';
import { sweepId, sweepNumber } from './sweep-writer.js';

/** Outcome for one run or sweep of the source database. */
export interface ImportedResult {
  /** Id in the source: `r3`. */
  readonly from: string;
  /** Id here: `r12`. */
  readonly to: string;
  /** Whether an identical record existed here already. */
  readonly known: boolean;
}

export interface ImportReport {
  readonly runs: readonly ImportedResult[];
  readonly sweeps: readonly ImportedResult[];
}

/** The database that results are imported into. */
export interface ImportTarget {
  readonly database: Database.Database;
  readonly runs: RunReader;
  readonly sweeps: SweepReader;
  readonly session: number;
  readonly now: () => string;
  readonly putObject: (bytes: Uint8Array, extension: string) => StoredObject;
}

export interface ImportedIds {
  readonly runs: readonly string[];
  readonly sweeps: readonly string[];
}

const fileKinds: readonly FileKind[] = ['figure', 'weights', 'chain'];

/**
 * Copies runs and sweeps with their files under new ids; a sweep brings the runs of its trials. Skips those that are
 * already here, identical to the last metric. Call in a transaction.
 *
 * @throws StoreError of either database; nothing is imported then
 */
export function importResults(target: ImportTarget, source: ImportSource, ids: ImportedIds): ImportReport {
  try {
    return new ResultsImport(target, source).import(ids);
  } catch (error) {
    if (isSqliteError(error) && error.code.startsWith('SQLITE_CONSTRAINT')) {
      throw source.rows.invalid(`its rows are inconsistent (${quoted(error.message)})`);
    }
    throw asStoreError(source.path, error);
  }
}

class ResultsImport {
  readonly #target: ImportTarget;
  readonly #source: ImportSource;
  readonly #statements: Statements;
  readonly #metrics = new Map<number, number>();
  readonly #runs = new Map<string, ImportedResult>();
  readonly #sweeps: ImportedResult[] = [];

  constructor(target: ImportTarget, source: ImportSource) {
    this.#target = target;
    this.#source = source;
    this.#statements = new Statements(target.database);
  }

  import({ runs, sweeps }: ImportedIds): ImportReport {
    for (const id of runs) this.#run(id);
    for (const id of sweeps) this.#sweep(id);
    return { runs: [...this.#runs.values()], sweeps: this.#sweeps };
  }

  #sweep(id: string): void {
    const sweep = this.#source.sweeps.sweep(id);
    if (sweep === null || sweep.id !== id) throw this.#source.rows.invalid(`there is no sweep ${quoted(id)}`);
    const trials = this.#source.sweeps.sweepTrials(id).map((trial) => ({
      ...trial,
      runId: trial.runId === null ? null : this.#run(trial.runId).to,
    }));
    const known = this.#knownSweep(sweep, trials);
    const to = known ?? this.#copySweep(sweep, trials);
    this.#sweeps.push({ from: id, to, known: known !== null });
  }

  #knownSweep(sweep: SweepRecord, trials: readonly SweepTrialRecord[]): string | null {
    const { sweeps } = this.#target;
    const candidates = sweeps.sweeps().filter(({ name, started }) => name === sweep.name && started === sweep.started);
    const wanted = JSON.stringify([sweep.status, sweep.command, trials]);
    const found = candidates.find(
      ({ id, status }) => JSON.stringify([status, sweeps.sweep(id)?.command, sweeps.sweepTrials(id)]) === wanted,
    );
    return found?.id ?? null;
  }

  #copySweep(sweep: SweepRecord, trials: readonly SweepTrialRecord[]): string {
    const init = this.#source.sweeps.sweepInit(sweep.id);
    const number = this.#insert('sweeps', {
      session: this.#target.session,
      name: sweep.name,
      experiment: sweep.experiment,
      file: sweep.file,
      backend: sweep.backend,
      axes: JSON.stringify(sweep.axes),
      objective: sweep.objective && JSON.stringify(sweep.objective),
      pruning: sweep.pruning,
      search: sweep.search,
      more_objectives: moreObjectivesText(sweep.moreObjectives),
      forced: sweep.forced ? 1 : 0,
      init: init && this.#statements.object(this.#target.putObject(init, 'safetensors')),
      command: sweep.command,
      status: sweep.status,
      started: sweep.started,
      updated: sweep.updated,
      finished: sweep.finished,
    });
    for (const { trial, parameters, seed, identity, state, reason, runId: run, objective, objectiveEpoch } of trials) {
      const recipe = this.#source.sweeps.sweepRecipe(sweep.id, trial);
      if (recipe === null) throw this.#source.rows.invalid(`sweep_trials.recipe of ${sweep.id} names no text`);
      this.#insert('sweep_trials', {
        sweep: number,
        trial,
        parameters: JSON.stringify(parameters),
        seed,
        identity,
        recipe: this.#statements.textId(recipe),
        state,
        reason,
        run: run === null ? null : runNumber(run),
        objective,
        objective_epoch: objectiveEpoch,
      });
      // Only a run trained by the sweep itself refers to it.
      if (run === null || state === 'cached') continue;
      const sql = 'UPDATE runs SET sweep = ? WHERE run = ? AND sweep IS NULL';
      if (this.#wasTrainedBy(sweep.id, run)) this.#statements.run(sql, number, runNumber(run));
    }
    const theirs = sweepNumber(sweep.id) ?? -1;
    for (const { table, columns } of partsOfSweep) {
      const sql = `SELECT ${columns.join(', ')} FROM ${table} WHERE sweep = ?`;
      for (const row of this.#source.rows.arrays<readonly Bindable[]>(sql, theirs)) {
        this.#insert(table, { sweep: number, ...Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])) });
      }
    }
    return sweepId(number);
  }

  /** Returns whether a run just copied was a trial of this sweep in the source. */
  #wasTrainedBy(sweep: string, to: string): boolean {
    for (const { from, to: here, known } of this.#runs.values()) {
      if (here === to && !known) return this.#source.runs.findRun(from).sweep === sweep;
    }
    return false;
  }

  #run(id: string): ImportedResult {
    const done = this.#runs.get(id);
    if (done !== undefined) return done;
    const run = this.#source.runs.findRun(id);
    const known = this.#knownRun(run);
    const result = { from: id, to: known ?? this.#copyRun(run), known: known !== null };
    this.#runs.set(id, result);
    return result;
  }

  #knownRun(run: RunRecord): string | null {
    const { database, runs } = this.#target;
    const sql = 'SELECT run FROM runs WHERE identity = ? AND started = ?';
    const candidates = database
      .prepare<[string, string], number>(sql)
      .pluck()
      .all(run.identity, run.started)
      .map(runId);
    if (candidates.length === 0) return null;
    const wanted = contentOf(this.#source.runs, run.id);
    return candidates.find((id) => contentOf(runs, id) === wanted) ?? null;
  }

  #copyRun(run: RunRecord): string {
    const theirs = runNumber(run.id) ?? -1;
    const number = this.#insert('runs', {
      session: this.#target.session,
      identity: run.identity,
      experiment: run.experiment,
      file: run.file,
      source: this.#statements.textId(run.source),
      ir_sha256: run.ir.sha256,
      ir: this.#statements.textId(run.ir.json),
      seed: run.seed,
      backend: run.backend,
      numerics: run.numerics,
      data: run.data,
      data_sha256: run.dataSha256,
      environment: this.#statements.textId(run.environment),
      status: run.status,
      started: run.started,
      updated: run.updated,
      finished: run.finished,
      seconds: run.seconds,
      trainable_parameters: run.trainableParameters,
      weights_sha256: run.weightsSha256,
      divergence: run.divergence && JSON.stringify(run.divergence),
      error: run.error,
      evaluation: run.evaluation,
      evaluation_error: run.evaluationError,
      max_steps: run.maxSteps,
      initial_sha256: run.initialSha256,
    });
    for (const { table, columns } of partsOfRun) {
      const sql = `SELECT ${columns.join(', ')} FROM ${table} WHERE run = ?`;
      for (const row of this.#source.rows.arrays<readonly Bindable[]>(sql, theirs)) {
        const values = columns.map((name, i): [string, Bindable] => {
          const value = row[i] ?? null;
          if (name === 'metric') return [name, this.#metric(Number(value))];
          // Otherwise an integer is bound as a real, which the views show as 100.0.
          return [name, typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value];
        });
        this.#insert(table, { run: number, ...Object.fromEntries(values) });
      }
    }
    new CurveTable(this.#target.database).recompute(number);
    for (const kind of fileKinds)
      for (const file of this.#source.runs.listFiles(run.id, kind)) this.#file(number, file);
    const detail = JSON.stringify({ from: this.#source.path, run: run.id });
    this.#insert('events', { run: number, time: this.#target.now(), event: 'imported', detail });
    return runId(number);
  }

  #file(run: number, file: ReturnType<RunReader['listFiles']>[number]): void {
    // Reading verifies the content against its SHA-256.
    const object = this.#target.putObject(this.#source.runs.readFile(file), file.extension);
    this.#insert('files', { run, kind: file.kind, name: file.name, object: this.#statements.object(object) });
  }

  /** Number of a metric here, by its number in the source. */
  #metric(theirs: number): number {
    const known = this.#metrics.get(theirs);
    if (known !== undefined) return known;
    const [row] = this.#source.rows.objects<{ name: string }>('SELECT name FROM metrics WHERE metric = ?', theirs);
    if (row === undefined) throw this.#source.rows.invalid(`there is no metric of number ${theirs}`);
    this.#statements.run('INSERT INTO metrics (name) VALUES (?) ON CONFLICT (name) DO NOTHING', row.name);
    const ours = this.#statements.id('SELECT metric FROM metrics WHERE name = ?', row.name);
    this.#metrics.set(theirs, ours);
    return ours;
  }

  #insert(table: string, values: Readonly<Record<string, Bindable>>): number {
    const names = Object.keys(values);
    const places = names.map(() => '?').join(', ');
    return this.#statements.run(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`,
      ...Object.values(values),
    );
  }
}

/** Tables copied unchanged, except for the numbers of runs and metrics. */
const partsOfRun = [
  { table: 'parameters', columns: ['name', 'position', 'type', 'value', 'origin'] },
  {
    table: 'stages',
    columns: ['stage', 'name', 'epochs', 'steps', 'epochs_done', 'steps_done', 'steps_per_second', 'reason'],
  },
  {
    table: 'series',
    columns: ['stage', 'metric', 'first_step', 'steps', 'minimum', 'maximum', 'first_nonfinite', 'float32'],
  },
  { table: 'epoch_metrics', columns: ['stage', 'metric', 'epoch', 'value', 'nonfinite'] },
  { table: 'final_metrics', columns: ['metric', 'value', 'nonfinite'] },
  { table: 'events', columns: ['time', 'event', 'detail'] },
] as const;

const partsOfSweep = [
  { table: 'sweep_decisions', columns: ['time', 'rung', 'epoch', 'kept', 'pruned'] },
  { table: 'sweep_actions', columns: ['time', 'detail'] },
] as const;

/** Hash of everything recorded for a run except its ids, steps and log. */
function contentOf(reader: RunReader, id: string): string {
  const { source, environment, ir, sweep: _sweep, id: _id, ...run } = reader.findRun(id);
  const files = fileKinds.flatMap((kind) => reader.listFiles(id, kind).map(({ name, sha256 }) => [kind, name, sha256]));
  const content = [source, environment, ir, run, reader.readEpochs(id), reader.readFinal(id), files].map((part) =>
    JSON.stringify(part, (_key, value: unknown) => (typeof value === 'number' ? String(value) : value)),
  );
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
