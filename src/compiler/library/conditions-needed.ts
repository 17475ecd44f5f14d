import { conditionSize, type ExperimentIr, type LayerNode } from '../ir/experiment.js';
import { plainArguments } from '../ir/value.js';
import { knownWord, type Library } from './library.js';
import type { ConditionUse } from './word.js';

type Layers = Pick<ExperimentIr, 'encoder' | 'decoder' | 'data'>;

/** How many values a network is given of an example, besides the example. */
export interface ConditionSizes {
  /** One for each class; 0 if no layer needs the class. */
  readonly classes: number;
  /** Those of all columns that are conditions; 0 if no layer needs any. */
  readonly columns: number;
}

/** What the layers are given as conditions. */
export function conditionsNeeded({ encoder, decoder, data }: Layers, library: Library): ConditionSizes {
  const uses = [...encoder, ...decoder].flatMap((layer) => usesOf(layer, library));
  const areColumnsUsed = uses.some((use) => use !== 'class');
  return {
    classes: uses.includes('class') ? (data.classes ?? 0) : 0,
    columns: areColumnsUsed ? data.conditions.reduce((sum, column) => sum + conditionSize(column), 0) : 0,
  };
}

/** Examples whose conditions figures show where these are numbers, or where categories have very many combinations. */
export const shownExamplesOfConditions = 8;
export const mostShownCombinations = 1000;

/** How many conditions figures show of some layers: each combination of classes and categories, or those of examples. */
export function conditionsShown(
  layers: readonly LayerNode[],
  { classes, conditions }: Pick<ExperimentIr['data'], 'classes' | 'conditions'>,
  library: Library,
): number {
  const uses = layers.flatMap((layer) => usesOf(layer, library));
  if (uses.length === 0) return 0;
  const columns = new Set(uses.flatMap((use) => (use === 'class' ? [] : use)));
  const used = conditions.filter(({ name }) => columns.has(name));
  const combined = [
    ...(uses.includes('class') ? [classes ?? 0] : []),
    ...used.map(({ categories }) => categories?.length ?? 0),
  ].reduce((all, count) => all * count, 1);
  return combined === 0 || combined > mostShownCombinations ? shownExamplesOfConditions : combined;
}

/** Whether a layer of a block needs more than its input. */
export function isConditional(layers: readonly LayerNode[], library: Library): boolean {
  return layers.some((layer) => usesOf(layer, library).length > 0);
}

/** What a layer, and those in its braces, are given. */
function usesOf(layer: LayerNode, library: Library): readonly ConditionUse[] {
  const own = conditionOfLayer(layer, library);
  const inner = Object.values(layer.heads).flatMap((nodes) => nodes.flatMap((node) => usesOf(node, library)));
  return own === null ? inner : [own, ...inner];
}

/** What a layer is given besides its input; null for nothing. */
export function conditionOfLayer(layer: LayerNode, library: Library): ConditionUse | null {
  return knownWord(library, 'layer', layer).condition?.(plainArguments(layer.arguments)) ?? null;
}

/** Some of the values of all columns. */
export interface ColumnPlace {
  readonly start: number;
  readonly size: number;
}

/** Where columns are among the values of all of them. @throws RangeError for a column that the data do not have */
export function placesOfColumns(
  names: readonly string[],
  { conditions }: Pick<ExperimentIr['data'], 'conditions'>,
): readonly ColumnPlace[] {
  return names.map((name) => {
    const index = conditions.findIndex((column) => column.name === name);
    const column = conditions[index];
    if (column === undefined) throw new RangeError(`the data have no condition '${name}'`);
    const start = conditions.slice(0, index).reduce((sum, before) => sum + conditionSize(before), 0);
    return { start, size: conditionSize(column) };
  });
}
