import { UsageError } from '../project/usage-error.js';
import { namesBundle } from './run-argument.js';
import { isSaelensFolder, saelensForm, saelensWeights } from './saelens-weights.js';
import { type GivenWeights, givenWeights, readWeights } from './weights-file.js';

/**
 * Reads the weights of a safetensors file, those of a folder that SAELens wrote, or the final ones of a bundle's run; without
 * statistics of its data.
 * @throws UsageError if the file cannot be read, or the run has no weights; BundleError
 */
export async function startingWeights(path: string): Promise<GivenWeights> {
  if (isSaelensFolder(path)) return { ...givenWeights(saelensWeights(path)), saelens: saelensForm(path) };
  if (!namesBundle(path)) return readWeights(path);
  const { readBundle } = await import('./bundle/take-in.js');
  const weights = readBundle(path).files.get('weights.safetensors');
  if (weights === undefined) throw new UsageError(`the run of '${path}' has no weights`, 'name another file');
  return givenWeights(weights);
}
