import type { Library } from '../library/library.js';
import type { BoundExperiment } from '../resolve/bound.js';
import type { CallExpression, Expression, LabelledCall, Setting } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';

/** A named value of an experiment: an argument, a setting, a let. */
interface NamedValue {
  readonly value: Expression;
  /** The same value as a param of that name. */
  readonly asParam: string;
}

/**
 * Finds values called `name` that are not params, such as the 0.001 in `adam(lr=0.001)`, and says how to turn each into
 * one.
 */
export function placesOf(
  name: string,
  bound: BoundExperiment,
  library: Library,
): { readonly places: readonly Span[]; readonly hint: string | null } {
  const declared = bound.lets.get(name);
  if (declared) return { places: [declared.span], hint: `write it as a param: param ${name} = …` };
  const found = valuesNamed(name, bound, library);
  const [first] = found;
  if (!first) return { places: [], hint: null };
  const places = found.map(({ value }) => value.span);
  const { value, asParam } = first;
  if (value.kind === 'name' && bound.params.has(value.name)) {
    return { places, hint: `it is given by the param '${value.name}': write ${value.name}=…` };
  }
  const { source, start, end } = value.span;
  const text = source.text.slice(start, end);
  return { places, hint: `make it a param: write param ${name} = ${text}, and ${asParam}` };
}

function valuesNamed(name: string, bound: BoundExperiment, library: Library): readonly NamedValue[] {
  const ofCall = (call: CallExpression): readonly NamedValue[] => {
    const [family] = library.familiesOf(call.word.name);
    const parameters = family ? Object.keys(library.find(family, call.word.name)?.parameters ?? {}) : [];
    let position = 0;
    const own = call.arguments.flatMap((argument): readonly NamedValue[] => {
      const parameter = argument.name ? argument.name.name : parameters[position++];
      const within = ofExpression(argument.value);
      const asParam = `${call.word.name}(${argument.name ? `${name}=` : ''}${name})`;
      return parameter === name ? [{ value: argument.value, asParam }, ...within] : within;
    });
    return [...own, ...(call.block ?? []).flatMap(ofLabelled)];
  };
  const ofLabelled = ({ call }: LabelledCall) => ofCall(call);
  const ofSettings = (settings: readonly Setting[]) =>
    settings.flatMap(({ name: setting, value }): readonly NamedValue[] => [
      ...(setting.name === name ? [{ value, asParam: `${name} = ${name}` }] : []),
      ...ofExpression(value),
    ]);
  const ofExpression = (expression: Expression): readonly NamedValue[] => {
    switch (expression.kind) {
      case 'call':
        return ofCall(expression);
      case 'list':
        return expression.items.flatMap(ofExpression);
      case 'unary':
        return ofExpression(expression.operand);
      case 'arithmetic':
        return [...ofExpression(expression.left), ...ofExpression(expression.right)];
      case 'number':
      case 'boolean':
      case 'string':
      case 'name':
      case 'member':
      case 'logical':
      case 'comparison':
      case 'membership':
        return [];
    }
  };
  const { data, corrupt, encoder, decoder, loss, pretrain, train, lets } = bound;
  return [
    ...(train ? [...ofCall(train.call), ...ofSettings(train.settings)] : []),
    ...pretrain.flatMap((stage) => [...ofCall(stage.call), ...ofSettings(stage.settings)]),
    ...(loss ? ofExpression(loss.value) : []),
    ...(corrupt?.calls ?? []).flatMap(ofCall),
    ...encoder.layers.flatMap(ofLabelled),
    ...(decoder.body.kind === 'layers' ? decoder.body.layers.flatMap(ofLabelled) : ofCall(decoder.body.call)),
    ...ofCall(data.call),
    ...[...lets.values()].flatMap(({ value }) => ofExpression(value)),
  ];
}
