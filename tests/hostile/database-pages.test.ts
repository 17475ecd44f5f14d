import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrations } from '../../src/runtime/store/migrations.js';
import { migrate } from '../../src/runtime/store/schema.js';
import { type Finished, program, type Workplace, workplace } from '../cli/command.js';
import Database from '../sqlite.js';

const experiment = `experiment little {
  data digits(take=60, validation=20, test=20) { center_crop(8) }
  encoder { code: dense(4, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam() { epochs = 1  batch = 20 }
}
`;

/** SQLite gives up below 20 levels. */
const levels = 17;
const children = 40;
const interiorPages = { table: 5, index: 2 } as const;
const leafOfIndex = 10;

let place: Workplace;
const database = () => join(place.folder, 'results.db');

beforeAll(() => {
  place = workplace();
  writeFileSync(join(place.folder, 'little.ae'), experiment);
  expect(place.aedsl('sweep', 'little.ae', '--seeds', '2', '--jobs', '1', '--reporter', 'silent').status).toBe(0);
  const opened = new Database(database());
  opened.pragma('journal_mode = DELETE');
  opened.close();
}, 60_000);
afterAll(() => place.leave());

/**
 * A copy of a database in which a table or an index has 40^17 entries: pages that all lead to the same page, which leads to
 * another one 40 times.
 */
function withEndlessTree(path: string, name: string, copy: string): void {
  const opened = new Database(path, { readonly: true });
  const root = Number(opened.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(name));
  const pageBytes = Number(opened.pragma('page_size', { simple: true }));
  opened.close();
  const file = readFileSync(path);
  const count = file.length / pageBytes;
  const leaf = Buffer.from(file.subarray((root - 1) * pageBytes, root * pageBytes));
  const kind = leaf[0] === leafOfIndex ? 'index' : 'table';
  const entry = (child: number, i: number) => {
    const pointer = Buffer.alloc(4);
    pointer.writeUInt32BE(child);
    if (kind === 'table') return Buffer.concat([pointer, Buffer.from([i + 1])]);
    const at = leaf.readUInt16BE(8);
    return Buffer.concat([pointer, leaf.subarray(at, at + 1 + (leaf[at] ?? 0))]);
  };
  const leadingTo = (child: number) => {
    const page = Buffer.alloc(pageBytes);
    let at = pageBytes;
    for (let i = 0; i < children; i++) {
      const bytes = entry(child, i);
      at -= bytes.length;
      bytes.copy(page, at);
      page.writeUInt16BE(at, 12 + 2 * i);
    }
    page[0] = interiorPages[kind];
    page.writeUInt16BE(children, 3);
    page.writeUInt16BE(at, 5);
    page.writeUInt32BE(child, 8);
    return page;
  };
  const added = Array.from({ length: levels }, (_, i) => leadingTo(count + i + 2));
  const crafted = Buffer.concat([file, ...added, leaf]);
  leadingTo(count + 1).copy(crafted, (root - 1) * pageBytes);
  crafted.writeUInt32BE(crafted.length / pageBytes, 28);
  // The change counter, without which the number of pages is not believed.
  crafted.copy(crafted, 92, 24, 28);
  writeFileSync(copy, crafted);
}

function endsInTime(...args: readonly string[]): Finished {
  const options = { cwd: place.folder, encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' } as const;
  const finished = spawnSync(process.execPath, [program, ...args], options);
  expect(finished.signal, `aedsl ${args.join(' ')}`).toBeNull();
  return finished;
}

it.each(['files', 'sweep_trials', 'runs', 'sqlite_autoindex_texts_1'])(
  'nothing is deleted from a database whose %s never end',
  (name) => {
    withEndlessTree(database(), name, join(place.folder, 'endless.db'));
    for (const command of [['gc', '--dry-run'], ['gc'], ['rm', 's1', '--yes']]) {
      const { status, stderr } = endsInTime(...command, '--db', 'endless.db');
      expect([command, status, stderr]).toEqual([command, 4, expect.stringContaining('the database is damaged')]);
    }
  },
  60_000,
);

it('a database of an older schema is looked at before it is brought to the newest', () => {
  const old = join(place.folder, 'old.db');
  const opened = new Database(old);
  migrate(opened, old, migrations.slice(0, 2));
  opened.pragma('foreign_keys = OFF');
  opened.exec('INSERT INTO epoch_metrics (run, stage, metric, epoch, value) VALUES (1, 0, 1, 1, 0.5)');
  opened.close();
  withEndlessTree(old, 'epoch_metrics', join(place.folder, 'endless.db'));
  for (const command of [
    ['run', 'little.ae', '--max-steps', '1', '--db', 'endless.db'],
    ['import', 'endless.db'],
  ]) {
    const { status, stderr } = endsInTime(...command);
    expect([command, status, stderr]).toEqual([command, 4, expect.stringContaining('the database is damaged')]);
  }
  endsInTime('ls', '--db', 'endless.db');
  rmSync(old);
}, 60_000);
