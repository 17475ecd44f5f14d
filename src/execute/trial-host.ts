import { loadOutsideWords } from '../project/outside-words.js';
import { SharedData } from '../trial/shared-data.js';
import { builtinWords } from '../words/words.js';
import { preparedJob, type TrialJob } from './job.js';
import { serveTrials } from './local/host.js';

/** Entry point of the local executor's host process: it decodes the data, and its threads train. */
const data = new SharedData();

serveTrials({
  dataOf: async (job: TrialJob) => {
    const { compiled, library } = preparedJob(job, await loadOutsideWords(builtinWords, job.words));
    return data.load({ ...compiled, library }, job.dataFiles);
  },
  threadEntry: new URL('./trial-thread.js', import.meta.url),
});
