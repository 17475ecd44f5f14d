import type Database from 'better-sqlite3';
import { Statements } from './statements.js';

const columns = '(run, stage, metric, last_epoch, minimum, minimum_epoch, maximum, maximum_epoch)';

const append = `
  INSERT INTO curves ${columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run, stage, metric) DO UPDATE SET
    last_epoch = excluded.last_epoch,
    minimum = iif(minimum IS NULL OR excluded.minimum < minimum, excluded.minimum, minimum),
    minimum_epoch = iif(minimum IS NULL OR excluded.minimum < minimum, excluded.minimum_epoch, minimum_epoch),
    maximum = iif(maximum IS NULL OR excluded.maximum > maximum, excluded.maximum, maximum),
    maximum_epoch = iif(maximum IS NULL OR excluded.maximum > maximum, excluded.maximum_epoch, maximum_epoch)
  WHERE excluded.last_epoch > last_epoch`;

/** What the curves with rows of `epoch_metrics` where `condition` holds come to. */
const computed = (condition: string) => `
  INSERT OR REPLACE INTO curves ${columns}
  SELECT c.run, c.stage, c.metric, c.last_epoch,
    c.minimum, ${firstEpochWith('c.minimum')}, c.maximum, ${firstEpochWith('c.maximum')}
  FROM (SELECT run, stage, metric, max(epoch) AS last_epoch, min(value) AS minimum, max(value) AS maximum
        FROM epoch_metrics WHERE ${condition} GROUP BY run, stage, metric) c`;

/** Along the curve from its beginning. A value that isn't finite is NULL, and equal to none. */
function firstEpochWith(value: string): string {
  return `(SELECT e.epoch FROM epoch_metrics e
    WHERE e.run = c.run AND e.stage = c.stage AND e.metric = c.metric AND e.value = ${value} ORDER BY e.epoch LIMIT 1)`;
}

/**
 * The least and the largest finite value of each curve, with the first epoch that has it, so that the best of ten
 * thousand trials is known without reading their epochs. Everything is written in the transaction that writes the rows.
 */
export class CurveTable {
  readonly #statements: Statements;

  constructor(database: Database.Database) {
    this.#statements = new Statements(database);
  }

  /** A row was written. @param value null where it isn't finite */
  took(run: number, stage: number, metric: number, epoch: number, value: number | null): void {
    const place = value === null ? null : epoch;
    const changed = this.#statements.changes(append, run, stage, metric, epoch, value, place, value, place);
    // It took the place of a row that may have been an extreme.
    if (changed === 0) {
      this.#statements.run(computed('run = ? AND stage = ? AND metric = ?'), run, stage, metric);
    }
  }

  /** Rows of the run were taken back, or copied from another one. */
  recompute(run: number): void {
    this.#statements.run('DELETE FROM curves WHERE run = ?', run);
    this.#statements.run(computed('run = ?'), run);
  }
}
