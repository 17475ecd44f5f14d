import {
  type CstElement,
  type CstNode,
  EOF,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type IToken,
  Lexer,
  type TokenType,
} from 'chevrotain';
import type { ExpressionCstNode, FileCstNode } from '../../../grammar/cst.generated.js';
import { AeParser } from '../../../grammar/parser.js';
import { allTokens } from '../../../grammar/tokens.js';
import { tooDeepBracket } from './nesting.js';
import type { Source } from './source.js';
import { childrenInOrder, isToken } from './tree-order.js';

/** Result of parsing the tokens; the tree is null after an error. */
export interface Recognized<T> {
  readonly tree: T | null;
  readonly errors: readonly IRecognitionException[];
}

/*
 * Tables are computed from the grammar (about 20 ms), lazily and once. They hold no state of a text: a parser is reset
 * after every use.
 */
export const lexer = once(() => new Lexer([...allTokens], { positionTracking: 'onlyOffset', skipValidations: true }));

const strictParser = once(() => budgeted({ recovers: false }));
const recoveringParser = once(() => budgeted({ recovers: true }));

function budgeted(options: { readonly recovers: boolean }) {
  const budget = new ErrorBudget();
  return { parser: new AeParser(budget, options), budget };
}

/** @param mostErrors number of errors after which to give up */
export function recognizeFile(tokens: readonly IToken[], mostErrors: number): Recognized<FileCstNode> {
  return recognize(tokens, mostErrors, (parser) => parser.file(), isFile);
}

/** @param mostErrors number of errors after which to give up */
export function recognizeExpression(tokens: readonly IToken[], mostErrors: number): Recognized<ExpressionCstNode> {
  return recognize(tokens, mostErrors, (parser) => parser.expression(), isExpression);
}

function recognize<T extends CstNode>(
  tokens: readonly IToken[],
  mostErrors: number,
  rule: (parser: AeParser) => CstNode,
  isTree: (node: CstNode) => node is T,
): Recognized<T> {
  const { parser, budget } = mostErrors === 0 ? strictParser() : recoveringParser();
  budget.refill(mostErrors);
  parser.input = [...tokens];
  try {
    const tree = rule(parser);
    const { errors } = parser;
    return { tree: errors.length === 0 && isTree(tree) ? tree : null, errors };
  } catch (error) {
    if (error instanceof BudgetSpent) return { tree: null, errors: parser.errors };
    throw error;
  } finally {
    parser.input = [];
  }
}

function isFile(node: CstNode): node is FileCstNode {
  return node.name === 'file';
}

function isExpression(node: CstNode): node is ExpressionCstNode {
  return node.name === 'expression';
}

/** The concrete syntax tree as plain data: rules with their children, down to the tokens. */
export type SyntaxTree =
  | { readonly rule: string; readonly children: readonly SyntaxTree[] }
  | { readonly token: string; readonly text: string; readonly start: number };

/** Returns the concrete syntax tree of a file, or null after a syntax error, which `parse` describes. */
export function syntaxTree(source: Source): SyntaxTree | null {
  const { tokens } = lexer().tokenize(source.text);
  if (tooDeepBracket(tokens) !== null) return null;
  const { tree } = recognizeFile(tokens, 0);
  return tree === null ? null : plain(tree);
}

function plain(element: CstElement): SyntaxTree {
  if (isToken(element)) return { token: element.tokenType.name, text: element.image, start: element.startOffset };
  return { rule: element.name, children: childrenInOrder(element).map(plain) };
}

class BudgetSpent extends Error {}

/**
 * Chevrotain asks for a message at every error, and has no other way to be stopped. The message is internal: it records
 * the expected token, which the error does not hold otherwise.
 */
class ErrorBudget implements IParserErrorMessageProvider {
  #left = 0;

  refill(errors: number): void {
    this.#left = errors;
  }

  buildMismatchTokenMessage({ expected }: { readonly expected: TokenType }): string {
    return this.#spend(expected.name);
  }

  buildNotAllInputParsedMessage(): string {
    return this.#spend(EOF.name);
  }

  buildNoViableAltMessage(): string {
    return this.#spend('');
  }

  buildEarlyExitMessage(): string {
    return this.#spend('');
  }

  #spend(expected: string): string {
    if (this.#left === 0) throw new BudgetSpent();
    this.#left--;
    return expected;
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
