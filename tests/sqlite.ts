/** SQLite as the store loads it, to look into databases and to damage them. */
import type Sqlite from 'better-sqlite3';
import { loadSqlite } from '../src/runtime/store/sqlite.js';

const Database: typeof Sqlite = loadSqlite();
type Database = Sqlite.Database;
export default Database;
