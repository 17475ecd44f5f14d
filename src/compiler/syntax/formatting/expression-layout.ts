import type { IToken } from 'chevrotain';
import type {
  ArgumentsCstNode,
  CallCstNode,
  ExpressionCstNode,
  OperandCstNode,
  PrimaryCstNode,
} from '../../../../grammar/cst.generated.js';
import { Not } from '../../../../grammar/tokens.js';
import { at, only } from '../building.js';
import { levelOf } from '../operator-chain.js';
import { is } from '../token-kinds.js';
import { firstToken } from '../tree-order.js';
import { concat, type Document, group, ifBroken, indent, nothing, text } from './document.js';
import type { TokenPrinter } from './token-printer.js';

const space = text(' ');

/** Lays out expressions, and everything in parentheses and square brackets. */
export class ExpressionLayout {
  readonly #print: TokenPrinter;
  readonly #call: (node: CallCstNode) => Document;
  readonly #arguments: (node: ArgumentsCstNode) => Document;

  constructor(
    printer: TokenPrinter,
    call: (node: CallCstNode) => Document,
    given: (node: ArgumentsCstNode) => Document,
  ) {
    this.#print = printer;
    this.#call = call;
    this.#arguments = given;
  }

  expression({ children }: ExpressionCstNode): Document {
    const { operand: operands, BinaryOperator: operators = [] } = children;
    const steps = operators.map((operator, index) => ({ operator, operand: at(operands, index + 1) }));
    const comments = this.#print.leading(firstToken(at(operands, 0)));
    return concat([comments, this.#chain(at(operands, 0), steps)]);
  }

  /** Values between brackets, with a trailing comma if they are on separate lines. */
  bracketed(
    open: Document,
    items: readonly (() => Document)[],
    commas: readonly IToken[],
    right: readonly IToken[],
  ): Document {
    const closer = only(right);
    const parts: Document[] = [];
    for (const [index, print] of items.entries()) {
      parts.push(this.#print.line(index === 0 ? '' : ' '), print());
      if (index < items.length - 1) {
        parts.push(this.#print.close(at(commas, index)));
      } else {
        const comma = commas[index];
        parts.push(ifBroken(','), comma ? this.#print.omitted(comma) : nothing);
      }
    }
    const comments = this.#print.commentsBeforeCloser(closer, items.length === 0, '');
    const isEmpty = items.length === 0 && comments === nothing;
    const inside = indent(concat([...parts, comments]));
    const end = isEmpty ? nothing : this.#print.line('');
    return concat([open, group(concat([inside, end])), this.#print.closer(closer)]);
  }

  /** Breaks a chain of operands at its loosest operators first. */
  #chain(first: OperandCstNode, steps: readonly Step[]): Document {
    if (steps.length === 0) return this.#operand(first);
    const loosest = steps.reduce((level, { operator }) => Math.min(level, levelOf(operator)), Number.POSITIVE_INFINITY);
    const operands: Document[] = [];
    let [start, operator]: [OperandCstNode, IToken | null] = [first, null];
    let inner: Step[] = [];
    const endOperand = (): void => {
      const sign = operator === null ? nothing : concat([this.#print.line(' '), this.#print.token(operator), space]);
      operands.push(concat([sign, this.#chain(start, inner)]));
    };
    for (const step of steps) {
      if (levelOf(step.operator) > loosest) {
        inner.push(step);
        continue;
      }
      endOperand();
      [start, operator] = [step.operand, step.operator];
      inner = [];
    }
    endOperand();
    return group(concat([operands[0] ?? nothing, indent(concat(operands.slice(1)))]));
  }

  #operand({ children }: OperandCstNode): Document {
    const parts: Document[] = [];
    for (const prefix of children.PrefixOperator ?? []) {
      parts.push(this.#print.token(prefix), is(prefix, Not) ? space : nothing);
    }
    const primary = only(children.primary);
    parts.push(this.#primary(primary));
    // A dot directly after a number would be read as its decimal point.
    if (primary.children.NumberLiteral && children.Dot) parts.push(space);
    const words = children.Word ?? [];
    for (const [index, dot] of (children.Dot ?? []).entries()) {
      parts.push(this.#print.close(dot), this.#print.token(at(words, index)));
    }
    return concat(parts);
  }

  #primary({ children }: PrimaryCstNode): Document {
    const [call] = children.call ?? [];
    if (call) return this.#call(call);
    const [choice] = children.choice ?? [];
    if (choice) {
      const where = this.#print.token(only(choice.children.Where));
      return concat([where, this.#arguments(only(choice.children.arguments))]);
    }
    const [list] = children.list ?? [];
    if (list) {
      const { LeftBracket, expression = [], Comma = [], RightBracket } = list.children;
      const items = expression.map((item) => () => this.expression(item));
      return this.bracketed(this.#print.token(only(LeftBracket)), items, Comma, RightBracket);
    }
    const [parenthesised] = children.parenthesised ?? [];
    if (parenthesised) {
      const { LeftParenthesis, expression, RightParenthesis } = parenthesised.children;
      const open = this.#print.token(only(LeftParenthesis));
      const inside = concat([this.#print.line(''), this.expression(only(expression))]);
      const comments = this.#print.commentsBeforeCloser(only(RightParenthesis), false, '');
      const body = group(concat([indent(concat([inside, comments])), this.#print.line('')]));
      return concat([open, body, this.#print.closer(only(RightParenthesis))]);
    }
    const { NumberLiteral, StringLiteral, True, False, Identifier, Encoder } = children;
    return this.#print.token(only(NumberLiteral ?? StringLiteral ?? True ?? False ?? Identifier ?? Encoder));
  }
}

interface Step {
  readonly operator: IToken;
  readonly operand: OperandCstNode;
}
