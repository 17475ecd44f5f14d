import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { layerAt } from '../../models/pytorch/names.js';
import { compileRecipe, parseRecipe, worldOf } from '../../project/recipe.js';
import type { Words } from '../../words/word.js';

/** Like `layerOfTensor`, for a stored recipe; null if it no longer compiles. */
export function layerOfStored(name: string, recipe: string, words: Words): string | null {
  const parsed = parseRecipe(recipe);
  const { value } = compileRecipe(parsed, worldOf(parsed), { library: words });
  return value === null ? null : layerOfTensor(name, value.ir);
}

/** The layer of a hashed tensor, for users: `dense 'code'`; null for a tensor of no layer, such as the input. */
function layerOfTensor(name: string, experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>): string | null {
  const [, block, index] = /^output (encoder|decoder)\[(\d+)\]/.exec(name) ?? [];
  if (block === 'encoder' || block === 'decoder') return described(experiment[block][Number(index)]);
  const [, address] = /\b((?:encoder|decoder)\.\d+(?:\.(?:mu|logvar))?)\b/.exec(name) ?? [];
  return address === undefined ? null : described(layerAt(experiment, address.replaceAll('.', '/')));
}

function described(node: { readonly word: string; readonly label: string | null } | undefined): string | null {
  if (!node) return null;
  return node.label === null ? node.word : `${node.word} '${node.label}'`;
}
