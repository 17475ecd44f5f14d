import { type IToken, tokenMatcher } from 'chevrotain';
import type { OperandCstNode } from '../../../grammar/cst.generated.js';
import * as tokens from '../../../grammar/tokens.js';
import type { ArithmeticExpression, ComparisonOperator, Expression, LogicalExpression } from './ast.js';
import type { Building } from './building.js';
import { type Span, spanning } from './source.js';
import { spanOf } from './tokenize.js';

const loosest = 0;
const levels: ReadonlyMap<string, number> = new Map(
  tokens.binaryPrecedence.flatMap((row, level) => row.map((operator) => [operator.name, level] as const)),
);
/** Precedence of an operator, from 0. */
export const levelOf = (operator: IToken): number => levels.get(operator.tokenType.name) ?? loosest;
const comparisonLevel = levels.get(tokens.Less.name) ?? loosest;
const powerLevel = levels.get(tokens.Power.name) ?? loosest;

/**
 * Groups operands and operators by precedence climbing. Loops over left-associative operators, so that only prefixes
 * and `**` recurse.
 */
export class OperatorChain {
  readonly #operands: readonly OperandCstNode[];
  readonly #operators: readonly IToken[];
  readonly #building: Building;
  readonly #buildOperand: (operand: OperandCstNode) => Expression;
  #position = 0;
  #prefixesRead = 0;

  constructor(
    operands: readonly OperandCstNode[],
    operators: readonly IToken[],
    building: Building,
    buildOperand: (operand: OperandCstNode) => Expression,
  ) {
    this.#operands = operands;
    this.#operators = operators;
    this.#building = building;
    this.#buildOperand = buildOperand;
  }

  build(): Expression {
    return this.#read(loosest);
  }

  /** Reads up to an operator that binds less tightly than `lowest`. */
  #read(lowest: number): Expression {
    let left = this.#prefixed(lowest);
    for (let next = this.#operatorFrom(lowest); next !== null; next = this.#operatorFrom(lowest)) {
      left = levelOf(next) === comparisonLevel ? this.#comparison(left) : this.#binary(left, next);
    }
    return left;
  }

  #operatorFrom(lowest: number): IToken | null {
    const operator = this.#operators[this.#position];
    return operator !== undefined && levelOf(operator) >= lowest ? operator : null;
  }

  #advance(): void {
    this.#position++;
    this.#prefixesRead = 0;
  }

  #prefixed(lowest: number): Expression {
    const operand = this.#operands[this.#position];
    if (operand === undefined) throw new Error('an operator of the syntax tree lacks its operand');
    const prefix = operand.children.PrefixOperator?.[this.#prefixesRead];
    if (prefix === undefined) return this.#buildOperand(operand);
    this.#prefixesRead++;
    const start = this.#span(prefix);
    if (tokenMatcher(prefix, tokens.Minus)) {
      const negated = this.#read(powerLevel);
      return { kind: 'unary', operator: '-', operand: negated, span: spanning(start, negated.span) };
    }
    if (lowest > comparisonLevel) {
      this.#building.collector.error('AE102', "'not' binds less tightly than the operator before it", start, {
        hint: 'put parentheses around it: (not …)',
      });
    }
    const denied = this.#read(comparisonLevel);
    return { kind: 'unary', operator: 'not', operand: denied, span: spanning(start, denied.span) };
  }

  #binary(left: Expression, operator: IToken): Expression {
    this.#advance();
    const rightwards = levelOf(operator) === powerLevel;
    const right = this.#read(rightwards ? powerLevel : levelOf(operator) + 1);
    const span = spanning(left.span, right.span);
    const logical = logicalOperator(operator.image);
    if (logical !== null) return { kind: 'logical', operator: logical, left, right, span };
    return { kind: 'arithmetic', operator: arithmeticOperator(operator.image), left, right, span };
  }

  /** `a < b <= c` is one comparison with three operands. */
  #comparison(first: Expression): Expression {
    const operands = [first];
    const operators: ComparisonOperator[] = [];
    let list: Expression | null = null;
    for (let next = this.#operatorFrom(comparisonLevel); next !== null; next = this.#operatorFrom(comparisonLevel)) {
      if (levelOf(next) !== comparisonLevel) break;
      this.#advance();
      const right = this.#read(comparisonLevel + 1);
      const isMembership = tokenMatcher(next, tokens.In);
      if (list !== null || (isMembership && operators.length > 0)) this.#reportChainedMembership(next);
      if (isMembership) {
        list = right;
      } else {
        operands.push(right);
        operators.push(comparisonOperator(next.image));
      }
    }
    const span = spanning(first.span, (list ?? operands.at(-1) ?? first).span);
    return list === null
      ? { kind: 'comparison', operands, operators, span }
      : { kind: 'membership', value: first, list, span };
  }

  #reportChainedMembership(operator: IToken): void {
    this.#building.collector.error('AE102', "'in' does not chain with other comparisons", this.#span(operator), {
      hint: "join the two with 'and'",
    });
  }

  #span(token: IToken): Span {
    return spanOf(token, this.#building.source);
  }
}

function logicalOperator(text: string): LogicalExpression['operator'] | null {
  return text === 'and' || text === 'or' ? text : null;
}

function arithmeticOperator(text: string): ArithmeticExpression['operator'] {
  if (text === '+' || text === '-' || text === '*' || text === '/' || text === '**') return text;
  throw new Error(`the grammar has an operator that the tree does not: ${text}`);
}

function comparisonOperator(text: string): ComparisonOperator {
  if (text === '<' || text === '<=' || text === '>' || text === '>=' || text === '==' || text === '!=') return text;
  throw new Error(`the grammar has an operator that the tree does not: ${text}`);
}
