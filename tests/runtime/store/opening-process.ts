/**
 * Opens stores one after the other and prints of each its newest run and status, or the reason why not.
 * Arguments: a database and `read`, `show` (which brings an older schema up to date) or `write`, again and again.
 */
import { openStore, openUpToDate } from '../../../src/runtime/store/store.js';
import { StoreError } from '../../../src/runtime/store/store-error.js';

const args = process.argv.slice(2);
for (let path = args.shift(); path !== undefined; path = args.shift()) {
  process.stdout.write(`${await open(path, args.shift() ?? '')}\n`);
}

async function open(path: string, mode: string): Promise<string> {
  try {
    const store = await (mode === 'write'
      ? openStore(path, { mode, command: 'test', patienceMilliseconds: 0 })
      : mode === 'show'
        ? openUpToDate(path)
        : openStore(path, { mode: 'read' }));
    const [run] = store.listRuns();
    store.close();
    return `${run?.id} ${run?.status}`;
  } catch (error) {
    if (error instanceof StoreError) return error.reason;
    throw error;
  }
}
