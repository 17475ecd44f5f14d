import { builtinLibrary } from '../compiler/library/builtin.js';
import type { TrialJob } from '../runtime/sweep/job.js';
import { serveTrials } from '../runtime/sweep/local/host.js';
import { compileStored, parseRecipe } from './recipe.js';
import { SharedData } from './shared-data.js';

/** What a host of the local executor runs: it decodes the data, and its threads train. */
const data = new SharedData();

serveTrials({
  dataOf: (job: TrialJob) => {
    const recipe = parseRecipe(job.recipe);
    const { ir } = compileStored(recipe, builtinLibrary);
    const [source] = recipe.sources;
    if (!source) throw new RangeError('a recipe needs the text of its experiment');
    return data.load(ir.data, source);
  },
  threadEntry: new URL('./trial-thread.js', import.meta.url),
});
