import { preparedJob, type TrialJob } from '../trial/job.js';
import { SharedData } from '../trial/shared-data.js';
import { serveTrials } from './local/host.js';

/** What a host of the local executor runs: it decodes the data, and its threads train. */
const data = new SharedData();

serveTrials({
  dataOf: (job: TrialJob) => data.load(preparedJob(job).compiled, job.dataFiles),
  threadEntry: new URL('./trial-thread.js', import.meta.url),
});
