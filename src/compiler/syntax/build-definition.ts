import type { DefinitionCstNode, ParameterCstNode, UseCstNode } from '../../../grammar/cst.generated.js';
import { didYouMean } from '../diagnostics/suggest.js';
import { type DefinitionNode, type DefinitionParameter, definitionRoles, type UseNode } from './ast.js';
import { buildExpression, buildLayers } from './build-expression.js';
import { type Building, identifier, only, stretch } from './building.js';
import { stringValue } from './literals.js';
import { spanning } from './source.js';
import { spanOf } from './tokenize.js';

export function buildUse({ children }: UseCstNode, building: Building): UseNode {
  const path = only(children.StringLiteral);
  return {
    kind: 'use',
    path: stringValue(path.image),
    pathSpan: spanOf(path, building.source),
    span: stretch(only(children.Use), path, building),
  };
}

/** @returns null after an error: an unknown kind of definition, or a body of another kind than it needs */
export function buildDefinition({ children }: DefinitionCstNode, building: Building): DefinitionNode | null {
  const { source, collector } = building;
  const written = only(children.role);
  const name = identifier(only(children.name), building);
  const parameters = (only(children.parameters).children.parameter ?? []).map((node) => buildParameter(node, building));
  const meaning = only(children.meaning).children;
  const [value] = meaning.expression ?? [];
  const [braces] = meaning.layers ?? [];
  const formula = value ? buildExpression(value, 0, building) : null;
  const block = braces ? buildLayers(braces, 0, building) : null;
  const start = spanOf(only(children.Define), source);
  const role = definitionRoles.find((known) => known === written.image);
  if (role === undefined) {
    collector.error('AE102', `'${written.image}' cannot be defined`, spanOf(written, source), {
      hint:
        didYouMean(written.image, definitionRoles) ??
        'write define loss, define penalty, define activation or define block',
    });
    return null;
  }
  if (role === 'block') {
    if (block !== null) {
      return { kind: 'definition', role, name, parameters, layers: block.layers, span: spanning(start, block.span) };
    }
    collector.error('AE102', 'a block is made of layers in braces', name.span, {
      hint: `write define block ${name.name}(…) { dense(100)  relu() }`,
    });
    return null;
  }
  if (formula !== null) {
    return { kind: 'definition', role, name, parameters, formula, span: spanning(start, formula.span) };
  }
  const example =
    role === 'activation' ? 'x * sigmoid(x)' : role === 'penalty' ? 'mean(abs(code))' : 'mean(abs(output - target))';
  collector.error(
    'AE102',
    `expected '=' and an expression after the parameters of the ${role}, not layers`,
    name.span,
    {
      hint: `write define ${role} ${name.name}(…) = ${example}`,
    },
  );
  return null;
}

function buildParameter({ children }: ParameterCstNode, building: Building): DefinitionParameter {
  const name = identifier(only(children.Identifier), building);
  const [valueNode] = children.value ?? [];
  const [constraintNode] = children.constraint ?? [];
  const value = valueNode ? buildExpression(valueNode, 0, building) : null;
  const constraint = constraintNode ? buildExpression(constraintNode, 0, building) : null;
  return { name, value, constraint, span: spanning(name.span, (constraint ?? value ?? name).span) };
}
