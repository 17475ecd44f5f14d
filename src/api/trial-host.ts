import { builtinLibrary } from '../compiler/library/builtin.js';
import type { TrialJob } from '../runtime/sweep/job.js';
import { serveTrials } from '../runtime/sweep/local/host.js';
import { compileStored, parseRecipe } from './recipe.js';
import { SharedData } from './shared-data.js';

/** What a host of the local executor runs: it decodes the data, and its threads train. */
const data = new SharedData();

serveTrials({
  dataOf: (job: TrialJob) => data.load(compileStored(parseRecipe(job.recipe), builtinLibrary), job.dataFiles),
  threadEntry: new URL('./trial-thread.js', import.meta.url),
});
