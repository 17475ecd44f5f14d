import type Database from 'better-sqlite3';
import * as v from 'valibot';
import { type Canonical, type LossStatement, lossStatement } from '../../compiler/ir/canonical.js';
import { CheckedRows } from './checked-rows.js';
import { fromStored, type StoredNumber } from './nonfinite.js';
import { type EvaluationState, type ParameterRecord, type RunStatus, runId, runNumber } from './records.js';
import { type ParameterRow, parameterValue } from './stored-values.js';

/** Outcome of one run, for a table of many. */
export interface RunOutcome {
  readonly id: string;
  readonly experiment: string;
  readonly seed: number;
  readonly identity: string;
  readonly irSha256: string;
  readonly data: string;
  readonly dataSha256: string;
  readonly backend: string;
  readonly numerics: string;
  /** `interrupted` if its process died. */
  readonly status: RunStatus;
  readonly started: string;
  readonly seconds: number | null;
  readonly weightsSha256: string | null;
  readonly evaluation: EvaluationState;
}

/** A metric after one epoch of the last stage. */
export interface EpochValue {
  /** From 1. */
  readonly epoch: number;
  readonly value: number;
}

/** Curve over the last stage of one run. */
export interface EpochCurve {
  readonly epochs: readonly number[];
  readonly values: readonly number[];
}

/**
 * Queries over many runs, each a single statement that reaches every run by primary key. Runs that don't exist or lack
 * the requested data are left out. Throws {@link StoreError} if the database can't be read.
 */
export interface TrialsReader {
  outcomes(ids: readonly string[]): ReadonlyMap<string, RunOutcome>;
  /** How each ended run did so, and nothing else. */
  endings(ids: readonly string[]): ReadonlyMap<string, Pick<RunOutcome, 'seconds' | 'weightsSha256'>>;
  /** All parameters of each run, in order. */
  parameters(ids: readonly string[]): ReadonlyMap<string, readonly ParameterRecord[]>;
  /** Final metrics, restricted to `names` if given. */
  finals(ids: readonly string[], names?: readonly string[]): ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** Those `names` that are a final metric of any of the runs. */
  finalNames(ids: readonly string[], names: readonly string[]): readonly string[];
  /** Best finite value of a metric over the epochs of the last stage, where there is one; the first one on ties. */
  bests(ids: readonly string[], metric: string, goal: 'min' | 'max'): ReadonlyMap<string, EpochValue>;
  /** The metric after every epoch of the last stage. */
  curves(ids: readonly string[], metric: string): ReadonlyMap<string, EpochCurve>;
  /** Runs that belong to no sweep, newest first. */
  outsideSweeps(limit: number): readonly RunOutcome[];
  /** Distinct losses that the runs minimise, from the canonical forms of their experiments. */
  lossStatements(ids: readonly string[]): readonly LossStatement[];
  /** Sorted names of all epoch and final metrics of these runs. */
  metricNames(ids: readonly string[]): readonly string[];
}

type StoredPair = [value: StoredNumber['value'], nonfinite: StoredNumber['nonfinite']];

type OutcomeRow = Omit<RunOutcome, 'id'> & { readonly run: number; readonly session: number };

const outcomeColumns = `r.run, r.session, r.experiment, r.seed, r.identity, r.ir_sha256 AS irSha256, r.data,
  r.data_sha256 AS dataSha256, r.backend, r.numerics, r.status, r.started, r.seconds, r.weights_sha256 AS weightsSha256,
  r.evaluation`;

/** The requested runs as a table. It leads every query, so that each run is reached by its key. */
const asked = 'json_each(?) a CROSS JOIN';

/** Last stage of a run. */
const lastStage = '(SELECT max(s.stage) FROM stages s WHERE s.run = a.value)';

export class SqliteTrialsReader implements TrialsReader {
  readonly #rows: CheckedRows;
  readonly #sessionIsAlive: (session: number) => boolean;

  /** @param sessionIsAlive whether a session whose runs claim to be running still lives */
  constructor(database: Database.Database, path: string, sessionIsAlive: (session: number) => boolean) {
    this.#rows = new CheckedRows(database, path, 'r');
    this.#sessionIsAlive = sessionIsAlive;
  }

  outcomes(ids: readonly string[]): ReadonlyMap<string, RunOutcome> {
    const rows = this.#all<OutcomeRow>(`SELECT ${outcomeColumns} FROM ${asked} runs r ON r.run = a.value`, ids);
    return new Map(this.#believable(rows).map((outcome) => [outcome.id, outcome]));
  }

  endings(ids: readonly string[]): ReadonlyMap<string, Pick<RunOutcome, 'seconds' | 'weightsSha256'>> {
    const rows = this.#raw<[run: number, seconds: number | null, weightsSha256: string | null]>(
      `SELECT r.run, r.seconds, r.weights_sha256 FROM ${asked} runs r ON r.run = a.value
       WHERE r.finished IS NOT NULL`,
      ids,
    );
    const found = new Map<string, Pick<RunOutcome, 'seconds' | 'weightsSha256'>>();
    for (const { 0: run, 1: seconds, 2: weightsSha256 } of rows) found.set(runId(run), { seconds, weightsSha256 });
    return found;
  }

  outsideSweeps(limit: number): readonly RunOutcome[] {
    const sql = `SELECT ${outcomeColumns} FROM runs r WHERE r.sweep IS NULL ORDER BY r.run DESC LIMIT ?`;
    return this.#believable(this.#rows.objects<OutcomeRow>(sql, limit));
  }

  #believable(rows: readonly OutcomeRow[]): readonly RunOutcome[] {
    return rows.map(({ run, session, status, ...rest }) => ({
      id: runId(run),
      ...rest,
      status: status === 'running' && !this.#sessionIsAlive(session) ? 'interrupted' : status,
    }));
  }

  parameters(ids: readonly string[]): ReadonlyMap<string, readonly ParameterRecord[]> {
    const rows = this.#all<ParameterRow & { readonly run: number }>(
      `SELECT p.run, p.name, p.type, p.value, p.origin FROM ${asked} parameters p ON p.run = a.value
       ORDER BY a.key, p.position`,
      ids,
    );
    const found = new Map<string, ParameterRecord[]>();
    for (const row of rows) {
      const { run, name, origin } = row;
      const parameter = { name, value: parameterValue(this.#rows, row, run), origin };
      const list = found.get(runId(run));
      if (list) list.push(parameter);
      else found.set(runId(run), [parameter]);
    }
    return found;
  }

  finals(ids: readonly string[], names?: readonly string[]): ReadonlyMap<string, Readonly<Record<string, number>>> {
    const known = this.#metrics(names);
    const ofNames = names === undefined ? '' : 'AND f.metric IN (SELECT value FROM json_each(?))';
    const rows = this.#raw<[run: number, metric: number, ...StoredPair]>(
      `SELECT f.run, f.metric, f.value, f.nonfinite
       FROM ${asked} final_metrics f ON f.run = a.value ${ofNames}`,
      ids,
      ...(names === undefined ? [] : [JSON.stringify([...known.keys()])]),
    );
    const found = new Map<string, Record<string, number>>();
    let [last, metrics]: [number, Record<string, number>] = [-1, {}];
    for (const { 0: run, 1: metric, 2: value, 3: nonfinite } of rows) {
      if (run !== last) {
        [last, metrics] = [run, {}];
        found.set(runId(run), metrics);
      }
      metrics[known.get(metric) ?? ''] = value ?? fromStored({ value, nonfinite });
    }
    return found;
  }

  finalNames(ids: readonly string[], names: readonly string[]): readonly string[] {
    // Stops at the first run with the name, usually the very first.
    return this.#all<{ name: string }>(
      `SELECT m.name FROM metrics m
       WHERE EXISTS (SELECT 1 FROM ${asked} final_metrics f ON f.run = a.value AND f.metric = m.metric)
         AND m.name IN (SELECT value FROM json_each(?))`,
      ids,
      JSON.stringify(names),
    ).map(({ name }) => name);
  }

  bests(ids: readonly string[], metric: string, goal: 'min' | 'max'): ReadonlyMap<string, EpochValue> {
    const extreme = goal === 'min' ? 'minimum' : 'maximum';
    const rows = this.#raw<[run: number, value: number, epoch: number]>(
      `SELECT c.run, c.${extreme}, c.${extreme}_epoch
       FROM ${asked} curves c ON c.run = a.value AND c.stage = ${lastStage}
         AND c.metric = (SELECT metric FROM metrics WHERE name = ?)
       WHERE c.${extreme} IS NOT NULL`,
      ids,
      metric,
    );
    const found = new Map<string, EpochValue>();
    for (const { 0: run, 1: value, 2: epoch } of rows) found.set(runId(run), { epoch, value });
    return found;
  }

  curves(ids: readonly string[], metric: string): ReadonlyMap<string, EpochCurve> {
    const rows = this.#raw<[run: number, epoch: number, ...StoredPair]>(
      `SELECT e.run, e.epoch, e.value, e.nonfinite
       FROM ${asked} epoch_metrics e ON e.run = a.value AND e.stage = ${lastStage}
         AND e.metric = (SELECT metric FROM metrics WHERE name = ?)
       ORDER BY a.key, e.epoch`,
      ids,
      metric,
    );
    const found = new Map<string, { epochs: number[]; values: number[] }>();
    for (const { 0: run, 1: epoch, 2: value, 3: nonfinite } of rows) {
      const id = runId(run);
      const curve = found.get(id) ?? { epochs: [], values: [] };
      curve.epochs.push(epoch);
      curve.values.push(fromStored({ value, nonfinite }));
      found.set(id, curve);
    }
    return found;
  }

  metricNames(ids: readonly string[]): readonly string[] {
    // By metric first: a common name is found in the first run.
    return this.#all<{ name: string }>(
      `WITH asked AS MATERIALIZED (SELECT value AS run FROM json_each(?))
       SELECT m.name FROM metrics m
       WHERE EXISTS (SELECT 1 FROM asked a CROSS JOIN final_metrics f ON f.run = a.run AND f.metric = m.metric)
          OR EXISTS (SELECT 1 FROM asked a CROSS JOIN stages s ON s.run = a.run
                     CROSS JOIN curves c ON c.run = s.run AND c.stage = s.stage AND c.metric = m.metric)
       ORDER BY m.name`,
      ids,
    ).map(({ name }) => name);
  }

  lossStatements(ids: readonly string[]): readonly LossStatement[] {
    const rows = this.#all<{ readonly text: string }>(
      `WITH forms AS (SELECT DISTINCT r.ir FROM ${asked} runs r ON r.run = a.value)
       SELECT t.text FROM forms f JOIN texts t ON t.text_id = f.ir`,
      ids,
    );
    const found = new Map<string, LossStatement>();
    for (const { text } of rows) {
      const statement = lossStatement(this.#rows.json('the IR of a run', text, canonical));
      found.set(JSON.stringify(statement), statement);
    }
    return [...found.values()];
  }

  /** Metric names by number, restricted to `names` if given. */
  #metrics(names: readonly string[] | undefined): ReadonlyMap<number, string> {
    const wanted = names && new Set(names);
    const rows = this.#rows.arrays<[metric: number, name: string]>('SELECT metric, name FROM metrics');
    return new Map(rows.filter(([, name]) => wanted?.has(name) ?? true));
  }

  #all<Row extends object>(sql: string, ids: readonly string[], ...values: readonly string[]): Row[] {
    return this.#rows.objects<Row>(sql, numbersOf(ids), ...values);
  }

  /** Rows are read by index: the iterator protocol would take longer than SQLite does. */
  #raw<Row extends readonly unknown[]>(sql: string, ids: readonly string[], ...values: readonly string[]): Row[] {
    return this.#rows.arrays<Row>(sql, numbersOf(ids), ...values);
  }
}

function numbersOf(ids: readonly string[]): string {
  return JSON.stringify(ids.map(runNumber).filter((run) => run !== null));
}

/** A canonical form, which can be any JSON. */
const canonical = v.custom<Canonical>(() => true);
