import { createHash } from 'node:crypto';
import Database from '../sqlite.js';

/**
 * What a sweep's results are, without times and without the log: equal for a sweep that was killed and gone on with and
 * for one that was not. The chains of hashes are left out, since they bear witness of where checkpoints were.
 *
 * @param name of the sweep; of all by default
 * @throws Error when the database is damaged
 */
export function sweepRows(path: string, name: string | null = null): readonly string[] {
  const database = new Database(path, { readonly: true });
  try {
    const integrity = database.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') throw new Error(`integrity_check: ${String(integrity)}`);
    const trials = database
      .prepare<{ name: string | null }, { trial: number; run: number | null }>(
        `SELECT trial, parameters, seed, identity, state, reason, objective, objective_epoch, run
         FROM sweep_trials WHERE sweep IN (SELECT sweep FROM sweeps WHERE @name IS NULL OR name = @name)
         ORDER BY sweep, trial`,
      )
      .all({ name });
    return trials.flatMap(({ run, ...trial }) => {
      const of = (sql: string) => database.prepare(sql).all(run).map(plain);
      const rows = [
        ...of(
          'SELECT identity, status, weights_sha256, trainable_parameters, divergence, error FROM runs WHERE run = ?',
        ),
        ...of(
          'SELECT stage, name, epochs, steps, epochs_done, steps_done, reason FROM stages WHERE run = ? ORDER BY 1',
        ),
        ...of(`SELECT stage, name, first_step, steps, minimum, maximum, first_nonfinite, float32 FROM series
               JOIN metrics USING (metric) WHERE run = ? ORDER BY 1, 2, 3`),
        ...of(`SELECT stage, name, epoch, value, nonfinite FROM epoch_metrics
               JOIN metrics USING (metric) WHERE run = ? ORDER BY 1, 2, 3`),
        ...of('SELECT name, value, nonfinite FROM final_metrics JOIN metrics USING (metric) WHERE run = ? ORDER BY 1'),
        ...of(`SELECT kind, name, sha256 FROM files JOIN objects USING (object)
               WHERE run = ? AND kind <> 'chain' ORDER BY 1, 2`),
      ];
      return [plain(trial), ...rows.map((row) => `${trial.trial} ${row}`)];
    });
  } finally {
    database.close();
  }
}

/** How often runs went on, and how often of those from a checkpoint. */
export function resumptions(path: string): { readonly all: number; readonly fromCheckpoints: number } {
  const database = new Database(path, { readonly: true });
  try {
    const count = (condition: string) =>
      database
        .prepare<[], number>(`SELECT count(*) FROM events WHERE event = 'resumed' AND ${condition}`)
        .pluck()
        .get() ?? 0;
    return { all: count('1'), fromCheckpoints: count("detail <> '{}'") };
  } finally {
    database.close();
  }
}

function plain(row: unknown): string {
  return JSON.stringify(row, (_key, value: unknown) =>
    Buffer.isBuffer(value) ? createHash('sha256').update(value).digest('hex') : value,
  ).replace(/\{"type":"Buffer","data":\[([\d,]*)\]\}/g, (_, bytes: string) =>
    createHash('sha256').update(bytes).digest('hex'),
  );
}
