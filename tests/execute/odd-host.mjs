/** A host as the executor's, whose threads do what the recipe says instead of training. */
import { serveTrials } from '../../dist/src/execute/local/host.js';

serveTrials({ dataOf: async () => null, threadEntry: new URL('./odd-thread.mjs', import.meta.url) });
