/** Makes a database of schema 1 with a complete run. Arguments: its path. */

import { migrations } from '../../../src/runtime/store/migrations.js';
import { migrate } from '../../../src/runtime/store/schema.js';
import Database from '../../sqlite.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('which database?');
const database = new Database(path);
migrate(database, path, migrations.slice(0, 1));
database.exec(`
  INSERT INTO sessions VALUES (1, 1, 'host', 'aedsl run', '2024-01-01T00:00:00.000Z', NULL);
  INSERT INTO texts VALUES (1, 'a', '{}');
  INSERT INTO runs VALUES (1, 1, 'abc', 'old', NULL, 1, 'a', 1, 1, 'cpu', '1', 'digits', 'd', 1, 'complete',
    '2024-01-01', '2024-01-01', '2024-01-01', 1.5, 10, 'w', NULL, NULL);
  INSERT INTO objects VALUES (1, '${'0'.repeat(64)}', 'safetensors', 10);
  INSERT INTO files VALUES (1, 'weights', 'final', 1);
`);
database.close();
