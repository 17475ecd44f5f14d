import type { IToken } from 'chevrotain';
import type { Source } from '../source.js';
import { type Comment, spanOf } from '../tokenize.js';
import type { CommentGaps } from './comment-gaps.js';
import { concat, type Document, line, newline, nothing, suffix, text } from './document.js';

/**
 * Prints tokens with the surrounding comments. It must see every token once, in source order, even those omitted from
 * the output, so that no comment is lost.
 */
export class TokenPrinter {
  readonly #source: Source;
  readonly #gaps: CommentGaps;
  readonly #following: ReadonlyMap<IToken, IToken>;
  /** Whether a line break may precede the next token, so that a comment can have its own line there. */
  #atLineStart = true;
  /** Token whose leading comments are already printed. */
  #led: IToken | null = null;

  constructor(source: Source, tokens: readonly IToken[], gaps: CommentGaps) {
    this.#source = source;
    this.#gaps = gaps;
    this.#following = new Map(
      tokens.flatMap((token, i) => (i === 0 ? [] : [[tokens[i - 1] ?? token, token] as const])),
    );
  }

  token(token: IToken): Document {
    const before = this.#commentsBefore(token);
    this.#atLineStart = false;
    return concat([before, text(token.image), this.#commentsAfter(token)]);
  }

  /** Prints the comments before a token, outside the group that it begins, so that they don't break it. */
  leading(token: IToken): Document {
    const comments = this.#commentsBefore(token);
    this.#led = token;
    return comments;
  }

  /** A token without space before it, such as a comma. */
  close(token: IToken): Document {
    const { ownLine, inline } = this.#gaps.before(token);
    this.#atLineStart = false;
    return concat([
      ...ownLine.map((comment) => suffix(commentText(comment))),
      ...inline.map((comment) => text(` ${commentText(comment)}`)),
      text(token.image),
      this.#commentsAfter(token),
    ]);
  }

  /** A closing bracket, after its leading comments. */
  closer(token: IToken): Document {
    this.#atLineStart = false;
    return concat([text(token.image), this.#commentsAfter(token)]);
  }

  /** Prints only the comments of a token. */
  omitted(token: IToken): Document {
    const { ownLine, inline } = this.#gaps.before(token);
    return concat([
      ...[...ownLine, ...inline].map((comment) => suffix(commentText(comment))),
      this.#commentsAfter(token),
    ]);
  }

  /** A line break, if the group is broken. */
  line(flat: string): Document {
    this.#atLineStart = true;
    return line(flat);
  }

  /** A line break inside braces; a space if everything in them is on one line. */
  lineInBraces(isOneLine: boolean): Document {
    this.#atLineStart = true;
    return isOneLine ? line(' ') : newline(false);
  }

  /** A line break, keeping an empty line before the token. */
  newlineBefore(token: IToken): Document {
    this.#atLineStart = true;
    return newline(this.#gaps.before(token).blankBefore);
  }

  /**
   * Comments before a closing bracket, which belong to its contents.
   * @param padding follows the opening bracket if everything is on one line
   */
  commentsBeforeCloser(closer: IToken, isEmpty: boolean, padding: string): Document {
    const { ownLine, inline, blankBefore } = this.#gaps.before(closer);
    const parts: Document[] = [];
    let end: number | null = null;
    for (const comment of ownLine) {
      const blank: boolean =
        end === null ? blankBefore && !isEmpty : this.#gaps.isBlankBetween(end, comment.span.start);
      parts.push(newline(blank), text(commentText(comment)));
      end = comment.span.end;
    }
    // If the closing bracket is on its own line, so is such a comment.
    for (const comment of inline) {
      parts.push(line(isEmpty && parts.length === 0 ? padding : ' '), text(commentText(comment)));
    }
    return parts.length === 0 ? nothing : concat(parts);
  }

  /** Prints the comments after the last token. */
  end(isEmpty: boolean): Document {
    const { ownLine, blankBefore } = this.#gaps.atEnd;
    const parts: Document[] = [];
    let end: number | null = null;
    for (const comment of ownLine) {
      const blank: boolean = end === null ? blankBefore : this.#gaps.isBlankBetween(end, comment.span.start);
      if (end !== null || !isEmpty) parts.push(newline(blank));
      parts.push(text(commentText(comment)));
      end = comment.span.end;
    }
    return concat(parts);
  }

  spansLines(first: IToken, last: IToken): boolean {
    return this.#gaps.spansLines(spanOf(first, this.#source).end, last.startOffset);
  }

  #commentsBefore(token: IToken): Document {
    if (this.#led === token) return nothing;
    const { ownLine, inline } = this.#gaps.before(token);
    if (ownLine.length + inline.length === 0) return nothing;
    const parts: Document[] = [];
    for (const [index, comment] of ownLine.entries()) {
      if (!this.#atLineStart) {
        parts.push(suffix(commentText(comment)));
        continue;
      }
      const following = ownLine[index + 1]?.span.start ?? inline[0]?.span.start ?? token.startOffset;
      parts.push(text(commentText(comment)), newline(this.#gaps.isBlankBetween(comment.span.end, following)));
    }
    for (const comment of inline) parts.push(text(commentText(comment)), text(' '));
    return concat(parts);
  }

  #commentsAfter(token: IToken): Document {
    const following = this.#following.get(token);
    const { trailing } = following === undefined ? this.#gaps.atEnd : this.#gaps.before(following);
    return concat(trailing.map((comment) => suffix(commentText(comment))));
  }
}

function commentText({ text: written, kind }: Comment): string {
  return kind === 'line' ? written.trimEnd() : written;
}
