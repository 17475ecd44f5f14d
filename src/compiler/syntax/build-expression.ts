import type {
  ArgumentCstNode,
  ArgumentsCstNode,
  CallCstNode,
  ExpressionCstNode,
  LabelledCallCstNode,
  LayersCstNode,
  OperandCstNode,
  PrimaryCstNode,
} from '../../../grammar/cst.generated.js';
import type { Argument, CallExpression, Expression, LabelledCall } from './ast.js';
import { type Building, identifier, only, stretch } from './building.js';
import { numberValue, stringValue } from './literals.js';
import { OperatorChain } from './operator-chain.js';
import { type Span, spanning } from './source.js';
import { spanOf } from './tokenize.js';
import { firstToken } from './tree-order.js';

/** Later stages recurse over expressions, which must not overflow the stack. */
export const deepestExpression = 400;

/** @param depth number of enclosing levels */
export function buildExpression(node: ExpressionCstNode, depth: number, building: Building): Expression {
  const { operand: operands, BinaryOperator: operators = [] } = node.children;
  const tallest = operands.reduce((most, operand) => Math.max(most, heightOf(operand)), 0);
  const below = depth + 1 + operators.length + tallest;
  if (below > deepestExpression) return tooDeep(operands, building);
  return new OperatorChain(operands, operators, building, (operand) => buildPostfix(operand, below, building)).build();
}

function heightOf({ children }: OperandCstNode): number {
  return (children.PrefixOperator ?? []).length + (children.Dot ?? []).length;
}

function tooDeep(operands: readonly OperandCstNode[], { source, collector }: Building): Expression {
  const start = firstToken(only(operands)).startOffset;
  const span: Span = { source, start, end: start + 1 };
  collector.error('AE105', `the expression that continues here is more than ${deepestExpression} levels deep`, span, {
    hint: "name parts of it, with 'let' or 'define'",
  });
  return { kind: 'boolean', value: false, span };
}

function buildPostfix({ children }: OperandCstNode, depth: number, building: Building): Expression {
  let object = buildPrimary(only(children.primary), depth, building);
  for (const word of children.Word ?? []) {
    const member = identifier(word, building);
    object = { kind: 'member', object, member, span: spanning(object.span, member.span) };
  }
  return object;
}

function buildPrimary({ children }: PrimaryCstNode, depth: number, building: Building): Expression {
  const { source } = building;
  const [call] = children.call ?? [];
  if (call) return buildCall(call, depth, building);
  const [choice] = children.choice ?? [];
  if (choice) {
    const word = identifier(only(choice.children.Where), building);
    const given = buildArguments(only(choice.children.arguments), depth, building);
    const span = spanning(word.span, given.span);
    return { kind: 'call', word, arguments: given.arguments, block: null, span };
  }
  const [parenthesised] = children.parenthesised ?? [];
  if (parenthesised) {
    const { LeftParenthesis, expression, RightParenthesis } = parenthesised.children;
    const span = stretch(only(LeftParenthesis), only(RightParenthesis), building);
    return { ...buildExpression(only(expression), depth, building), span };
  }
  const [list] = children.list ?? [];
  if (list) {
    const { LeftBracket, expression = [], RightBracket } = list.children;
    const items = expression.map((item) => buildExpression(item, depth, building));
    return { kind: 'list', items, span: stretch(only(LeftBracket), only(RightBracket), building) };
  }
  const [number] = children.NumberLiteral ?? [];
  if (number) {
    return { kind: 'number', value: numberValue(number.image), text: number.image, span: spanOf(number, source) };
  }
  const [string] = children.StringLiteral ?? [];
  if (string) return { kind: 'string', value: stringValue(string.image), span: spanOf(string, source) };
  const [yes] = children.True ?? [];
  if (yes) return { kind: 'boolean', value: true, span: spanOf(yes, source) };
  const [no] = children.False ?? [];
  if (no) return { kind: 'boolean', value: false, span: spanOf(no, source) };
  return { kind: 'name', ...identifier(only(children.Identifier ?? children.Encoder), building) };
}

export function buildCall({ children }: CallCstNode, depth: number, building: Building): CallExpression {
  const word = identifier(only(children.Identifier), building);
  const [parentheses] = children.arguments ?? [];
  const [layers] = children.layers ?? [];
  const block = layers ? buildLayers(layers, depth + 1, building) : null;
  const given = parentheses ? buildArguments(parentheses, depth, building) : null;
  const end = block?.span ?? given?.span ?? word.span;
  return {
    kind: 'call',
    word,
    arguments: given?.arguments ?? [],
    block: block?.layers ?? null,
    span: spanning(word.span, end),
  };
}

export function buildArguments(
  { children }: ArgumentsCstNode,
  depth: number,
  building: Building,
): { readonly arguments: readonly Argument[]; readonly span: Span } {
  return {
    arguments: (children.argument ?? []).map((argument) => buildArgument(argument, depth, building)),
    span: stretch(only(children.LeftParenthesis), only(children.RightParenthesis), building),
  };
}

function buildArgument({ children }: ArgumentCstNode, depth: number, building: Building): Argument {
  const [word] = children.SettingName ?? [];
  const name = word ? identifier(word, building) : null;
  const value = buildExpression(only(children.expression), depth, building);
  return { name, value, span: name ? spanning(name.span, value.span) : value.span };
}

export function buildLayers(
  { children }: LayersCstNode,
  depth: number,
  building: Building,
): { readonly layers: readonly LabelledCall[]; readonly span: Span } {
  return {
    layers: (children.labelledCall ?? []).map((layer) => buildLabelledCall(layer, depth, building)),
    span: stretch(only(children.LeftBrace), only(children.RightBrace), building),
  };
}

function buildLabelledCall({ children }: LabelledCallCstNode, depth: number, building: Building): LabelledCall {
  const [word] = children.Identifier ?? [];
  const label = word ? identifier(word, building) : null;
  const call = buildCall(only(children.call), depth, building);
  return { label, call, span: label ? spanning(label.span, call.span) : call.span };
}
