import { type MessagePort, parentPort } from 'node:worker_threads';
import { loadOutsideWords } from '../project/outside-words.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import { builtinWords } from '../words/words.js';
import { preparedJob, type TrialMessage } from './job.js';
import type { ThreadCommand } from './local/messages.js';
import { trainJob } from './train-job.js';

if (parentPort === null) throw new Error('this module is run by the host of a sweep');
serve(parentPort);

/** Runs in a thread of a host: trains one trial after another. */
function serve(port: MessagePort): void {
  let halted = new AbortController();
  port.on('message', (command: ThreadCommand<LoadedData>) => {
    switch (command.type) {
      case 'halt':
        halted.abort();
        break;
      case 'train': {
        const { job, checkpoints, data } = command;
        halted = new AbortController();
        void trainJob({
          job,
          prepared: async () =>
            preparedJob(job, await loadOutsideWords(builtinWords, job.words), { load: async () => data }),
          checkpoints,
          gathered: true,
          signal: halted.signal,
          say: (message: TrialMessage) => port.postMessage(message),
          onEnded: ({ model }) => model?.dispose(),
        });
        break;
      }
    }
  });
}
