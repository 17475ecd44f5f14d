import type Database from 'better-sqlite3';
import { quoted } from '../../files/quoted.js';
import type { CheckedRows } from './checked-rows.js';
import type { ObjectName } from './objects.js';
import { runId, runNumber, type Writer } from './records.js';
import { StoreError } from './store-error.js';
import { sweepId, sweepNumber } from './sweep-writer.js';

export interface RemovalPlan {
  /** `r12`, ascending: the runs named, and those trained by the sweeps. */
  readonly runs: readonly string[];
  /** `s3`, ascending. */
  readonly sweeps: readonly string[];
  /** Runs of these sweeps that stay because trials of another sweep reuse them. */
  readonly kept: readonly { readonly run: string; readonly by: string }[];
  /** Total size of the files that no other run uses. */
  readonly bytes: number;
}

export interface RemovalSource {
  readonly path: string;
  readonly rows: CheckedRows;
  /** Process of a session; null if it is gone. */
  readonly writerOf: (session: number) => Writer | null;
}

interface Reference {
  readonly run: number;
  readonly sweep: number;
  readonly trial: number;
}

/**
 * Expands the ids to everything they delete, and refuses what is still needed. Read-only.
 *
 * @throws StoreError `unknown_run` (names neither a run nor a sweep), `needed` (a trial of another sweep would lose its
 * result), `in_use` (a live process writes it or may be about to reuse it), `damaged`
 */
export function planRemoval(source: RemovalSource, ids: readonly string[]): RemovalPlan {
  const { rows } = source;
  rows.checkPages();
  const named = numbersOf(ids, runNumber);
  const sweeps = numbersOf(ids, sweepNumber);
  requireThere(source, ids, named, sweeps);
  const trained = rows.objects<{ run: number }>(
    'SELECT r.run FROM json_each(?) a CROSS JOIN runs r ON r.sweep = a.value',
    json(sweeps),
  );
  const runs = new Set([...named, ...trained.map(({ run }) => run)]);
  const kept: { readonly run: string; readonly by: string }[] = [];
  for (const reference of references(source, runs)) {
    if (sweeps.has(reference.sweep)) continue;
    if (named.has(reference.run)) throw needed(source, reference);
    if (runs.delete(reference.run)) kept.push({ run: runId(reference.run), by: sweepId(reference.sweep) });
  }
  requireUnused(source, runs, sweeps);
  return {
    runs: ascending(runs).map(runId),
    sweeps: ascending(sweeps).map(sweepId),
    kept,
    bytes: bytesOf(source, runs),
  };
}

/** Objects used by these runs only. */
export function objectsOf(rows: CheckedRows, runs: ReadonlySet<number>): readonly (ObjectName & { bytes: number })[] {
  return rows.objects<{ sha256: string; extension: string; bytes: number }>(
    `SELECT o.sha256, o.extension, o.bytes
     FROM (SELECT f.object AS object FROM files f GROUP BY f.object
           HAVING min(f.run IN (SELECT value FROM json_each(?))) = 1) only_theirs
     CROSS JOIN objects o ON o.object = only_theirs.object`,
    json(runs),
  );
}

/** Deletes the rows of runs and sweeps. Call in a transaction. */
export function deleteResults(database: Database.Database, { runs, sweeps }: RemovalPlan): void {
  const [runNumbers, sweepNumbers] = [json(numbersOf(runs, runNumber)), json(numbersOf(sweeps, sweepNumber))];
  // A run that stays no longer belongs to a sweep.
  const statements: readonly (readonly [string, string])[] = [
    ['UPDATE runs SET sweep = NULL WHERE sweep IN (SELECT value FROM json_each(?))', sweepNumbers],
    ['DELETE FROM sweeps WHERE sweep IN (SELECT value FROM json_each(?))', sweepNumbers],
    ['DELETE FROM runs WHERE run IN (SELECT value FROM json_each(?))', runNumbers],
  ];
  for (const [sql, numbers] of statements) database.prepare(sql).run(numbers);
}

/** Numbers of the ids that `numberOf` recognises. */
export function numbersOf(ids: readonly string[], numberOf: (id: string) => number | null): ReadonlySet<number> {
  return new Set(ids.flatMap((id) => numberOf(id) ?? []));
}

function requireThere(
  { path, rows }: RemovalSource,
  ids: readonly string[],
  runs: ReadonlySet<number>,
  sweeps: ReadonlySet<number>,
): void {
  const found = new Set([
    ...rows
      .objects<{ run: number }>('SELECT r.run FROM json_each(?) a CROSS JOIN runs r ON r.run = a.value', json(runs))
      .map(({ run }) => runId(run)),
    ...rows
      .objects<{ sweep: number }>(
        'SELECT s.sweep FROM json_each(?) a CROSS JOIN sweeps s ON s.sweep = a.value',
        json(sweeps),
      )
      .map(({ sweep }) => sweepId(sweep)),
  ]);
  const unknown = ids.find((id) => !found.has(id));
  if (unknown === undefined) return;
  throw new StoreError(
    'unknown_run',
    path,
    `there is no run or sweep with the id ${quoted(unknown)}; nothing was deleted`,
    'name it by its id, r12 or s3, as listed by `aedsl ls --runs` and `aedsl ls`',
  );
}

/** Trials that use the results of these runs. */
function references({ rows }: RemovalSource, runs: ReadonlySet<number>): readonly Reference[] {
  return rows.objects<Reference>(
    `SELECT t.run, t.sweep, t.trial FROM json_each(?) a CROSS JOIN sweep_trials t ON t.run = a.value
     ORDER BY t.run, t.sweep, t.trial`,
    json(runs),
  );
}

/** Rejects results that a live process writes or may be about to reuse. */
function requireUnused(source: RemovalSource, runs: ReadonlySet<number>, sweeps: ReadonlySet<number>): void {
  const { rows, writerOf } = source;
  const unfinishedRuns = rows.objects<{ run: number; session: number }>(
    `SELECT r.run, r.session FROM json_each(?) a CROSS JOIN runs r ON r.run = a.value
     WHERE r.status IN ('running', 'paused') OR r.evaluation = 'pending'`,
    json(runs),
  );
  for (const { run, session } of unfinishedRuns) {
    const writer = writerOf(session);
    if (writer !== null) throw inUse(source, runId(run), writer, 'writes it');
  }
  const running = rows.objects<{ sweep: number; session: number }>(
    "SELECT s.sweep, s.session FROM sweeps s WHERE s.status = 'running'",
  );
  for (const { sweep, session } of running) {
    const writer = writerOf(session);
    if (writer === null) continue;
    if (sweeps.has(sweep)) throw inUse(source, sweepId(sweep), writer, 'writes it');
    // A live sweep knows which runs it will reuse before it records them.
    const same = rows
      .objects<{ run: number }>(
        `SELECT r.run FROM sweep_trials t CROSS JOIN runs r ON r.identity = t.identity
         WHERE t.sweep = ? ORDER BY r.run`,
        sweep,
      )
      .find(({ run }) => runs.has(run));
    if (same !== undefined) throw inUse(source, runId(same.run), writer, `has the same trial in ${sweepId(sweep)}`);
  }
}

function bytesOf({ rows }: RemovalSource, runs: ReadonlySet<number>): number {
  const checkpoints = rows.objects<{ bytes: number }>(
    'SELECT c.bytes FROM json_each(?) a CROSS JOIN checkpoints c ON c.run = a.value',
    json(runs),
  );
  return [...checkpoints, ...objectsOf(rows, runs)].reduce((sum, { bytes }) => sum + bytes, 0);
}

function needed({ path }: RemovalSource, { run, sweep, trial }: Reference): StoreError {
  const [name, of] = [runId(run), sweepId(sweep)];
  return new StoreError(
    'needed',
    path,
    `${name} is the result of trial ${trial} of ${of}, which would lose it; nothing was deleted`,
    `delete the sweep as well (\`aedsl rm ${of}\`), or keep both`,
  );
}

function inUse({ path }: RemovalSource, id: string, { pid, host, command }: Writer, why: string): StoreError {
  return new StoreError(
    'in_use',
    path,
    `${id} stays: process ${pid} on ${host} (\`${command}\`) ${why}; nothing was deleted`,
    'wait until it has finished, or end it (Ctrl-C, `kill`), and delete then',
  );
}

function json(numbers: Iterable<number>): string {
  return JSON.stringify([...numbers]);
}

function ascending(numbers: Iterable<number>): readonly number[] {
  return [...numbers].sort((a, b) => a - b);
}
