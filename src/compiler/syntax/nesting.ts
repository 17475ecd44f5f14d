import type { IToken } from 'chevrotain';
import {
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  RightBrace,
  RightBracket,
  RightParenthesis,
} from '../../../grammar/tokens.js';

/** Deeper brackets would overflow the parser's stack; real experiments have at most a dozen. */
export const deepestNesting = 100;

/** First bracket nested too deeply, or null. */
export function tooDeepBracket(tokens: readonly IToken[]): IToken | null {
  let depth = 0;
  for (const token of tokens) {
    if (openers.has(token.tokenType)) depth++;
    else if (closers.has(token.tokenType)) depth = Math.max(0, depth - 1);
    if (depth > deepestNesting) return token;
  }
  return null;
}

const openers: ReadonlySet<unknown> = new Set([LeftParenthesis, LeftBracket, LeftBrace]);
const closers: ReadonlySet<unknown> = new Set([RightParenthesis, RightBracket, RightBrace]);
