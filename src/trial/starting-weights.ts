import { UsageError } from '../project/params.js';
import { namesBundle } from './run-argument.js';
import { type GivenWeights, givenWeights, readWeights } from './weights-file.js';

/**
 * The weights of a safetensors file, or those that the run of a bundle ended with; without what was taken from its data.
 * @throws UsageError when the file cannot be read, or the run ended without weights; BundleError
 */
export async function startingWeights(path: string): Promise<GivenWeights> {
  if (!namesBundle(path)) return readWeights(path);
  const { readBundle } = await import('./bundle/take-in.js');
  const weights = readBundle(path).files.get('weights.safetensors');
  if (weights === undefined) throw new UsageError(`the run of '${path}' has no weights`, 'name another file');
  return givenWeights(weights);
}
