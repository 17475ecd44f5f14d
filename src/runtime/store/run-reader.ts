import type Database from 'better-sqlite3';
import { quoted } from '../../files/quoted.js';
import { anyObject, object, text } from '../formats/json.js';
import { CheckedRows } from './checked-rows.js';
import { fromStored, type StoredNumber } from './nonfinite.js';
import type { ObjectFolder } from './objects.js';
import type {
  CheckpointRecord,
  EpochMetric,
  FileKind,
  LoggedEvent,
  ParameterRecord,
  RunFile,
  RunRecord,
  RunStatus,
  RunSummary,
  Series,
  SeriesBlock,
  StageRecord,
} from './records.js';
import { runId, runNumber } from './records.js';
import { BLOCK_STEPS } from './series-buffer.js';
import { StoreError } from './store-error.js';
import { divergence, type ParameterRow, parameterValue } from './stored-values.js';

export interface RunFilter {
  readonly experiment?: string;
  /** The IR's content hash. */
  readonly ir?: string;
  /** Only runs that trained to their end. */
  readonly complete?: boolean;
  readonly limit?: number;
}

/** Queries on runs, whose ids are `r12`. Every method throws {@link StoreError} if the database can't be read. */
export interface RunReader {
  /** Newest first. */
  listRuns(filter?: RunFilter): readonly RunSummary[];
  /**
   * Resolves a run by `r12`, `12`, `last`, or a prefix (at least 4 digits) of a trial's identity, which stands for its
   * latest complete run, or its latest if none is complete.
   *
   * @throws StoreError `unknown_run`, `ambiguous_run` (the prefix matches several identities)
   */
  findRun(text: string): RunRecord;
  /**
   * Latest run that trained this trial to its end and was evaluated; null if there is none.
   * @param filter a run to ignore; the experiment's name, which is not part of a trial's identity
   */
  findComplete(
    identity: string,
    filter?: { readonly except?: string | null; readonly experiment?: string },
  ): RunSummary | null;
  /** Stages and metrics with series. */
  listSeries(id: string): readonly { readonly stage: string; readonly metric: string; readonly steps: number }[];
  /** Values of a series from step `from` up to but excluding `to`; all by default. Empty if nothing was recorded. */
  readSeries(
    id: string,
    stage: string,
    metric: string,
    range?: { readonly from?: number; readonly to?: number },
  ): Series;
  /** Block-wise extremes of a series, without its values. */
  readSeriesBlocks(id: string, stage: string, metric: string): readonly SeriesBlock[];
  /** Ordered by stage, epoch and metric name. */
  readEpochs(id: string): readonly EpochMetric[];
  /** Final metrics, by name. Empty for an interrupted run. */
  readFinal(id: string): Readonly<Record<string, number>>;
  listFiles(id: string, kind: FileKind): readonly RunFile[];
  /** @throws StoreError `missing_object`, `altered_object` */
  readFile(file: RunFile): Uint8Array;
  /** Checks for several files before any is read. @throws StoreError `missing_object`, naming all missing files */
  requireFiles(files: readonly RunFile[]): void;
  readLog(id: string): readonly LoggedEvent[];
  /** Notes of a run's training and its evaluations, in order. */
  readNotes(id: string): readonly string[];
  /** Checkpoints the run can resume from, newest first. */
  checkpoints(id: string): readonly CheckpointRecord[];
}

interface SummaryRow extends Omit<RunSummary, 'id'> {
  readonly run: number;
  readonly session: number;
}

interface DetailRow extends SummaryRow {
  readonly source: string;
  readonly irSha256: string;
  readonly ir: string;
  readonly numerics: string;
  readonly dataSha256: string;
  readonly environment: string;
  readonly trainableParameters: number | null;
  readonly divergence: string | null;
  readonly error: string | null;
  readonly evaluationError: string | null;
  readonly maxSteps: number | null;
  readonly initialSha256: string | null;
  readonly sweep: number | null;
}

interface BlockRow {
  readonly firstStep: number;
  readonly steps: number;
  readonly float32: Buffer;
}

/** Most steps that may be missing between the rows of a series. */
const MOST_MISSING_STEPS = 1 << 20;

const note = object({ text });

const summaryColumns = `r.run, r.session, r.identity, r.experiment, r.file, r.seed, r.backend, r.data, r.status, r.started,
  r.updated, r.finished, r.seconds, r.weights_sha256 AS weightsSha256, r.evaluation`;

const seriesOf = `FROM series x
  JOIN stages s ON s.run = x.run AND s.stage = x.stage
  JOIN metrics m ON m.metric = x.metric`;

export class SqliteRunReader implements RunReader {
  readonly #rows: CheckedRows;
  readonly #path: string;
  readonly #objects: ObjectFolder;
  readonly #sessionIsAlive: (session: number) => boolean;

  /** @param sessionIsAlive whether a session whose runs claim to be running still lives */
  constructor(
    database: Database.Database,
    path: string,
    objects: ObjectFolder,
    sessionIsAlive: (session: number) => boolean,
  ) {
    this.#rows = new CheckedRows(database, path, 'r');
    this.#path = path;
    this.#objects = objects;
    this.#sessionIsAlive = sessionIsAlive;
  }

  listRuns({ experiment, ir, complete = false, limit }: RunFilter = {}): readonly RunSummary[] {
    const conditions = [
      ...(experiment === undefined ? [] : ['r.experiment = ?']),
      ...(ir === undefined ? [] : ['r.ir_sha256 = ?']),
      ...(complete ? ["r.status = 'complete'"] : []),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const sql = `SELECT ${summaryColumns} FROM runs r ${where} ORDER BY r.run DESC LIMIT ?`;
    const filter = [experiment, ir].filter((value) => value !== undefined);
    return this.#summaries(this.#rows.objects<SummaryRow>(sql, ...filter, limit ?? -1));
  }

  findRun(text: string): RunRecord {
    const number = text === 'last' ? this.#lastRun() : this.#numberOf(text);
    const run = number ?? this.#runOfIdentity(text);
    if (run === null) throw this.#unknown(text);
    return this.#record(run);
  }

  findComplete(
    identity: string,
    { except = null, experiment }: { readonly except?: string | null; readonly experiment?: string } = {},
  ): RunSummary | null {
    const number = except === null ? null : runNumber(except);
    const name = experiment ?? null;
    const sql = `SELECT ${summaryColumns} FROM runs r
      WHERE r.identity = ? AND r.status = 'complete' AND r.evaluation IS NOT 'pending' AND r.run IS NOT ?
        AND (? IS NULL OR r.experiment = ?)
        AND (r.max_steps IS NOT NULL
          OR NOT EXISTS (SELECT 1 FROM stages s WHERE s.run = r.run AND s.reason = 'max_steps'))
      ORDER BY r.run DESC LIMIT 1`;
    return this.#summaries(this.#rows.objects<SummaryRow>(sql, identity, number, name, name))[0] ?? null;
  }

  listSeries(id: string) {
    return this.#rows.objects<{ stage: string; metric: string; steps: number }>(
      `SELECT s.name AS stage, m.name AS metric, sum(x.steps) AS steps ${seriesOf}
       WHERE x.run = ? GROUP BY x.stage, x.metric ORDER BY x.stage, m.metric`,
      this.#require(id),
    );
  }

  readSeries(id: string, stage: string, metric: string, range: { from?: number; to?: number } = {}): Series {
    const from = range.from ?? 0;
    const to = range.to ?? Number.MAX_SAFE_INTEGER;
    const rows = this.#rows.objects<BlockRow>(
      `SELECT x.first_step AS firstStep, x.steps, x.float32 ${seriesOf}
       WHERE x.run = ? AND s.name = ? AND m.name = ? AND x.first_step < ? AND x.first_step + x.steps > ?
       ORDER BY x.first_step`,
      this.#require(id),
      stage,
      metric,
      to,
      from,
    );
    const first = rows[0];
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return { firstStep: from, values: new Float32Array(0) };
    const firstStep = Math.max(from, first.firstStep);
    const length = Math.min(to, last.firstStep + last.steps) - firstStep;
    // Only damaged files have gaps in a series; don't allocate gigabytes of NaN for them.
    if (length > rows.length * BLOCK_STEPS + MOST_MISSING_STEPS) {
      throw this.#rows.invalid(`series.first_step of ${id} leaves out ${length} steps of ${quoted(metric)}`);
    }
    const values = new Float32Array(length).fill(Number.NaN);
    for (const row of rows) {
      if (row.float32.length !== 4 * row.steps) {
        throw this.#rows.invalid(
          `series.float32 of ${id} has ${row.float32.length} bytes for ${row.steps} steps of ${quoted(metric)}`,
        );
      }
      const skipped = Math.max(0, firstStep - row.firstStep);
      const taken = float32Of(row.float32).subarray(
        skipped,
        Math.min(row.steps, firstStep + values.length - row.firstStep),
      );
      values.set(taken, row.firstStep + skipped - firstStep);
    }
    return { firstStep, values };
  }

  readSeriesBlocks(id: string, stage: string, metric: string): readonly SeriesBlock[] {
    return this.#rows.objects<SeriesBlock>(
      `SELECT x.first_step AS firstStep, x.steps, x.minimum, x.maximum, x.first_nonfinite AS firstNonFinite ${seriesOf}
       WHERE x.run = ? AND s.name = ? AND m.name = ? ORDER BY x.first_step`,
      this.#require(id),
      stage,
      metric,
    );
  }

  readEpochs(id: string): readonly EpochMetric[] {
    return this.#rows
      .objects<StoredNumber & { stage: string; epoch: number; metric: string }>(
        `SELECT s.name AS stage, e.epoch, m.name AS metric, e.value, e.nonfinite
       FROM epoch_metrics e
       JOIN stages s ON s.run = e.run AND s.stage = e.stage
       JOIN metrics m ON m.metric = e.metric
       WHERE e.run = ? ORDER BY e.stage, e.epoch, m.name`,
        this.#require(id),
      )
      .map(({ stage, epoch, metric, ...stored }) => ({ stage, epoch, metric, value: fromStored(stored) }));
  }

  readFinal(id: string): Readonly<Record<string, number>> {
    const rows = this.#rows.objects<StoredNumber & { name: string }>(
      `SELECT m.name, f.value, f.nonfinite FROM final_metrics f JOIN metrics m USING (metric)
       WHERE f.run = ? ORDER BY m.name`,
      this.#require(id),
    );
    return Object.fromEntries(rows.map(({ name, ...stored }) => [name, fromStored(stored)]));
  }

  listFiles(id: string, kind: FileKind): readonly RunFile[] {
    return this.#rows
      .objects<Omit<RunFile, 'path'>>(
        `SELECT f.kind, f.name, o.sha256, o.extension, o.bytes FROM files f JOIN objects o USING (object)
       WHERE f.run = ? AND f.kind = ? ORDER BY f.name`,
        this.#require(id),
        kind,
      )
      .map((file) => ({ ...file, path: this.#objects.pathOf(file.sha256, file.extension) }));
  }

  readFile({ sha256, extension }: RunFile): Uint8Array {
    return this.#objects.get(sha256, extension);
  }

  requireFiles(files: readonly RunFile[]): void {
    this.#objects.require(files);
  }

  readLog(id: string): readonly LoggedEvent[] {
    return this.#rows.objects<LoggedEvent>(
      'SELECT time, event, detail FROM events WHERE run = ? ORDER BY id',
      this.#require(id),
    );
  }

  readNotes(id: string): readonly string[] {
    const notes = this.readLog(id).filter(({ event }) => event === 'note');
    return notes.map(({ detail }) => this.#rows.json(`a note of ${id}`, detail, note).text);
  }

  checkpoints(id: string): readonly CheckpointRecord[] {
    return this.#rows.objects<CheckpointRecord>(
      `SELECT stage, step, epochs, seconds, file, sha256, bytes FROM checkpoints
       WHERE run = ? ORDER BY checkpoint DESC`,
      this.#require(id),
    );
  }

  #record(run: number): RunRecord {
    const row = this.#rows.objects<DetailRow>(
      `SELECT ${summaryColumns}, source.text AS source, r.ir_sha256 AS irSha256, ir.text AS ir, r.numerics,
         r.data_sha256 AS dataSha256, environment.text AS environment,
         r.trainable_parameters AS trainableParameters, r.divergence, r.error, r.evaluation_error AS evaluationError,
         r.max_steps AS maxSteps,
         r.initial_sha256 AS initialSha256, r.sweep
       FROM runs r
       JOIN texts source ON source.text_id = r.source
       JOIN texts ir ON ir.text_id = r.ir
       JOIN texts environment ON environment.text_id = r.environment
       WHERE r.run = ?`,
      run,
    )[0];
    const summary = row === undefined ? undefined : this.#summaries([row])[0];
    if (row === undefined || summary === undefined) throw this.#unknown(runId(run));
    this.#rows.json(`the environment of ${summary.id}`, row.environment, anyObject);
    this.#rows.json(`the IR of ${summary.id}`, row.ir, anyObject);
    return {
      ...summary,
      source: row.source,
      ir: { sha256: row.irSha256, json: row.ir },
      numerics: row.numerics,
      dataSha256: row.dataSha256,
      environment: row.environment,
      parameters: this.#parameters(run),
      stages: this.#stages(run),
      trainableParameters: row.trainableParameters,
      divergence:
        row.divergence === null
          ? null
          : this.#rows.json(`runs.divergence of ${summary.id}`, row.divergence, divergence),
      error: row.error,
      evaluationError: row.evaluationError,
      maxSteps: row.maxSteps,
      initialSha256: row.initialSha256,
      sweep: row.sweep === null ? null : `s${row.sweep}`,
    };
  }

  #parameters(run: number): readonly ParameterRecord[] {
    return this.#rows
      .objects<ParameterRow>('SELECT name, type, value, origin FROM parameters WHERE run = ? ORDER BY position', run)
      .map((row) => ({ name: row.name, value: parameterValue(this.#rows, row, run), origin: row.origin }));
  }

  #stages(run: number): readonly StageRecord[] {
    return this.#rows.objects<StageRecord>(
      `SELECT name AS stage, epochs, steps, epochs_done AS epochsDone, steps_done AS stepsDone,
         steps_per_second AS stepsPerSecond, reason FROM stages WHERE run = ? ORDER BY stage`,
      run,
    );
  }

  #summaries(rows: readonly SummaryRow[]): readonly RunSummary[] {
    return rows.map((row) => {
      const gone = isUnfinished(row.status) && !this.#sessionIsAlive(row.session);
      return {
        id: runId(row.run),
        identity: row.identity,
        experiment: row.experiment,
        file: row.file,
        seed: row.seed,
        backend: row.backend,
        data: row.data,
        status: gone ? 'interrupted' : row.status,
        started: row.started,
        updated: row.updated,
        finished: gone ? row.updated : row.finished,
        seconds: row.seconds,
        weightsSha256: row.weightsSha256,
        evaluation: row.evaluation,
      };
    });
  }

  #lastRun(): number | null {
    return this.#rows.objects<{ run: number | null }>('SELECT max(run) AS run FROM runs')[0]?.run ?? null;
  }

  #numberOf(text: string): number | null {
    const number = runNumber(text) ?? runNumber(`r${text}`);
    if (number === null) return null;
    return this.#rows.objects<{ run: number }>('SELECT run FROM runs WHERE run = ?', number)[0]?.run ?? null;
  }

  #runOfIdentity(text: string): number | null {
    if (!/^[0-9a-f]{4,64}$/.test(text)) return null;
    const runs = this.#rows.objects<{ run: number; identity: string; status: RunStatus }>(
      'SELECT run, identity, status FROM runs WHERE identity >= ? AND identity < ? ORDER BY run DESC',
      text,
      `${text}g`,
    );
    const identities = new Set(runs.map((run) => run.identity));
    if (identities.size > 1) {
      const candidates = [...identities].slice(0, 5).map((identity) => identity.slice(0, 12));
      throw new StoreError(
        'ambiguous_run',
        this.#path,
        `'${text}' matches ${identities.size} trials: ${candidates.join(', ')}${identities.size > 5 ? ', …' : ''}`,
        'give more digits, or the run (`r12`)',
      );
    }
    return (runs.find((run) => run.status === 'complete') ?? runs[0])?.run ?? null;
  }

  /** @throws StoreError `unknown_run` if the id is not one of {@link RunSummary} */
  #require(id: string): number {
    const run = runNumber(id);
    if (run === null) throw this.#unknown(id);
    return run;
  }

  #unknown(text: string): StoreError {
    return new StoreError(
      'unknown_run',
      this.#path,
      /^s\d+$/.test(text) ? `'${text}' names a sweep, not a run` : `${this.#path}: there is no run '${text}'`,
      hintFor(text),
    );
  }
}

function hintFor(text: string): string {
  if (/^s\d+$/.test(text))
    return `name one of its runs: \`aedsl show ${text}\` says which is best, \`aedsl ls ${text}\` lists them`;
  return /\.(tgz|tar\.gz)$/i.test(text)
    ? `a bundle is read by show, apply, figures, sample, export, rerun and verify; \`aedsl import ${text}\` takes it into the results`
    : '`aedsl ls` lists the runs; `last` is the newest';
}

function isUnfinished(status: RunStatus): boolean {
  return status === 'running' || status === 'paused';
}

/** Copies, because a blob is not aligned to four bytes. */
function float32Of(blob: Buffer): Float32Array {
  const bytes = new Uint8Array(blob);
  return new Float32Array(bytes.buffer, 0, bytes.length / 4);
}
