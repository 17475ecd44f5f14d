import type Database from 'better-sqlite3';
import * as v from 'valibot';
import { type Canonical, type LossStatement, lossStatement } from '../../compiler/ir/canonical.js';
import { CheckedRows } from './checked-rows.js';
import { fromStored, type StoredNumber } from './nonfinite.js';
import { type EvaluationState, type ParameterRecord, type RunStatus, runId, runNumber } from './records.js';
import { type ParameterRow, parameterValue } from './stored-values.js';

/** What a table of many runs says of each. */
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
  /** A run whose process died is `interrupted`. */
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

/** Of one run's last stage, by epoch. */
export interface EpochCurve {
  readonly epochs: readonly number[];
  readonly values: readonly number[];
}

/**
 * Questions about many runs, each answered by one statement that reaches every run by a primary key. Runs that are not
 * there, or that have none of what is asked for, are left out. Throws {@link StoreError} when the database can't be read.
 */
export interface TrialsReader {
  outcomes(ids: readonly string[]): ReadonlyMap<string, RunOutcome>;
  /** How each run that has ended did so, without what else is known of it. */
  endings(ids: readonly string[]): ReadonlyMap<string, Pick<RunOutcome, 'seconds' | 'weightsSha256'>>;
  /** All parameters of each run, in their order. */
  parameters(ids: readonly string[]): ReadonlyMap<string, readonly ParameterRecord[]>;
  /** Metrics at the end; of those of the names, or all of them. */
  finals(ids: readonly string[], names?: readonly string[]): ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** Those of the names that any of the runs has a metric of at its end. */
  finalNames(ids: readonly string[], names: readonly string[]): readonly string[];
  /** The best value of a metric over the epochs of the last stage, where one is finite; the first of equal ones. */
  bests(ids: readonly string[], metric: string, goal: 'min' | 'max'): ReadonlyMap<string, EpochValue>;
  /** The metric after every epoch of the last stage. */
  curves(ids: readonly string[], metric: string): ReadonlyMap<string, EpochCurve>;
  /** Runs that no sweep trained, the newest first. */
  outsideSweeps(limit: number): readonly RunOutcome[];
  /** What the runs minimise, each kind of them once, from the canonical forms of their experiments. */
  lossStatements(ids: readonly string[]): readonly LossStatement[];
  /** Names of the metrics that any of the runs has after its epochs or at its end, sorted. */
  metricNames(ids: readonly string[]): readonly string[];
}

type StoredPair = [value: StoredNumber['value'], nonfinite: StoredNumber['nonfinite']];

type OutcomeRow = Omit<RunOutcome, 'id'> & { readonly run: number; readonly session: number };

const outcomeColumns = `r.run, r.session, r.experiment, r.seed, r.identity, r.ir_sha256 AS irSha256, r.data,
  r.data_sha256 AS dataSha256, r.backend, r.numerics, r.status, r.started, r.seconds, r.weights_sha256 AS weightsSha256,
  r.evaluation`;

/** The runs asked for, as a table; their order leads every query, so that each is reached by its key. */
const asked = 'json_each(?) a CROSS JOIN';

/** The stage that ended last, of a run. */
const lastStage = '(SELECT max(s.stage) FROM stages s WHERE s.run = a.value)';

export class SqliteTrialsReader implements TrialsReader {
  readonly #rows: CheckedRows;
  readonly #sessionIsAlive: (session: number) => boolean;

  /** @param sessionIsAlive whether a run of the session that says it is running can be believed */
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
    // A name is looked for until it is found, which is in the first run as a rule.
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
    // By the metric first: a name that many runs have is found in the first of them.
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

  /** Names by number; of those that are asked for, or all. */
  #metrics(names: readonly string[] | undefined): ReadonlyMap<number, string> {
    const wanted = names && new Set(names);
    const rows = this.#rows.arrays<[metric: number, name: string]>('SELECT metric, name FROM metrics');
    return new Map(rows.filter(([, name]) => wanted?.has(name) ?? true));
  }

  #all<Row extends object>(sql: string, ids: readonly string[], ...values: readonly string[]): Row[] {
    return this.#rows.objects<Row>(sql, numbersOf(ids), ...values);
  }

  /** Rows are taken apart by index: the protocol of iterators takes longer than reading them did. */
  #raw<Row extends readonly unknown[]>(sql: string, ids: readonly string[], ...values: readonly string[]): Row[] {
    return this.#rows.arrays<Row>(sql, numbersOf(ids), ...values);
  }
}

function numbersOf(ids: readonly string[]): string {
  return JSON.stringify(ids.map(runNumber).filter((run) => run !== null));
}

/** The text of a canonical form, which any JSON is. */
const canonical = v.custom<Canonical>(() => true);
