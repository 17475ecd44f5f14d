import type { CallExpression, Expression, LabelledCall, NameExpression, Setting } from '../syntax/ast.js';
import type { BoundExperiment } from './bound.js';

/** All names used in an experiment's expressions, except for a param in its own condition and the sweep's axes. */
export function namesIn(experiment: BoundExperiment): ReadonlySet<string> {
  const { params, lets, data, target, corrupt, encoder, decoder, loss, pretrain, train, show, evaluate } = experiment;
  const calls = (items: readonly (CallExpression | LabelledCall)[]) =>
    items.flatMap((item) => namesOf('call' in item ? item.call : item));
  const settings = (items: readonly Setting[]) => items.flatMap((item) => namesOf(item.value));
  return new Set([
    ...[...params].flatMap(([name, { value, constraint }]) => [
      ...namesOf(value),
      ...(constraint ? namesOf(constraint).filter((other) => other !== name) : []),
    ]),
    ...[...lets.values()].flatMap(({ value }) => namesOf(value)),
    ...namesOf(data.call),
    ...(target ? namesOf(target.call) : []),
    ...calls(corrupt?.calls ?? []),
    ...calls(encoder.layers),
    ...(decoder.body.kind === 'layers' ? calls(decoder.body.layers) : namesOf(decoder.body.call)),
    ...(loss ? namesOf(loss.value) : []),
    ...[...pretrain, ...(train ? [train] : [])].flatMap((stage) => [
      ...namesOf(stage.call),
      ...settings(stage.settings),
    ]),
    ...calls([...(show?.calls ?? []), ...(evaluate?.calls ?? [])]),
  ]);
}

function namesOf(expression: Expression): readonly string[] {
  return writtenNames(expression).map(({ name }) => name);
}

/** All names in an expression, with their places. */
export function writtenNames(expression: Expression): readonly NameExpression[] {
  switch (expression.kind) {
    case 'number':
    case 'boolean':
    case 'string':
      return [];
    case 'name':
      return [expression];
    case 'list':
      return expression.items.flatMap(writtenNames);
    case 'member':
      return writtenNames(expression.object);
    case 'call':
      return [
        ...expression.arguments.flatMap((argument) => writtenNames(argument.value)),
        ...(expression.block ?? []).flatMap((item) => writtenNames(item.call)),
      ];
    case 'unary':
      return writtenNames(expression.operand);
    case 'arithmetic':
    case 'logical':
      return [...writtenNames(expression.left), ...writtenNames(expression.right)];
    case 'comparison':
      return expression.operands.flatMap(writtenNames);
    case 'membership':
      return [...writtenNames(expression.value), ...writtenNames(expression.list)];
  }
}
