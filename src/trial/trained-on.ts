import type { CompiledExperiment } from '../compiler/compile.js';
import type { DataNode } from '../compiler/ir/experiment.js';
import { plainArguments } from '../compiler/ir/value.js';
import type { DescribedCondition, FileContents, FileDescription } from '../compiler/library/data-file.js';
import type { Library } from '../compiler/library/library.js';
import { parseRecipe, type Recipe, worldOf } from '../project/recipe.js';
import { JsonError } from '../runtime/formats/json.js';
import type { Words } from '../words/word.js';

/**
 * A run's record of its training file, or of that of its targets: columns, classes and ranges. Null for a set without a
 * file, such as `mnist`. Older versions have no `contents`.
 */
export function trainedOn(
  recipe: Recipe,
  { dataFrom }: Pick<CompiledExperiment, 'dataFrom'>,
  { dataset: { word, arguments: given } }: DataNode,
  library: Library,
): FileDescription | null {
  const describe = worldOf(recipe).describeFile(dataFrom);
  const described: FileDescription[] = [];
  // A data set requests its training examples first.
  library.find('dataset', word)?.describe(plainArguments(given), (request, _used, format) => {
    const file = describe(request, undefined, format);
    if (file.ok) described.push(file.value);
    return file;
  });
  return described[0] ?? null;
}

/**
 * The names of the classes that a run was trained on, by their numbers: those of its file, or of its published set, such
 * as `fashion_mnist`. Null where classes have numbers alone.
 */
export function trainedClassNames(
  trained: FileDescription | null,
  { dataset }: DataNode,
  words: Words,
): readonly string[] | null {
  return trained?.contents?.classNames ?? words.find('dataset', dataset.word)?.published?.classNames ?? null;
}

/**
 * Reads the columns and classes of a run's training data from its recipe; null for a set without a file, an older
 * version, or a damaged recipe.
 */
export function contentsOfRun(source: string): FileContents | null {
  return filesOfRun(source)?.flatMap((file) => file.contents ?? [])[0] ?? null;
}

/** Reads the columns of a run's training data that are conditions; empty if there are none, or nothing is known. */
export function conditionsOfRun(source: string): readonly DescribedCondition[] {
  return filesOfRun(source)?.flatMap((file) => (file.conditions === undefined ? [] : [file.conditions]))[0] ?? [];
}

/** Null for a damaged recipe. */
function filesOfRun(source: string): readonly FileDescription[] | null {
  try {
    return Object.values(parseRecipe(source).files);
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}
