import { createTokenInstance, EOF, type IToken, type TokenType, tokenMatcher } from 'chevrotain';
import * as t from '../../../grammar/tokens.js';
import { abridged } from './literals.js';

/** Placeholder before the first and after the last token. */
export const noToken: IToken = createTokenInstance(EOF, '', 0, -1, NaN, NaN, NaN, NaN);

export function is(token: IToken, type: TokenType): boolean {
  return tokenMatcher(token, type);
}

export function isOneOf(token: IToken, types: readonly TokenType[]): boolean {
  return types.some((type) => is(token, type));
}

/** Creates a token that is missing from the text, at the place of another. */
export function invented(type: TokenType, image: string, place: IToken): IToken {
  return createTokenInstance(type, image, place.startOffset, place.startOffset - 1, NaN, NaN, NaN, NaN);
}

/** Reinterprets a token, optionally with another spelling. */
export function readAs(type: TokenType, token: IToken, image = token.image): IToken {
  const { startOffset } = token;
  return createTokenInstance(type, image, startOffset, startOffset + token.image.length - 1, NaN, NaN, NaN, NaN);
}

export function isLiteral(token: IToken): boolean {
  return isOneOf(token, [t.NumberLiteral, t.StringLiteral, t.True, t.False]);
}

/** Returns whether an operand may begin with it; an opening parenthesis after a name is a call instead. */
export function startsOperand(token: IToken): boolean {
  return isLiteral(token) || isOneOf(token, [t.Identifier, t.LeftBracket, t.Not]);
}

const operandEnds = [t.Identifier, t.RightParenthesis, t.RightBracket, t.RightBrace, t.Encoder];

/** Returns whether an operand may end with it. */
export function endsOperand(token: IToken): boolean {
  return isLiteral(token) || isOneOf(token, operandEnds);
}

const declarations = [t.Experiment, t.Param, t.Let];
const takeBraces = [t.Encoder, t.Show, t.Evaluate, t.Sweep];
const takeWord = [t.Data, t.Target, t.Pretrain, t.Train];

/** Returns whether a keyword begins a statement, to judge by what follows. */
export function startsStatement(keyword: IToken, next: IToken): boolean {
  if (isOneOf(keyword, declarations) || isOneOf(keyword, takeWord)) return is(next, t.Identifier);
  if (isOneOf(keyword, takeBraces)) return is(next, t.LeftBrace);
  if (isOneOf(keyword, [t.Decoder, t.Corrupt])) return isOneOf(next, [t.LeftBrace, t.Identifier]);
  if (is(keyword, t.Without)) return is(next, t.RemovableKeyword);
  if (is(keyword, t.Loss)) return startsOperand(next) || isOneOf(next, [t.LeftParenthesis, t.Minus]);
  return false;
}

/** Returns whether it can only be the keyword of a statement, and not a name that is spelled like one. */
export function isStatementKeyword(token: IToken, next: IToken): boolean {
  return is(token, t.StatementKeyword) && (!is(token, t.Identifier) || startsStatement(token, next));
}

/** Returns whether a definition, or a reference to a file of definitions, begins here. */
export function startsDefinition(token: IToken, next: IToken): boolean {
  return is(token, t.Define) ? isOneOf(next, [t.Loss, t.Identifier]) : is(token, t.Use) && is(next, t.StringLiteral);
}

const operandBeginnings = [t.Equals, t.Comma, t.LeftParenthesis, t.LeftBracket, t.BinaryOperator, t.PrefixOperator];

/** Returns whether only an operand can come next. */
export function wantsOperand(previous: IToken): boolean {
  return isOneOf(previous, operandBeginnings);
}

/** Keywords whose statement begins with a call. */
export const keywordsBeforeCalls: readonly TokenType[] = [...takeWord, t.Corrupt, t.Decoder];

export function isInvented(token: IToken): boolean {
  return (token.endOffset ?? token.startOffset) < token.startOffset;
}

/** Quotes a token for a message. */
export function shown(token: IToken): string {
  const text = abridged(token.image);
  return text.startsWith('"') || text.startsWith("'") ? text : `'${text}'`;
}
