import type Database from 'better-sqlite3';
import { hasEnded, type PruningDecision, type TrialState } from '../sweep/events.js';
import { runId } from './records.js';
import { guarded } from './store-error.js';
import type { RecordedAction, SweepReader, SweepRecord, SweepSummary, SweepTrialRecord } from './sweep-records.js';
import { readAction, readAxes, readNumbers, readObjective, readParameters } from './sweep-values.js';
import { sweepId, sweepNumber } from './sweep-writer.js';

interface SweepRow {
  readonly sweep: number;
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
  readonly forced: number;
  readonly command: string;
}

/** In the order of {@link trialColumns}: an array for each of ten thousand trials is made faster than an object. */
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

const summaryColumns = 's.sweep, s.name, s.experiment, s.file, s.backend, s.status, s.started, s.updated, s.finished';
const detailColumns = `${summaryColumns}, s.axes, s.objective, s.pruning, s.forced, s.command`;

/** Reads sweeps. What says that it is running is `interrupted` when the process that wrote it is gone. */
export class SqliteSweepReader implements SweepReader {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #writerIsAlive: () => boolean;

  constructor(database: Database.Database, path: string, writerIsAlive: () => boolean) {
    this.#database = database;
    this.#path = path;
    this.#writerIsAlive = writerIsAlive;
  }

  sweeps(limit = -1): readonly SweepSummary[] {
    const rows = this.#all<[number], SweepRow>(
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
      axes: readAxes(row.axes),
      objective: row.objective === null ? null : readObjective(row.objective),
      pruning: row.pruning,
      forced: row.forced !== 0,
      command: row.command,
    };
  }

  sweepTrials(id: string): readonly SweepTrialRecord[] {
    const sweep = sweepNumber(id) ?? -1;
    const sql = `SELECT ${trialColumns} FROM sweep_trials WHERE sweep = ? ORDER BY trial`;
    const rows = guarded(this.#path, () => this.#database.prepare<[number], TrialRow>(sql).raw().all(sweep));
    const gone = rows.some(({ 4: state }) => !hasEnded(state)) && !this.#writerIsAlive();
    // Trials of one setting have the same text.
    const read = new Map<string, SweepTrialRecord['parameters']>();
    const trials: SweepTrialRecord[] = [];
    // By index, which is faster than the protocol of iterators.
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
      let parameters = read.get(text);
      if (parameters === undefined) {
        parameters = readParameters(text);
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
    const rows = this.#all<[number, number], { recipe: string }>(
      `SELECT x.text AS recipe FROM sweep_trials t JOIN texts x ON x.text_id = t.recipe
       WHERE t.sweep = ? AND t.trial = ?`,
      sweepNumber(id) ?? -1,
      trial,
    );
    return rows[0]?.recipe ?? null;
  }

  sweepDecisions(id: string): readonly PruningDecision[] {
    return this.#all<[number], { rung: number; epoch: number; kept: string; pruned: string }>(
      'SELECT rung, epoch, kept, pruned FROM sweep_decisions WHERE sweep = ? ORDER BY decision',
      sweepNumber(id) ?? -1,
    ).map(({ rung, epoch, kept, pruned }) => ({
      event: 'rung',
      rung,
      epoch,
      kept: readNumbers(kept),
      pruned: readNumbers(pruned),
    }));
  }

  sweepActions(id: string): readonly RecordedAction[] {
    return this.#all<[number], { time: string; detail: string }>(
      'SELECT time, detail FROM sweep_actions WHERE sweep = ? ORDER BY action',
      sweepNumber(id) ?? -1,
    ).flatMap(({ time, detail }) => {
      const action = readAction(detail);
      return action === null ? [] : [{ time, action }];
    });
  }

  #find(idOrName: string): DetailRow | null {
    const number = sweepNumber(idOrName);
    if (idOrName === 'last') {
      return this.#all<[], DetailRow>(`SELECT ${detailColumns} FROM sweeps s ORDER BY s.sweep DESC LIMIT 1`)[0] ?? null;
    }
    const byNumber =
      number === null
        ? undefined
        : this.#all<[number], DetailRow>(`SELECT ${detailColumns} FROM sweeps s WHERE s.sweep = ?`, number)[0];
    if (byNumber) return byNumber;
    const sql = `SELECT ${detailColumns} FROM sweeps s WHERE s.name = ? ORDER BY s.sweep DESC LIMIT 1`;
    return this.#all<[string], DetailRow>(sql, idOrName)[0] ?? null;
  }

  #summaries(rows: readonly SweepRow[]): readonly SweepSummary[] {
    const believable = rows.some(({ status }) => status === 'running') && this.#writerIsAlive();
    const counted = this.#counts(rows.map(({ sweep }) => sweep));
    return rows.map(({ sweep, status, finished, ...row }) => {
      const gone = status === 'running' && !believable;
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
    const rows = this.#all<[string], { sweep: number; state: TrialState; n: number }>(
      `SELECT t.sweep, t.state, count(*) AS n FROM json_each(?) wanted
       CROSS JOIN sweep_trials t ON t.sweep = wanted.value GROUP BY t.sweep, t.state`,
      JSON.stringify(sweeps),
    );
    const counts = new Map<number, Counts>();
    for (const { sweep, state, n } of rows) counts.set(sweep, { ...counts.get(sweep), [state]: n });
    return counts;
  }

  #all<Bind extends unknown[], Row>(sql: string, ...values: Bind): Row[] {
    return guarded(this.#path, () => this.#database.prepare<unknown[], Row>(sql).all(...values));
  }
}

function interrupted(counts: Counts): Counts {
  const { queued = 0, running = 0, paused = 0, interrupted: already = 0, ...ended } = counts;
  const all = queued + running + paused + already;
  return all > 0 ? { ...ended, interrupted: all } : ended;
}
