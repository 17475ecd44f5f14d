/** What the threads of odd-host.mjs do: end well after a while, or go down in the way that the recipe names. */
import { parentPort } from 'node:worker_threads';

const end = { metrics: {}, weightsSha256: '0', pictures: [], failures: [], unfinished: false };
const ways = {
  throw() {
    throw new Error('as the test wants it');
  },
  data() {
    throw new Error(process.env.AEDSL_DATA);
  },
  kill: () => process.kill(process.pid, 'SIGKILL'),
  // As V8 does when a large list is more than the heap has room for: it ends the process and not the thread alone.
  abort: () => process.kill(process.pid, 'SIGABRT'),
};

let waiting = null;
parentPort.on('message', (command) => {
  if (command.type === 'halt') {
    clearTimeout(waiting);
    parentPort.postMessage({ type: 'ended', end: { status: 'interrupted', ...end } });
    return;
  }
  const { recipe } = command.job;
  if (recipe in ways) {
    setTimeout(() => ways[recipe](), 50);
    return;
  }
  waiting = setTimeout(
    () => parentPort.postMessage({ type: 'ended', end: { status: 'complete', ...end } }),
    Number(recipe),
  );
});
