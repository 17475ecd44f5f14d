import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import type { StoredObject } from './objects.js';

export type Bindable = string | number | bigint | null | Uint8Array;

/** Write statements, each prepared once. */
export class Statements {
  readonly #database: Database.Database;
  readonly #prepared = new Map<string, Database.Statement<Bindable[]>>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** @returns the id of the last inserted row */
  run(sql: string, ...values: readonly Bindable[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  /** @returns the number of changed rows */
  changes(sql: string, ...values: readonly Bindable[]): number {
    return this.#statement(sql).run(...values).changes;
  }

  /** Id of an existing row. */
  id(sql: string, key: string): number {
    const id = this.#database.prepare<[string], number>(sql).pluck().get(key);
    if (id === undefined) throw new Error(`a row that was just inserted is not there: ${sql}`);
    return id;
  }

  /** Interns a source, recipe, IR or environment, which many runs share. */
  textId(text: string): number {
    const sha256 = createHash('sha256').update(text).digest('hex');
    this.run('INSERT INTO texts (sha256, text) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING', sha256, text);
    return this.id('SELECT text_id FROM texts WHERE sha256 = ?', sha256);
  }

  /** The row of a file that is written; many runs may share it. @returns its number */
  object({ sha256, extension, bytes }: Pick<StoredObject, 'sha256' | 'extension' | 'bytes'>): number {
    this.run(
      'INSERT INTO objects (sha256, extension, bytes) VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING',
      ...[sha256, extension, bytes],
    );
    return this.id('SELECT object FROM objects WHERE sha256 = ?', sha256);
  }

  #statement(sql: string): Database.Statement<Bindable[]> {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare<Bindable[]>(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}
