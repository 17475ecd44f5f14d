import type { IToken } from 'chevrotain';
import type { Source } from '../source.js';
import { type Comment, spanOf } from '../tokenize.js';

/** Comments before a token, by position. */
export interface Gap {
  /** At the end of the previous token's line. */
  readonly trailing: readonly Comment[];
  /** On lines of their own. */
  readonly ownLine: readonly Comment[];
  /** On the token's line, before it. */
  readonly inline: readonly Comment[];
  /** Whether an empty line precedes whatever comes after the previous token's line. */
  readonly blankBefore: boolean;
}

const noGap: Gap = { trailing: [], ownLine: [], inline: [], blankBefore: false };

/** Assigns the comments of a text to the gaps between its tokens. */
export class CommentGaps {
  readonly #source: Source;
  readonly #before = new Map<IToken, Gap>();
  /** After the last token. */
  readonly atEnd: Gap;

  constructor(source: Source, tokens: readonly IToken[], comments: readonly Comment[]) {
    this.#source = source;
    let next = 0;
    let end: number | null = null;
    for (const token of tokens) {
      const { start, end: tokenEnd } = spanOf(token, source);
      const first = next;
      while ((comments[next]?.span.start ?? Number.POSITIVE_INFINITY) < start) next++;
      this.#before.set(token, this.#sort(comments.slice(first, next), end, start));
      end = tokenEnd;
    }
    this.atEnd = this.#sort(comments.slice(next), end, null);
  }

  before(token: IToken): Gap {
    return this.#before.get(token) ?? noGap;
  }

  /** Returns whether two offsets are on different lines. */
  spansLines(start: number, end: number): boolean {
    return this.#source.text.slice(start, end).includes('\n');
  }

  isBlankBetween(start: number, end: number): boolean {
    return /\n[^\S\n]*\n/.test(this.#source.text.slice(start, end));
  }

  #sort(comments: readonly Comment[], after: number | null, before: number | null): Gap {
    const trailing: Comment[] = [];
    const ownLine: Comment[] = [];
    const inline: Comment[] = [];
    let end = after;
    for (const comment of comments) {
      const { span, kind } = comment;
      if (kind === 'block' && before !== null && !this.spansLines(span.end, before)) inline.push(comment);
      else if (end !== null && ownLine.length === 0 && !this.spansLines(end, span.start)) {
        trailing.push(comment);
        end = span.end;
      } else ownLine.push(comment);
    }
    const following = ownLine[0]?.span.start ?? inline[0]?.span.start ?? before;
    const blankBefore = end !== null && following !== null && this.isBlankBetween(end, following);
    return { trailing, ownLine, inline, blankBefore };
  }
}
