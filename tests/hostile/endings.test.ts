import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Workplace, workplace } from '../cli/command.js';
import Database from '../sqlite.js';

let place: Workplace;
beforeAll(() => {
  place = workplace();
});
afterAll(() => place.leave());

const experiment = `experiment small {
  param rate = 0.01
  data digits(take=240, validation=40, test=40) { center_crop(12) }
  encoder { code: dense(8, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=rate) { epochs = 6  batch = 20 }
}
`;

/** Checkpoints of each run in a database of the workplace: rows, and files. */
function checkpoints(database: string): { readonly rows: Readonly<Record<string, number>>; readonly files: number } {
  const opened = new Database(join(place.folder, database), { readonly: true });
  const rows = opened
    .prepare<[], { status: string; n: number }>(
      'SELECT r.status, count(c.checkpoint) AS n FROM runs r LEFT JOIN checkpoints c USING (run) GROUP BY r.status',
    )
    .all();
  opened.close();
  return {
    rows: Object.fromEntries(rows.map(({ status, n }) => [status, n])),
    files: readdirSync(join(place.folder, `${database}.checkpoints`)).length,
  };
}

describe('checkpoints of what is over', () => {
  const settings = ['--checkpoint-every', '1epochs', '--reporter', 'silent'];

  it('a complete run keeps its last one, from which it trains longer', () => {
    writeFileSync(join(place.folder, 'small.ae'), experiment);
    const run = ['run', 'small.ae', '--db', 'run.db', '--checkpoint-every', '1epochs'];
    expect(place.aedsl(...run).status).toBe(0);
    expect(checkpoints('run.db')).toEqual({ rows: { complete: 1 }, files: 1 });
    expect(place.aedsl(...run, '--epochs', '8', '--from', 'r1').status).toBe(0);
    expect(checkpoints('run.db')).toEqual({ rows: { complete: 2 }, files: 2 });
  });

  it('trials of a sweep keep none, complete or pruned, unless that is asked for', () => {
    const sweep = ['sweep', 'small.ae', 'rate=0.003,0.01', '--seeds', '2', '--metric', 'validation.loss'];
    const pruning = ['--prune', 'halving:reduction=2:from=1'];
    const none = place.aedsl(...sweep, ...pruning, ...settings, '--db', 'none.db');
    expect(none.stderr).toBe('');
    expect(checkpoints('none.db')).toEqual({ rows: { complete: 0, pruned: 0 }, files: 0 });
    expect(place.aedsl(...sweep, ...settings, '--keep-checkpoints', '--db', 'one.db').status).toBe(0);
    expect(checkpoints('one.db')).toEqual({ rows: { complete: 4 }, files: 4 });
  });
});
