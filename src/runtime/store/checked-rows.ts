import type Database from 'better-sqlite3';
import { quoted } from '../../files/quoted.js';
import { JsonError, readJson, type Schema } from '../formats/json.js';
import { type ColumnRule, columnRules, computedRule } from './column-rules.js';
import { checkPages } from './schema-check.js';
import { isSqliteError } from './sqlite.js';
import type { Bindable } from './statements.js';
import { asStoreError, StoreError } from './store-error.js';

interface CheckedColumn {
  /** Column name in the result row. */
  readonly alias: string;
  /** `runs.seconds` */
  readonly place: string;
  readonly rule: ColumnRule;
}

/** Lower bound on a row's size in the file. A file that yields more rows must refer to the same pages repeatedly. */
const LEAST_BYTES_OF_A_ROW = 4;

/**
 * The only way to read a database, which may be hostile or damaged: every value of every row is checked against the
 * rule of its column (column-rules.ts) before it is used.
 */
export class CheckedRows {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #owner: 'r' | 's';
  readonly #columns = new Map<string, readonly CheckedColumn[]>();

  /** @param owner what the first value of a row numbers, in statements whose rows don't name their owner */
  constructor(database: Database.Database, path: string, owner: 'r' | 's') {
    this.#database = database;
    this.#path = path;
    this.#owner = owner;
  }

  /** @throws StoreError `invalid_row`, `damaged`, … */
  objects<Row extends object>(sql: string, ...values: readonly Bindable[]): Row[] {
    return this.#guarded(() => {
      const statement = this.#database.prepare<Bindable[], Row>(sql);
      const columns = this.#columnsOf(sql, statement.columns());
      const rows: Row[] = [];
      const most = this.#mostRows();
      for (const row of statement.iterate(...values)) {
        for (const column of columns) {
          const value: unknown = Reflect.get(row, column.alias);
          if (!column.rule.allows(value)) throw this.#invalid(column, value, columns, Object.values(row), values);
        }
        if (rows.push(row) > most) throw this.invalid('it has more rows than fit into the file');
      }
      return rows;
    });
  }

  /** Rows as arrays, which are cheaper than objects when there are many. @throws as {@link CheckedRows.objects} */
  arrays<Row extends readonly unknown[]>(sql: string, ...values: readonly Bindable[]): Row[] {
    return this.#guarded(() => {
      const statement = this.#database.prepare<Bindable[], Row>(sql);
      const columns = this.#columnsOf(sql, statement.columns());
      const rows: Row[] = [];
      const most = this.#mostRows();
      for (const row of statement.raw().iterate(...values)) {
        for (let i = 0; i < columns.length; i++) {
          const column = columns[i];
          if (column !== undefined && !column.rule.allows(row[i])) {
            throw this.#invalid(column, row[i], columns, row, values);
          }
        }
        if (rows.push(row) > most) throw this.invalid('it has more rows than fit into the file');
      }
      return rows;
    });
  }

  /** Call before statements that read whole tables. @throws StoreError `damaged` */
  checkPages(): void {
    this.#guarded(() => checkPages(this.#database, this.#path));
  }

  /** Parses a JSON column. @throws StoreError `invalid_row` */
  json<T>(place: string, text: string, schema: Schema<T>): T {
    try {
      return readJson(schema, text, 'its value');
    } catch (error) {
      if (error instanceof JsonError) throw this.invalid(`${place} is ${quoted(text)}: ${error.message}`);
      throw error;
    }
  }

  /** @param problem what is wrong and where: `runs.seconds of r12 is …` */
  invalid(problem: string): StoreError {
    return new StoreError(
      'invalid_row',
      this.#path,
      `${this.#path}: ${problem}`,
      'it is damaged, or was not made by aedsl: restore it from a backup, or leave out what this row belongs to',
    );
  }

  #guarded<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw readingError(this.#path, error);
    }
  }

  #mostRows(): number {
    const pages = this.#database.pragma('page_count', { simple: true });
    const size = this.#database.pragma('page_size', { simple: true });
    return 1000 + (Number(pages) * Number(size)) / LEAST_BYTES_OF_A_ROW;
  }

  #columnsOf(sql: string, described: readonly Database.ColumnDefinition[]): readonly CheckedColumn[] {
    const known = this.#columns.get(sql);
    if (known !== undefined) return known;
    const columns = described.map(({ name, table, column }): CheckedColumn => {
      if (table === null || column === null) return { alias: name, place: name, rule: computedRule };
      const rule = columnRules[table]?.[column];
      if (rule === undefined) throw new Error(`there is no rule for ${table}.${column}`);
      return { alias: name, place: `${table}.${column}`, rule };
    });
    this.#columns.set(sql, columns);
    return columns;
  }

  /** Names the row by the run or sweep that owns it. */
  #invalid(
    column: CheckedColumn,
    value: unknown,
    columns: readonly CheckedColumn[],
    row: readonly unknown[],
    [first]: readonly Bindable[],
  ): StoreError {
    const at = columns.findIndex(({ alias }) => alias === 'run' || alias === 'sweep');
    const named = columns[at];
    const owner =
      named !== undefined && named !== column
        ? `${named.alias === 'run' ? 'r' : 's'}${quoted(row[at])}`
        : `${this.#owner}${quoted(first)}`;
    const whose = /^[rs][1-9]\d*$/.test(owner) ? ` of ${owner}` : '';
    return this.invalid(`${column.place}${whose} is ${quoted(value)}, not ${column.rule.expected}`);
  }
}

/** Blames SQLite's read errors on the file, because our statements are known to be valid. */
function readingError(path: string, error: unknown): unknown {
  const known = asStoreError(path, error);
  if (known instanceof StoreError || !isSqliteError(error)) return known;
  return new StoreError(
    'damaged',
    path,
    `${path}: the database is damaged (${quoted(error.message)})`,
    'copy it and try `sqlite3 results.db ".recover"`, or start a new one; files of weights and figures are unaffected',
    { cause: error },
  );
}
