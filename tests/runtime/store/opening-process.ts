/**
 * Opens stores one after the other and prints of each its newest run and status, or the reason why not.
 * Arguments: a database and `read` or `write`, again and again.
 */
import { openStore } from '../../../src/runtime/store/store.js';
import { StoreError } from '../../../src/runtime/store/store-error.js';

const args = process.argv.slice(2);
for (let path = args.shift(); path !== undefined; path = args.shift()) {
  process.stdout.write(`${await open(path, args.shift() === 'write')}\n`);
}

async function open(path: string, write: boolean): Promise<string> {
  try {
    const store = write
      ? await openStore(path, { mode: 'write', command: 'test', patienceMilliseconds: 0 })
      : await openStore(path, { mode: 'read' });
    const [run] = store.listRuns();
    store.close();
    return `${run?.id} ${run?.status}`;
  } catch (error) {
    if (error instanceof StoreError) return error.reason;
    throw error;
  }
}
