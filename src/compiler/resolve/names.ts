import type { CallExpression, Expression, LabelledCall, Setting } from '../syntax/ast.js';
import type { BoundExperiment } from './bound.js';

/** All names used in an experiment's expressions, except for a param in its own condition and the sweep's axes. */
export function namesIn(experiment: BoundExperiment): ReadonlySet<string> {
  const { params, lets, data, corrupt, encoder, decoder, loss, pretrain, train, show, evaluate } = experiment;
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
  switch (expression.kind) {
    case 'number':
    case 'boolean':
    case 'string':
      return [];
    case 'name':
      return [expression.name];
    case 'list':
      return expression.items.flatMap(namesOf);
    case 'member':
      return namesOf(expression.object);
    case 'call':
      return [
        ...expression.arguments.flatMap((argument) => namesOf(argument.value)),
        ...(expression.block ?? []).flatMap((item) => namesOf(item.call)),
      ];
    case 'unary':
      return namesOf(expression.operand);
    case 'arithmetic':
    case 'logical':
      return [...namesOf(expression.left), ...namesOf(expression.right)];
    case 'comparison':
      return expression.operands.flatMap(namesOf);
    case 'membership':
      return [...namesOf(expression.value), ...namesOf(expression.list)];
  }
}
