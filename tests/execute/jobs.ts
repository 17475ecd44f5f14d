import type { TrialJob } from '../../src/execute/job.js';
import { stringifyRecipe } from '../../src/project/recipe.js';
import { prepare } from '../../src/trial/prepare.js';
import { builtinWords } from '../../src/words/words.js';

/** A job for one thread of the cpu backend that is to leave nothing behind. @param recipe as JSON */
export function jobOf(recipe: string, changes: Partial<TrialJob> = {}): TrialJob {
  return {
    trial: 0,
    recipe,
    words: [],
    dataFiles: {},
    seed: 1,
    expected: { identity: 'abc' },
    backend: 'cpu',
    threads: 1,
    untilEpoch: null,
    checkpoints: { seconds: null, epochs: null },
    from: null,
    trained: null,
    init: null,
    previews: false,
    ...changes,
  };
}

/** The recipe of an experiment that needs no files. @param text the experiment */
export function recipeOf(text: string) {
  const sources = [{ path: 'small.ae', text }];
  return { sources, experiment: null, params: [], data: null, epochs: null, maxSteps: null, files: {} };
}

/** Trial 4 of an experiment, with its true identity and a checkpoint after each epoch. @param text the experiment */
export async function preparedJob(text: string): Promise<TrialJob> {
  const recipe = recipeOf(text);
  const { identity } = await prepare({ recipe, seed: 3, backend: 'cpu', library: builtinWords }).identify();
  return jobOf(stringifyRecipe(recipe), {
    trial: 4,
    seed: 3,
    expected: { identity },
    checkpoints: { seconds: null, epochs: 1 },
  });
}
