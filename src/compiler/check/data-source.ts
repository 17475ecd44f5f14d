import type { Findings } from '../diagnostics/findings.js';
import { ownValue } from '../ir/value.js';
import type { Library } from '../library/library.js';
import type { Assignment, BoundExperiment } from '../resolve/bound.js';
import type { CallExpression, Expression } from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';

/** The arguments of a data set's word that are paths. */
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

/**
 * The file that the paths of an experiment's data are relative to: the one that writes them. That is the file of the data
 * statement, or of the param that it names, which an experiment may set anew for a parent's statement. An assigned value is
 * relative to the data statement.
 */
export function sourceOfDataPaths(
  bound: BoundExperiment,
  assignments: readonly Assignment[],
  library: Pick<Library, 'find'>,
  findings: Findings,
): Source {
  const { call, span } = bound.data;
  const assigned = new Set(assignments.map(({ name }) => name.name));
  const sourceOf = (value: Expression): Source => {
    if (value.kind !== 'name' || assigned.has(value.name)) return value.span.source;
    return bound.params.get(value.name)?.value.span.source ?? value.span.source;
  };
  const paths = pathArguments(call, library);
  const sources = paths.map(sourceOf);
  const source = sources[0] ?? span.source;
  const other = sources.findIndex(({ path }) => path !== source.path);
  const stray = sources[other];
  if (stray !== undefined) {
    const message = `the files of this data set are named in ${source.path} and in ${stray.path}`;
    findings.error('AE701', message, paths[other]?.span ?? span, {
      hint: 'name all of them in one file, which they are relative to',
    });
  }
  return source;
}
