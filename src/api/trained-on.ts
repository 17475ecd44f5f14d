import type { CompiledExperiment } from '../compiler/compile.js';
import type { Library } from '../compiler/library/library.js';
import type { FileDescription } from '../compiler/library/word.js';
import { bareArguments } from '../runtime/lowering/arguments.js';
import { type Recipe, worldOf } from './recipe.js';

/**
 * What a run has of the file of its training examples: their columns, classes and ranges. Null for a set without a file, such as
 * `mnist`. Of a run of an older version `contents` is absent.
 */
export function trainedOn(
  recipe: Recipe,
  { ir, dataFrom }: Pick<CompiledExperiment, 'ir' | 'dataFrom'>,
  library: Library,
): FileDescription | null {
  const { word, arguments: given } = ir.data.dataset;
  const describe = worldOf(recipe).describeFile(dataFrom);
  const described: FileDescription[] = [];
  // A data set's word asks for its training examples first.
  library.find('dataset', word)?.describe(bareArguments(given), (request) => {
    const file = describe(request);
    if (file.ok) described.push(file.value);
    return file;
  });
  return described[0] ?? null;
}
