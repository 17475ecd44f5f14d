import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { ownValue } from '../ir/value.js';
import type { Library } from '../library/library.js';
import type { Assignment, BoundExperiment } from '../resolve/bound.js';
import type { CallExpression, Expression } from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';

/** Arguments of data sets that divide their examples. */
export const partArguments = ['take', 'validation', 'test', 'shuffle_seed', 'classes', 'train_on'] as const;

function isPartArgument(name: string): boolean {
  return partArguments.some((part) => part === name);
}

export function pathArguments(
  { word, arguments: given }: CallExpression,
  library: Pick<Library, 'find'>,
): readonly Expression[] {
  const parameters = library.find('dataset', word.name)?.parameters ?? {};
  const names = Object.keys(parameters);
  const positional = given.filter(({ name }) => name === null);
  return given.flatMap((argument) => {
    const name = argument.name?.name ?? names[positional.indexOf(argument)] ?? '';
    const parameter = ownValue(parameters, name);
    return parameter?.type === 'text' && parameter.path ? [argument.value] : [];
  });
}

/** Params that determine which files a data set reads, directly or through other params and lets. */
export function pathParams(
  call: CallExpression,
  bound: BoundExperiment,
  library: Pick<Library, 'find'>,
): ReadonlySet<string> {
  return new Set(pathArguments(call, library).flatMap((value) => [...declarationsOf(value, bound).keys()]));
}

/** Declarations that a value refers to, transitively: `csv(file)` with `let file = f` and `param f = "t.csv"`. */
function declarationsOf(value: Expression, bound: BoundExperiment): ReadonlyMap<string, Expression> {
  const found = new Map<string, Expression>();
  let at = value;
  while (at.kind === 'name' && !found.has(at.name)) {
    const declared = bound.params.get(at.name) ?? bound.lets.get(at.name);
    if (declared === undefined) break;
    found.set(at.name, declared.value);
    at = declared.value;
  }
  return found;
}

/** Where the paths of an experiment's data begin. */
export interface DataSource {
  readonly dataFrom: Source;
  /** Whether the target's were reported to begin in another folder. */
  readonly isTargetElsewhere: boolean;
}

/**
 * File that an experiment's data paths are relative to: the one that writes them. That is the file of the data
 * statement, or of the param or let that it names, which an experiment may override for a parent's statement. Assigned
 * values are relative to the data statement, and to the experiment if the data set is replaced, as the replacement is.
 * @param replacement data set to use instead
 */
export function sourceOfDataPaths(
  bound: BoundExperiment,
  replacement: CallExpression | null,
  assignments: readonly Assignment[],
  library: Pick<Library, 'find'>,
  collector: DiagnosticCollector,
): DataSource {
  const { call, span } = replacement === null ? bound.data : { call: replacement, span: replacement.span };
  const assigned = new Set(assignments.map(({ name }) => name.name));
  const sourceOf = (value: Expression, base: Source): Source => {
    const declared = [...declarationsOf(value, bound)];
    if (declared.some(([name]) => assigned.has(name))) return base;
    return declared.at(-1)?.[1].span.source ?? base;
  };
  const base = replacement === null ? span.source : bound.source;
  const paths = pathArguments(call, library);
  const sources = paths.map((path) => sourceOf(path, base));
  const source = sources[0];
  const other = sources.findIndex(({ path }) => path !== source?.path);
  const stray = sources[other];
  if (source !== undefined && stray !== undefined) {
    const message = `the files of this data set are named in ${source.path} and in ${stray.path}`;
    collector.error('AE701', message, paths[other]?.span ?? span, {
      hint: 'name all of them in one file, which they are relative to',
    });
  }
  const { target } = bound;
  if (target === null || (replacement !== null && isOfSameSet(bound.data.call, target.call))) {
    return { dataFrom: source ?? base, isTargetElsewhere: false };
  }
  let isTargetElsewhere = false;
  for (const path of pathArguments(target.call, library)) {
    const named = sourceOf(path, target.span.source);
    if (source === undefined) return { dataFrom: named, isTargetElsewhere };
    if (folderOf(named) === folderOf(source)) continue;
    isTargetElsewhere = true;
    const message = `the target is named in ${named.path}, and the data in ${source.path}, which is in another folder`;
    collector.error('AE701', message, path.span, {
      hint: 'name both in files of one folder, which they are relative to',
    });
  }
  return { dataFrom: source ?? base, isTargetElsewhere };
}

/**
 * Whether a target is the data set of the data, transformed otherwise: what replaces the one replaces the other, too.
 * Their parts are the same anyway.
 */
export function isOfSameSet(data: CallExpression, target: CallExpression): boolean {
  const named = ({ arguments: given }: CallExpression) =>
    given
      .filter(({ name }) => name === null || !isPartArgument(name.name))
      .map(({ name, value: { span } }) => `${name?.name ?? ''}=${span.source.text.slice(span.start, span.end)}`)
      .sort()
      .join();
  return data.word.name === target.word.name && named(data) === named(target);
}

function folderOf({ path }: Source): string {
  return path.replace(/[^/\\]*$/, '');
}
