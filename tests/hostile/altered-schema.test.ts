import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columnRules } from '../../src/runtime/store/column-rules.js';
import { migrations } from '../../src/runtime/store/migrations.js';
import { migrate } from '../../src/runtime/store/schema.js';
import { openStore } from '../../src/runtime/store/store.js';
import { inFolder } from '../runtime/store/sample-run.js';
import Database from '../sqlite.js';

const reading = { mode: 'read' } as const;
const writing = { mode: 'write', command: 'test' } as const;

/** What somebody may put into a database, and what the message has to name. */
const alterations: readonly (readonly [sql: string, named: string])[] = [
  ["CREATE TRIGGER t AFTER INSERT ON sessions BEGIN UPDATE runs SET status = 'complete'; END", 'trigger "t"'],
  ['CREATE VIEW v AS SELECT 1', 'view "v"'],
  ['DROP VIEW v_steps; CREATE VIEW v_steps AS SELECT hex(randomblob(1e9))', 'view "v_steps"'],
  ['DROP TABLE events; CREATE VIEW events AS SELECT 1 AS id, 1 AS run', 'view "events"'],
  ['ALTER TABLE runs ADD COLUMN cost INTEGER AS (abs(run)) VIRTUAL', 'table "runs"'],
  ['CREATE INDEX slow ON runs (lower(error))', 'index "slow"'],
  ['CREATE UNIQUE INDEX one_run ON runs (experiment)', 'index "one_run"'],
  ['CREATE TABLE notes (a)', 'table "notes"'],
  ['CREATE VIRTUAL TABLE words USING fts5(a)', 'table "words"'],
  ['CREATE TABLE "\u001b[2Jbit-identical\n\u202e" (a)', 'table "\\u001b[2Jbit-identical\\n\\u202e"'],
  ['DROP VIEW v_trials', 'view "v_trials" is missing'],
  ['DROP INDEX runs_identity', 'index "runs_identity" is missing'],
];

function makeDatabase(path: string, version: number): void {
  const database = new Database(path);
  migrate(database, path, migrations.slice(0, version));
  database.close();
}

describe('a database with tables, triggers or views of somebody else', () => {
  it('is opened neither for reading nor for writing, whatever its version, and not changed', async () => {
    for (const version of migrations.map((step) => step.version)) {
      for (const [sql, named] of alterations) {
        await inFolder(async (folder) => {
          const path = join(folder, 'results.db');
          makeDatabase(path, version);
          const database = new Database(path);
          database.exec(sql);
          database.close();
          const before = createHash('sha256').update(readFileSync(path)).digest('hex');
          for (const opened of [openStore(path, reading), openStore(path, writing)]) {
            const error: unknown = await opened.catch((thrown: unknown) => thrown);
            expect(error, sql).toMatchObject({ reason: 'altered_schema', message: expect.stringContaining(named) });
          }
          expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(before);
        });
      }
    }
  }, 60_000);

  it('is recognised where its schema is not even text', async () => {
    await inFolder(async (folder) => {
      for (const [name, change] of [
        ['blob.db', "UPDATE sqlite_schema SET sql = CAST(sql AS BLOB) || x'00' WHERE name = 'v_steps'"],
        ['check.db', "UPDATE sqlite_schema SET sql = replace(sql, '4 * steps', '5 * steps') WHERE name = 'series'"],
        ['name.db', "UPDATE sqlite_schema SET sql = sql || char(27) || '[2J' WHERE name = 'v_steps'"],
      ] as const) {
        const path = join(folder, name);
        makeDatabase(path, migrations.length);
        const database = new Database(path).unsafeMode();
        database.pragma('writable_schema = ON');
        database.exec(change);
        database.close();
        const error: unknown = await openStore(path, reading).catch((thrown: unknown) => thrown);
        expect(error, name).toMatchObject({ name: 'StoreError' });
        expect(String(error)).not.toContain('\u001b');
      }
    });
  });

  it('may have been analysed, vacuumed or backed up by a person', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'results.db');
      makeDatabase(path, migrations.length);
      const database = new Database(path);
      database.exec("INSERT INTO texts VALUES (1, 'a', 'b'); ANALYZE; VACUUM");
      database.close();
      (await openStore(path, reading)).close();
      (await openStore(path, writing)).close();
    });
  });
});

describe('what is no file', () => {
  it.skipIf(process.platform === 'win32')('is no database, and is not waited for', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'results.db');
      execFileSync('mkfifo', [path]);
      await expect(openStore(path, reading)).rejects.toMatchObject({ reason: 'cannot_open' });
      await expect(openStore(path, writing)).rejects.toMatchObject({ reason: 'cannot_open' });
      await expect(openStore(folder, reading)).rejects.toMatchObject({ reason: 'cannot_open' });
    });
  });
});

describe('the rules of columns', () => {
  it('are there for every column of every table that is read', async () => {
    await inFolder((folder) => {
      const path = join(folder, 'results.db');
      makeDatabase(path, migrations.length);
      const database = new Database(path);
      for (const [table, rules] of Object.entries(columnRules)) {
        const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
        expect(Object.keys(rules).toSorted(), table).toEqual(columns.toSorted());
      }
      database.close();
    });
  });
});
