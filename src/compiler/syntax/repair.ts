import type { IToken, TokenType } from 'chevrotain';
import * as t from '../../../grammar/tokens.js';
import { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { type Frame, type Holds, type Mended, repairOf } from './common-mistakes.js';
import { hasLineEnd, type Source } from './source.js';
import {
  invented,
  is,
  isInvented,
  isOneOf,
  isStatementKeyword,
  noToken,
  shown,
  startsDefinition,
  startsStatement,
  wantsOperand,
} from './token-kinds.js';
import { type Comment, errorLimit, spanOf } from './tokenize.js';

export interface Repaired {
  readonly tokens: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
  /** Brackets closed only inside a comment, as in `dense(16 // 2)`. */
  readonly closedInComments: number;
}

/**
 * Walks the tokens of a rejected text, reports unbalanced brackets and common mistakes, and repairs them, so that the
 * parser can continue and find the remaining errors.
 */
export function repair(tokens: readonly IToken[], source: Source, options: RepairOptions): Repaired {
  const { whole, endIsLost, comments } = options;
  const plain = new Repairer(source, whole, endIsLost, []).run(tokens);
  const cuts = comments.filter(({ kind, text }) => kind === 'line' && unmatchedClosers(text).length > 0);
  if (cuts.length === 0) return plain;
  // Brackets in comments usually mean nothing. Assume that some were meant to close one if that reduces the errors.
  const cut = new Repairer(source, whole, endIsLost, cuts).run(tokens);
  return cut.diagnostics.length <= plain.diagnostics.length && cut.closedInComments > 0 ? cut : plain;
}

export interface RepairOptions {
  readonly whole: 'experiments' | 'expression';
  /** Whether an unclosed comment swallowed the end of the text, with its closing brackets. */
  readonly endIsLost: boolean;
  readonly comments: readonly Comment[];
}

interface Bracket {
  readonly closer: TokenType;
  readonly text: string;
}

const brackets: ReadonlyMap<TokenType, Bracket> = new Map([
  [t.LeftParenthesis, { closer: t.RightParenthesis, text: ')' }],
  [t.LeftBracket, { closer: t.RightBracket, text: ']' }],
  [t.LeftBrace, { closer: t.RightBrace, text: '}' }],
]);
const closers: readonly TokenType[] = [t.RightParenthesis, t.RightBracket, t.RightBrace];

class Repairer {
  readonly #source: Source;
  readonly #collector = new DiagnosticCollector();
  readonly #base: Frame;
  readonly #open: Frame[] = [];
  readonly #output: IToken[] = [];
  readonly #endIsLost: boolean;
  readonly #cuts: readonly Comment[];
  #nextCut = 0;
  #closedInComments = 0;
  #lastExperiment: Frame | null = null;

  /** @param cuts comments that may have swallowed a closing bracket */
  constructor(source: Source, whole: 'experiments' | 'expression', endIsLost: boolean, cuts: readonly Comment[]) {
    this.#cuts = cuts;
    this.#source = source;
    this.#endIsLost = endIsLost;
    this.#base = { holds: whole, opener: noToken, statement: noToken, skipping: false, said: new Set() };
  }

  run(tokens: readonly IToken[]): Repaired {
    let position = 0;
    for (
      let token = tokens[0];
      token !== undefined && this.#collector.all.length <= errorLimit;
      token = tokens[position]
    ) {
      position += this.#step(token, tokens[position + 1] ?? noToken, tokens[position + 2] ?? noToken);
    }
    this.#closeInComments(Number.POSITIVE_INFINITY);
    while (this.#open.length > 0) this.#closeMissing(noToken);
    return {
      tokens: this.#output,
      diagnostics: this.#collector.all,
      closedInComments: this.#closedInComments,
    };
  }

  #last(back = 1): IToken {
    return this.#output.at(-back) ?? noToken;
  }

  get #top(): Frame {
    return this.#open.at(-1) ?? this.#base;
  }

  /** Handles one token, or all tokens of one mistake. Returns how many. */
  #step(token: IToken, next: IToken, afterNext: IToken): number {
    this.#closeInComments(token.startOffset);
    this.#closeBefore(token, next);
    const frame = this.#top;
    if (frame.skipping) {
      if (!this.#endsSkipping(token, next)) {
        this.#accept(token);
        return 1;
      }
      frame.skipping = false;
    }
    if (frame.holds === 'experiments') this.#openBefore(token, next);
    const [beforePrevious, previous] = [this.#last(2), this.#last()];
    const mended = repairOf({
      frame: this.#top,
      beforePrevious,
      previous,
      token,
      next,
      afterNext,
      source: this.#source,
    });
    if (mended === null) {
      this.#accept(token);
      return 1;
    }
    this.#report(mended);
    for (const each of mended.tokens) this.#accept(each);
    if (mended.skip) this.#top.skipping = true;
    return mended.consumed;
  }

  #report({ at, message, hint, once }: Mended): void {
    const { said } = this.#top;
    if (once && said.has(message)) return;
    if (once) said.add(message);
    this.#collector.error('AE102', message, spanOf(at, this.#source), { hint });
  }

  /** Closes brackets that are still open where a statement begins. */
  #closeBefore(token: IToken, next: IToken): void {
    const isDefinition = startsDefinition(token, next) && !isOneOf(this.#last(), [t.Experiment, t.Extends]);
    if (isOneOf(this.#last(), [t.Dot, t.Colon])) return;
    // `define loss`: the second word begins no statement.
    if (is(this.#last(), t.Define) && this.#top.holds === 'experiments') return;
    const isStatement = is(token, t.StatementKeyword) && startsStatement(token, next);
    if (this.#top.skipping || (!isDefinition && !isStatement)) return;
    if (isDefinition && this.#top.holds === 'statements') return;
    const belongsIn: Holds = isDefinition || is(token, t.Experiment) ? 'experiments' : 'statements';
    const level = [this.#base, ...this.#open].findLastIndex((frame) => frame.holds === belongsIn);
    while (level !== -1 && this.#open.length > level) this.#closeMissing(token);
  }

  /** Closes the brackets that the preceding comments would close, had they been code. */
  #closeInComments(before: number): void {
    for (let cut = this.#cuts[this.#nextCut]; cut !== undefined && cut.span.start < before; ) {
      for (const text of unmatchedClosers(cut.text)) {
        const { opener, skipping } = this.#top;
        const bracket = brackets.get(opener.tokenType);
        if (bracket?.text !== text || skipping || isInvented(opener) || !this.#standsBeside(cut)) break;
        this.#collector.error('AE102', `this ${shown(opener)} is never closed`, spanOf(opener, this.#source), {
          related: [{ span: cut.span, message: 'this is a comment' }],
          hint: `'//' begins a comment, which includes the '${text}'; use '/' to divide`,
        });
        this.#closedInComments++;
        this.#pop(invented(bracket.closer, bracket.text, this.#last()));
      }
      cut = this.#cuts[++this.#nextCut];
    }
  }

  /** Returns whether a comment follows code on its line; a comment on its own line is no mistake. */
  #standsBeside({ span }: Comment): boolean {
    const { startOffset, image } = this.#last();
    return !hasLineEnd(this.#source.text.slice(startOffset + image.length, span.start));
  }

  /** Handles a statement outside of all experiments: the previous one was closed too early, or never opened. */
  #openBefore(token: IToken, next: IToken): void {
    if (!isStatementKeyword(token, next) || isOneOf(token, [t.Experiment, t.Extends, t.Where])) return;
    const closing = this.#last();
    if (isOneOf(closing, [t.Experiment, t.Extends])) return;
    const isAfterExperiment = !isOneOf(this.#top.statement, [t.Define, t.Use]);
    if (is(closing, t.Define) || is(this.#last(2), t.Define) || (!isAfterExperiment && wantsOperand(closing))) return;
    const here = spanOf(token, this.#source);
    if (isAfterExperiment && isOneOf(closing, [t.Identifier, t.StringLiteral])) {
      const message = `expected '{' after ${shown(closing)}, not ${shown(token)}`;
      this.#collector.error('AE102', message, here, { hint: 'statements belong in: experiment name { … }' });
      this.#accept(invented(t.LeftBrace, '{', token));
      return;
    }
    if (isAfterExperiment && this.#lastExperiment !== null && is(closing, t.RightBrace)) {
      this.#collector.error('AE102', `${shown(token)} is outside its experiment`, here, {
        related: [{ span: spanOf(closing, this.#source), message: 'the experiment ends here' }],
        hint: "remove this '}', or an earlier one",
      });
      this.#output.pop();
      this.#open.push(this.#lastExperiment);
      return;
    }
    this.#collector.error('AE102', `${shown(token)} is outside any experiment`, here, {
      hint: 'statements belong in: experiment name { … }',
    });
    this.#accept(invented(t.Experiment, 'experiment', token));
    this.#accept(invented(t.Identifier, 'unnamed', token));
    this.#accept(invented(t.LeftBrace, '{', token));
  }

  #endsSkipping(token: IToken, next: IToken): boolean {
    const { holds, opener } = this.#top;
    if (holds === 'experiments') return isStatementKeyword(token, next) || startsDefinition(token, next);
    if (holds !== 'statements') return false;
    if (is(token, t.RightBrace)) return is(opener, t.LeftBrace);
    if (is(token, t.Identifier) && !isStatementKeyword(token, next)) return is(next, t.Equals);
    return is(token, t.StatementKeyword) && !isOneOf(token, [t.Extends, t.Where]);
  }

  #accept(token: IToken): void {
    if (brackets.has(token.tokenType)) {
      this.#emit(token);
      this.#open.push(this.#frameOf(token));
    } else if (closers.includes(token.tokenType)) {
      this.#close(token);
    } else {
      const frame = this.#top;
      const isName = is(token, t.Identifier) && (wantsOperand(this.#last()) || isOneOf(this.#last(), [t.Param, t.Let]));
      const isStatement = is(token, t.StatementKeyword) && !is(token, t.Where) && !isInvented(token) && !isName;
      if (frame.holds === 'statements' && isStatement) frame.statement = token;
      const isOfExperiment = isOneOf(this.#last(), [t.Experiment, t.Extends]);
      const isTop = is(token, t.Experiment) || (isOneOf(token, [t.Define, t.Use]) && !isOfExperiment);
      if (frame.holds === 'experiments' && isTop) frame.statement = token;
      this.#emit(token);
    }
  }

  #emit(token: IToken): void {
    if (!this.#top.skipping) this.#output.push(token);
  }

  #frameOf(opener: IToken): Frame {
    const { skipping } = this.#top;
    return { holds: this.#heldBy(opener), opener, statement: noToken, skipping, said: new Set() };
  }

  #heldBy(opener: IToken): Holds {
    if (is(opener, t.LeftBracket)) return 'items';
    if (is(opener, t.LeftParenthesis)) {
      const isChoice = is(this.#last(2), t.Where) && wantsOperand(this.#last(3));
      return isChoice || is(this.#last(2), t.Identifier) ? 'arguments' : 'parenthesised';
    }
    const { holds, statement } = this.#top;
    if (holds === 'experiments') return is(statement, t.Define) ? 'layers' : 'statements';
    if (holds !== 'statements') return 'layers';
    if (isOneOf(statement, [t.Train, t.Pretrain, t.Sweep])) return 'settings';
    return isOneOf(statement, [t.Show, t.Evaluate, t.Corrupt]) ? 'calls' : 'layers';
  }

  #close(token: IToken): void {
    const level = this.#open.findLastIndex((frame) => closes(token, frame));
    const crossed = this.#open.slice(level + 1);
    const reachable =
      level !== -1 && (is(token, t.RightBrace) || crossed.every(({ opener }) => !is(opener, t.LeftBrace)));
    if (reachable) {
      while (this.#open.length > level + 1) this.#closeMissing(token);
      this.#pop(token);
      return;
    }
    const { opener, skipping } = this.#top;
    if (skipping) return;
    const bracket = brackets.get(opener.tokenType);
    const here = spanOf(token, this.#source);
    if (bracket !== undefined && !is(opener, t.LeftBrace) && !is(token, t.RightBrace)) {
      this.#collector.error('AE102', `${shown(opener)} is closed by ${shown(token)}`, here, {
        related: [{ span: spanOf(opener, this.#source), message: 'opened here' }],
        hint: { hint: `write '${bracket.text}'`, replacement: bracket.text },
      });
      this.#pop(invented(bracket.closer, bracket.text, token));
      return;
    }
    this.#collector.error('AE102', `this ${shown(token)} closes nothing`, here, {
      hint: { hint: 'remove it', replacement: '' },
    });
  }

  #pop(closer: IToken): void {
    const closed = this.#open.pop();
    if (closed?.holds === 'statements') this.#lastExperiment = closed;
    this.#emit(closer);
  }

  /** @param before the token that can't be inside; `noToken` at the end of the text */
  #closeMissing(before: IToken): void {
    const { opener, skipping } = this.#top;
    const bracket = brackets.get(opener.tokenType);
    if (bracket === undefined) return;
    const isExcused = skipping || isInvented(opener) || (before === noToken && this.#endIsLost);
    if (!isExcused) {
      const expected = `expected '${bracket.text}' before this`;
      this.#collector.error('AE102', `this ${shown(opener)} is never closed`, spanOf(opener, this.#source), {
        related: before === noToken ? [] : [{ span: spanOf(before, this.#source), message: expected }],
        hint: `close it with '${bracket.text}'`,
      });
    }
    this.#pop(invented(bracket.closer, bracket.text, before === noToken ? this.#last() : before));
  }
}

function closes(closer: IToken, { opener }: Frame): boolean {
  return brackets.get(opener.tokenType)?.closer === closer.tokenType;
}

/** Closing brackets in a text without an opening one in it. */
function unmatchedClosers(text: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  for (const [character] of text.matchAll(/[([{)\]}]/g)) {
    if ('([{'.includes(character)) depth++;
    else if (depth > 0) depth--;
    else found.push(character);
  }
  return found;
}
