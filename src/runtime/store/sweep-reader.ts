import type Database from 'better-sqlite3';
import { hasEnded, type PruningDecision, type TrialState } from '../events.js';
import { CheckedRows } from './checked-rows.js';
import type { ObjectFolder, ObjectName } from './objects.js';
import { runId } from './records.js';
import { action, axes, moreObjectives, objective, trialNumbers, trialParameters } from './stored-values.js';
import type { RecordedAction, SweepReader, SweepRecord, SweepSummary, SweepTrialRecord } from './sweep-records.js';
import { sweepId, sweepNumber } from './sweep-writer.js';

interface SweepRow {
  readonly sweep: number;
  readonly session: number;
  readonly name: string;
  readonly experiment: string;
  readonly file: string | null;
  readonly backend: string;
  readonly status: SweepSummary['status'];
  readonly started: string;
  readonly updated: string;
  readonly finished: string | null;
}

interface DetailRow extends SweepRow {
  readonly axes: string;
  readonly objective: string | null;
  readonly pruning: string | null;
  readonly search: string | null;
  readonly more_objectives: string | null;
  readonly forced: number;
  readonly starts_from: string | null;
  readonly command: string;
}

/** In the order of {@link trialColumns}. For ten thousand trials, arrays are cheaper than objects. */
type TrialRow = readonly [
  trial: number,
  parameters: string,
  seed: number,
  identity: string,
  state: TrialState,
  reason: string | null,
  run: number | null,
  objective: number | null,
  objectiveEpoch: number | null,
];

const trialColumns = 'trial, parameters, seed, identity, state, reason, run, objective, objective_epoch';

type Counts = Partial<Record<TrialState, number>>;

const summaryColumns =
  's.sweep, s.session, s.name, s.experiment, s.file, s.backend, s.status, s.started, s.updated, s.finished';
const detailColumns = `${summaryColumns}, s.axes, s.objective, s.pruning, s.search, s.more_objectives, s.forced, s.starts_from, s.command`;

/** Reads sweeps. A running sweep whose session is gone reads as `interrupted`. */
export class SqliteSweepReader implements SweepReader {
  readonly #rows: CheckedRows;
  readonly #objects: ObjectFolder;
  readonly #sessionIsAlive: (session: number) => boolean;

  constructor(
    database: Database.Database,
    path: string,
    sessionIsAlive: (session: number) => boolean,
    objects: ObjectFolder,
  ) {
    this.#objects = objects;
    this.#rows = new CheckedRows(database, path, 's');
    this.#sessionIsAlive = sessionIsAlive;
  }

  sweeps(limit = -1): readonly SweepSummary[] {
    const rows = this.#rows.objects<SweepRow>(
      `SELECT ${summaryColumns} FROM sweeps s ORDER BY s.sweep DESC LIMIT ?`,
      limit,
    );
    return this.#summaries(rows);
  }

  sweep(idOrName: string): SweepRecord | null {
    const row = this.#find(idOrName);
    const summary = row && this.#summaries([row])[0];
    if (!row || !summary) return null;
    return {
      ...summary,
      axes: this.#rows.json(`sweeps.axes of ${summary.id}`, row.axes, axes),
      objective:
        row.objective === null ? null : this.#rows.json(`sweeps.objective of ${summary.id}`, row.objective, objective),
      moreObjectives:
        row.more_objectives === null
          ? []
          : this.#rows.json(`sweeps.more_objectives of ${summary.id}`, row.more_objectives, moreObjectives),
      pruning: row.pruning,
      search: row.search,
      forced: row.forced !== 0,
      from: row.starts_from,
      command: row.command,
    };
  }

  sweepTrials(id: string): readonly SweepTrialRecord[] {
    const sweep = sweepNumber(id) ?? -1;
    const sql = `SELECT ${trialColumns} FROM sweep_trials WHERE sweep = ? ORDER BY trial`;
    const rows = this.#rows.arrays<TrialRow>(sql, sweep);
    const gone = rows.some(({ 4: state }) => !hasEnded(state)) && !this.#isAlive(sweep);
    // Trials with the same settings share the text.
    const read = new Map<string, SweepTrialRecord['parameters']>();
    const trials: SweepTrialRecord[] = [];
    // An index loop, which is faster than an iterator.
    for (const {
      0: trial,
      1: text,
      2: seed,
      3: identity,
      4: state,
      5: reason,
      6: run,
      7: objective,
      8: epoch,
    } of rows) {
      if (trial !== trials.length) {
        throw this.#rows.invalid(`sweep_trials.trial of ${id} goes from ${trials.length - 1} to ${trial}`);
      }
      let parameters = read.get(text);
      if (parameters === undefined) {
        parameters = this.#rows.json(`sweep_trials.parameters of ${id}`, text, trialParameters);
        read.set(text, parameters);
      }
      trials.push({
        trial,
        parameters,
        seed,
        identity,
        state: gone && !hasEnded(state) ? 'interrupted' : state,
        reason,
        runId: run === null ? null : runId(run),
        objective,
        objectiveEpoch: epoch,
      });
    }
    return trials;
  }

  sweepRecipe(id: string, trial: number): string | null {
    const rows = this.#rows.objects<{ recipe: string }>(
      `SELECT x.text AS recipe FROM sweep_trials t JOIN texts x ON x.text_id = t.recipe
       WHERE t.sweep = ? AND t.trial = ?`,
      sweepNumber(id) ?? -1,
      trial,
    );
    return rows[0]?.recipe ?? null;
  }

  sweepInit(id: string): Uint8Array | null {
    const [object] = this.#rows.objects<ObjectName>(
      'SELECT o.sha256, o.extension FROM sweeps s JOIN objects o ON o.object = s.init WHERE s.sweep = ?',
      sweepNumber(id) ?? -1,
    );
    return object === undefined ? null : this.#objects.get(object.sha256, object.extension);
  }

  sweepDecisions(id: string): readonly PruningDecision[] {
    return this.#rows
      .objects<{ rung: number; epoch: number; kept: string; pruned: string }>(
        'SELECT rung, epoch, kept, pruned FROM sweep_decisions WHERE sweep = ? ORDER BY decision',
        sweepNumber(id) ?? -1,
      )
      .map(({ rung, epoch, kept, pruned }) => ({
        event: 'rung',
        rung,
        epoch,
        kept: this.#rows.json(`sweep_decisions.kept of ${id}`, kept, trialNumbers),
        pruned: this.#rows.json(`sweep_decisions.pruned of ${id}`, pruned, trialNumbers),
      }));
  }

  sweepActions(id: string): readonly RecordedAction[] {
    return this.#rows
      .objects<{ time: string; detail: string }>(
        'SELECT time, detail FROM sweep_actions WHERE sweep = ? ORDER BY action',
        sweepNumber(id) ?? -1,
      )
      .flatMap(({ time, detail }) => {
        const taken = this.#rows.json(`sweep_actions.detail of ${id}`, detail, action);
        return taken === null ? [] : [{ time, action: taken }];
      });
  }

  #isAlive(sweep: number): boolean {
    const [row] = this.#rows.objects<{ session: number }>('SELECT session FROM sweeps WHERE sweep = ?', sweep);
    return row !== undefined && this.#sessionIsAlive(row.session);
  }

  #find(idOrName: string): DetailRow | null {
    const number = sweepNumber(idOrName);
    if (idOrName === 'last') {
      return (
        this.#rows.objects<DetailRow>(`SELECT ${detailColumns} FROM sweeps s ORDER BY s.sweep DESC LIMIT 1`)[0] ?? null
      );
    }
    const byNumber =
      number === null
        ? undefined
        : this.#rows.objects<DetailRow>(`SELECT ${detailColumns} FROM sweeps s WHERE s.sweep = ?`, number)[0];
    if (byNumber) return byNumber;
    const sql = `SELECT ${detailColumns} FROM sweeps s WHERE s.name = ? ORDER BY s.sweep DESC LIMIT 1`;
    return this.#rows.objects<DetailRow>(sql, idOrName)[0] ?? null;
  }

  #summaries(rows: readonly SweepRow[]): readonly SweepSummary[] {
    const counted = this.#counts(rows.map(({ sweep }) => sweep));
    return rows.map(({ sweep, session, status, finished, ...row }) => {
      const gone = status === 'running' && !this.#sessionIsAlive(session);
      const counts = counted.get(sweep) ?? {};
      return {
        ...row,
        id: sweepId(sweep),
        status: gone ? 'interrupted' : status,
        finished: gone ? row.updated : finished,
        trials: Object.values(counts).reduce((sum, n) => sum + n, 0),
        counts: gone ? interrupted(counts) : counts,
      };
    });
  }

  #counts(sweeps: readonly number[]): ReadonlyMap<number, Counts> {
    const rows = this.#rows.objects<{ sweep: number; state: TrialState; n: number }>(
      `SELECT t.sweep, t.state, count(*) AS n FROM json_each(?) wanted
       CROSS JOIN sweep_trials t ON t.sweep = wanted.value GROUP BY t.sweep, t.state`,
      JSON.stringify(sweeps),
    );
    const counts = new Map<number, Counts>();
    for (const { sweep, state, n } of rows) counts.set(sweep, { ...counts.get(sweep), [state]: n });
    return counts;
  }
}

function interrupted(counts: Counts): Counts {
  const { queued = 0, running = 0, paused = 0, interrupted: already = 0, ...ended } = counts;
  const all = queued + running + paused + already;
  return all > 0 ? { ...ended, interrupted: all } : ended;
}
