import type Database from 'better-sqlite3';
import { quoted } from '../../files/quoted.js';
import { CheckedRows } from './checked-rows.js';
import { CurveTable } from './curve-table.js';
import type { CheckpointRecord } from './records.js';
import { BLOCK_STEPS, type Piece, toPiece } from './series-buffer.js';

/** Values of the last, partial block of a series, which is one row of the table. */
export interface SeriesTail {
  readonly stage: number;
  readonly metric: string;
  readonly firstStep: number;
  readonly values: Float32Array;
}

interface PieceRow {
  readonly metricId: number;
  readonly metric: string;
  readonly firstStep: number;
  readonly float32: Buffer;
}

/** Position of a checkpoint in a run; training after it is repeated. */
export type CheckpointPosition = Pick<CheckpointRecord, 'stage' | 'step' | 'epochs'>;

/**
 * Removes everything a run recorded after a checkpoint, so that each row appears once, as if the run had never been
 * interrupted. Call in a transaction.
 *
 * @param place null rewinds to the beginning
 * @returns the series tails to continue from
 * @throws StoreError `invalid_row` if the series don't reach the checkpoint
 */
export function rewindRun(
  database: Database.Database,
  path: string,
  run: number,
  place: CheckpointPosition | null,
): readonly SeriesTail[] {
  const { stage, step, epochs } = place ?? { stage: -1, step: 0, epochs: 0 };
  const change = (sql: string, ...values: number[]) => database.prepare<number[]>(sql).run(...values);
  change('DELETE FROM final_metrics WHERE run = ?', run);
  // The initial weights predate the first step, so they stay.
  change("DELETE FROM files WHERE run = ? AND NOT (kind = 'weights' AND name = 'initial')", run);
  change(
    'DELETE FROM epoch_metrics WHERE run = ? AND (stage > ? OR stage = ? AND epoch > ?)',
    run,
    stage,
    stage,
    epochs,
  );
  new CurveTable(database).recompute(run);
  change('UPDATE stages SET steps_done = 0, epochs_done = 0, reason = NULL WHERE run = ? AND stage > ?', run, stage);
  change(
    'UPDATE stages SET steps_done = ?, epochs_done = ?, reason = NULL WHERE run = ? AND stage = ?',
    step,
    epochs,
    run,
    stage,
  );
  const blockStart = step - (step % BLOCK_STEPS);
  const tails = tailsOf(new CheckedRows(database, path, 'r'), run, stage, blockStart, step);
  change(
    'DELETE FROM series WHERE run = ? AND (stage > ? OR stage = ? AND first_step >= ?)',
    run,
    stage,
    stage,
    blockStart,
  );
  const insert = database.prepare(
    `INSERT INTO series (run, stage, metric, first_step, steps, minimum, maximum, first_nonfinite, float32)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { metricId, piece } of tails) {
    const { firstStep, values, minimum, maximum, firstNonFinite } = piece;
    const blob = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    insert.run(run, stage, metricId, firstStep, values.length, minimum, maximum, firstNonFinite, blob);
  }
  change(
    `UPDATE runs SET status = 'running', finished = NULL, seconds = NULL, weights_sha256 = NULL, divergence = NULL,
       error = NULL, evaluation = NULL, evaluation_error = NULL WHERE run = ?`,
    run,
  );
  return tails.map(({ metric, piece: { firstStep, values } }) => ({ stage, metric, firstStep, values }));
}

function tailsOf(
  checked: CheckedRows,
  run: number,
  stage: number,
  from: number,
  to: number,
): readonly { readonly metricId: number; readonly metric: string; readonly piece: Piece }[] {
  const rows = checked.objects<PieceRow>(
    `SELECT x.metric AS metricId, m.name AS metric, x.first_step AS firstStep, x.float32
     FROM series x JOIN metrics m ON m.metric = x.metric
     WHERE x.run = ? AND x.stage = ? AND x.first_step >= ? AND x.first_step < ? ORDER BY x.metric, x.first_step`,
    run,
    stage,
    from,
    to,
  );
  const values = new Map<number, { metric: string; firstStep: number; next: number; values: Float32Array }>();
  for (const { metricId, metric, firstStep, float32 } of rows) {
    const known = values.get(metricId) ?? {
      metric,
      firstStep,
      next: firstStep,
      values: new Float32Array(to - firstStep),
    };
    values.set(metricId, known);
    if (firstStep !== known.next) {
      throw checked.invalid(`series.first_step of r${run} goes from ${known.next} to ${firstStep}`);
    }
    // A copy, because a blob is not aligned to four bytes.
    const stored = new Float32Array(new Uint8Array(float32).buffer);
    known.values.set(stored.subarray(0, to - firstStep), firstStep - known.firstStep);
    known.next += stored.length;
  }
  for (const { metric, next } of values.values()) {
    if (next < to)
      throw checked.invalid(`the series ${quoted(metric)} of r${run} ends before its checkpoint, at ${next}`);
  }
  return [...values].map(([metricId, { metric, firstStep, values }]) => ({
    metricId,
    metric,
    piece: toPiece(firstStep, values),
  }));
}

/** Copies everything one run recorded to a new run. Call in a transaction. */
export function copyRun(database: Database.Database, from: number, to: number): void {
  const copies = [
    `INSERT INTO stages (run, stage, name, epochs, steps, epochs_done, steps_done, steps_per_second, reason)
     SELECT ?, stage, name, epochs, steps, epochs_done, steps_done, steps_per_second, reason FROM stages WHERE run = ?`,
    `INSERT INTO series (run, stage, metric, first_step, steps, minimum, maximum, first_nonfinite, float32)
     SELECT ?, stage, metric, first_step, steps, minimum, maximum, first_nonfinite, float32 FROM series WHERE run = ?`,
    `INSERT INTO epoch_metrics (run, stage, metric, epoch, value, nonfinite)
     SELECT ?, stage, metric, epoch, value, nonfinite FROM epoch_metrics WHERE run = ?`,
  ];
  for (const sql of copies) database.prepare<[number, number]>(sql).run(to, from);
}
