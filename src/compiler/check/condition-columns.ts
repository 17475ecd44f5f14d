import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { DataCondition } from '../ir/experiment.js';
import { closed } from '../ir/interval.js';
import { ownValue, type Value } from '../ir/value.js';
import type { DescribedCondition } from '../library/data-file.js';
import type { Library } from '../library/library.js';
import type { DatasetWord, TransformWord } from '../library/word.js';
import type { BoundExperiment } from '../resolve/bound.js';
import type { DefinitionFile, ScopedDefinition } from '../resolve/definitions.js';
import type { Expression, LabelledCall } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import type { Bound } from './arguments.js';

/** The columns that layers take as conditions, with the first place that names each. */
export type ConditionColumns = ReadonlyMap<string, Span>;

/** What layers take of an example besides its features. */
export interface WrittenConditions {
  readonly columns: ConditionColumns;
  /** The first layer that takes the class; null if none does. */
  readonly label: Span | null;
}

/**
 * What layers take as conditions, in the order of the text. It is known before the data are checked, since columns that
 * are conditions are no features, and a class that is one needs training examples.
 */
export function writtenConditions(bound: BoundExperiment, evaluator: Evaluator, library: Library): WrittenConditions {
  const found = new Map<string, Span>();
  let label: Span | null = null;
  const opened = new Set<ScopedDefinition>();
  const { body } = bound.decoder;
  const written = [...bound.encoder.layers, ...(body.kind === 'derived' ? [] : body.layers)];
  const pending = placed(written, bound.definitions);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { layer, file } = next;
    const { call } = layer;
    const { takesColumns } = library.find('layer', call.word.name) ?? {};
    const columns = call.arguments.find(({ name }) => name !== null && name.name === takesColumns);
    if (takesColumns !== undefined && columns === undefined) label ??= call.span;
    for (const [name, span] of columns === undefined ? [] : textsIn(columns.value, evaluator)) {
      if (!found.has(name)) found.set(name, span);
    }
    pending.push(...placed(call.block ?? [], file));
    const block = file.names.get(call.word.name);
    if (block?.node.role !== 'block' || opened.has(block)) continue;
    opened.add(block);
    pending.push(...placed(block.node.layers, block.file));
  }
  return { columns: found, label };
}

type Names = Pick<DefinitionFile, 'names'>;

/** Layers with the file whose blocks they may use; the first is the last. */
function placed(
  layers: readonly LabelledCall[],
  file: Names,
): { readonly layer: LabelledCall; readonly file: Names }[] {
  return layers.map((layer) => ({ layer, file })).reverse();
}

function textsIn(expression: Expression, evaluator: Evaluator): readonly (readonly [string, Span])[] {
  const value = evaluator.evaluate(expression);
  const items = value.type === 'list' ? value.items : [value];
  return items.flatMap((item) => (item.type === 'string' ? [[item.value, item.span] as const] : []));
}

/**
 * The arguments of a data set with the columns that are conditions.
 * @returns null after reporting that the data have no columns
 */
export function withConditions(
  { definition, plain }: Bound<DatasetWord>,
  columns: ConditionColumns,
  collector: DiagnosticCollector,
): Readonly<Record<string, Value>> | null {
  if (columns.size === 0) return {};
  const argument = definition.conditionArgument;
  if (argument === undefined) {
    const [span = null] = columns.values();
    collector.error('AE526', `a condition is a column of a table, and '${definition.name}' has no columns`, span, {
      hint: 'condition(label) is the class of an example; csv("table.csv") reads a table',
    });
    return null;
  }
  const named = ownValue(plain, argument) ?? null;
  const given = Array.isArray(named) ? named.filter((name) => typeof name === 'string') : [];
  // In one order, so that the data are the same in whichever order layers name them.
  return { [argument]: [...new Set([...given, ...columns.keys()])].sort((a, b) => (a < b ? -1 : 1)) };
}

/** The place of the column that a problem with the conditions is about: of the only one, or of the one that is quoted. */
export function placeOfColumn(columns: ConditionColumns, message: string): Span | undefined {
  const [first] = columns.values();
  return [...columns].find(([name]) => message.includes(`'${name}'`))?.[1] ?? first;
}

/** Conditions as layers are given them: numbers go through the transforms of the features. */
export function scaledConditions(
  described: readonly DescribedCondition[],
  transforms: readonly Bound<TransformWord>[],
): readonly DataCondition[] {
  const scaling = transforms.filter(({ definition }) => definition.makesRaw !== true);
  return described.map(({ name, categories, low, high }): DataCondition => {
    if (categories !== null) return { name, categories, range: closed(0, 1) };
    const range = scaling.reduce((before, { definition, plain }) => definition.range(plain, before), closed(low, high));
    return { name, categories, range };
  });
}
