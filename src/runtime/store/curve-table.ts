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

/** Summaries of the curves whose rows in `epoch_metrics` satisfy `condition`. */
const computed = (condition: string) => `
  INSERT OR REPLACE INTO curves ${columns}
  SELECT c.run, c.stage, c.metric, c.last_epoch,
    c.minimum, ${firstEpochWith('c.minimum')}, c.maximum, ${firstEpochWith('c.maximum')}
  FROM (SELECT run, stage, metric, max(epoch) AS last_epoch, min(value) AS minimum, max(value) AS maximum
        FROM epoch_metrics WHERE ${condition} GROUP BY run, stage, metric) c`;

/** First epoch of the curve with the value. Non-finite values are NULL and never match. */
function firstEpochWith(value: string): string {
  return `(SELECT e.epoch FROM epoch_metrics e
    WHERE e.run = c.run AND e.stage = c.stage AND e.metric = c.metric AND e.value = ${value} ORDER BY e.epoch LIMIT 1)`;
}

/**
 * Smallest and largest finite value of each curve, with the first epoch that reaches it, so that ranking ten thousand
 * trials needs no scan of their epochs. Updated in the transaction that writes the rows.
 */
export class CurveTable {
  readonly #statements: Statements;

  constructor(database: Database.Database) {
    this.#statements = new Statements(database);
  }

  /** Updates the curve for a new row. @param value null if not finite */
  took(run: number, stage: number, metric: number, epoch: number, value: number | null): void {
    const place = value === null ? null : epoch;
    const changed = this.#statements.changes(append, run, stage, metric, epoch, value, place, value, place);
    // The row replaced one that may have been an extreme.
    if (changed === 0) {
      this.#statements.run(computed('run = ? AND stage = ? AND metric = ?'), run, stage, metric);
    }
  }

  /** Recomputes the curves of a run whose rows were rewound or copied. */
  recompute(run: number): void {
    this.#statements.run('DELETE FROM curves WHERE run = ?', run);
    this.#statements.run(computed('run = ?'), run);
  }
}
