import { pathArguments, pathParams } from '../check/data-source.js';
import type { Library } from '../library/library.js';
import type { BoundExperiment } from '../resolve/bound.js';
import type { CallExpression, Expression } from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';
import type { World } from '../world.js';
import type { Axis } from './sweep-request.js';
import type { TrialTable } from './trial-table.js';

/** The parts of a sweep that may name files of data. */
export interface WrittenAxes {
  readonly axes: readonly Axis[];
  readonly tables: readonly TrialTable[];
}

/**
 * Paths of data in axes and tables are relative to the file they are in. They are rewritten relative to the file that
 * the compiler resolves assigned values against, so that a trial's recipe does not depend on where its values came
 * from.
 * @param isWritten whether an axis is in a file; other axes' paths are already relative to the experiment
 */
export function placeAxisPaths(
  { axes, tables }: WrittenAxes,
  isWritten: (axis: Axis) => boolean,
  bound: BoundExperiment,
  library: Library,
  world: Pick<World, 'pathSeenFrom'>,
): WrittenAxes {
  const sets = [
    ...axes.flatMap(({ name, value }) => (name.name === 'data' ? dataSetsIn(value) : [])),
    ...tables.flatMap(({ columns, rows }) => {
      const column = columns.findIndex(({ name }) => name === 'data');
      return rows.flatMap((row) => dataSetsIn(row[column]));
    }),
  ];
  const calls = sets.length > 0 ? sets : [bound.data.call];
  const ofData = new Set(calls.flatMap((call) => [...pathParams(call, bound, library)]));
  const ofTarget = bound.target === null ? new Set<string>() : pathParams(bound.target.call, bound, library);
  // Matches the compiler: an assigned path is relative to the data statement, or to the experiment if it is replaced.
  const base = sets.length > 0 ? bound.source : bound.data.span.source;
  const placed = (value: Expression, from: Source): Expression =>
    value.kind === 'string' ? { ...value, value: world.pathSeenFrom(from, value.value, value.span.source) } : value;
  const place = (name: string, value: Expression): Expression => {
    if (name === 'data')
      return withPaths(value, (set) => withArguments(set, library, (path) => placed(path, bound.source)));
    if (ofData.has(name)) return withPaths(value, (path) => placed(path, base));
    const target = bound.target?.span.source;
    return target && ofTarget.has(name) ? withPaths(value, (path) => placed(path, target)) : value;
  };
  return {
    axes: axes.map((axis) => (isWritten(axis) ? { ...axis, value: place(axis.name.name, axis.value) } : axis)),
    tables: tables.map((table) => ({
      ...table,
      rows: table.rows.map((row) => row.map((value, i) => place(table.columns[i]?.name ?? '', value))),
    })),
  };
}

function dataSetsIn(value: Expression | undefined): readonly CallExpression[] {
  if (value?.kind === 'list') return value.items.flatMap(dataSetsIn);
  if (value?.kind !== 'call') return [];
  return value.word.name === 'choice' ? value.arguments.flatMap((each) => dataSetsIn(each.value)) : [value];
}

/** The values of an axis, each placed. */
function withPaths(value: Expression, place: (value: Expression) => Expression): Expression {
  if (value.kind === 'list') return { ...value, items: value.items.map((item) => withPaths(item, place)) };
  if (value.kind !== 'call' || value.word.name !== 'choice') return place(value);
  return { ...value, arguments: value.arguments.map((each) => ({ ...each, value: withPaths(each.value, place) })) };
}

/** A data set, the paths among its arguments each placed. */
function withArguments(set: Expression, library: Library, place: (value: Expression) => Expression): Expression {
  if (set.kind !== 'call') return set;
  const paths = new Set(pathArguments(set, library));
  return {
    ...set,
    arguments: set.arguments.map((argument) =>
      paths.has(argument.value) ? { ...argument, value: place(argument.value) } : argument,
    ),
  };
}
