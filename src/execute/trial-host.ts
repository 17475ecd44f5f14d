import { compileStored, parseRecipe } from '../project/recipe.js';
import type { TrialJob } from '../trial/job.js';
import { SharedData } from '../trial/shared-data.js';
import { builtinWords } from '../words/words.js';
import { serveTrials } from './local/host.js';

/** What a host of the local executor runs: it decodes the data, and its threads train. */
const data = new SharedData();

serveTrials({
  dataOf: (job: TrialJob) => data.load(compileStored(parseRecipe(job.recipe), builtinWords), job.dataFiles),
  threadEntry: new URL('./trial-thread.js', import.meta.url),
});
