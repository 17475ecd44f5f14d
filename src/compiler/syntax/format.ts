import type { Outcome } from '../diagnostics/diagnostic.js';
import { recognizeFile } from './concrete-syntax.js';
import { align } from './formatting/alignment.js';
import { CommentGaps } from './formatting/comment-gaps.js';
import { Layout } from './formatting/layout.js';
import { print } from './formatting/printer.js';
import { TokenPrinter } from './formatting/token-printer.js';
import { parse } from './parse.js';
import { type Source, withNewlines } from './source.js';
import { tokenize } from './tokenize.js';

/** Target line width. */
export const formattedWidth = 110;

/** Formats a source canonically: same meaning, all comments kept, idempotent. Fails if the source has errors. */
export function format(source: Source): Outcome<string> {
  const { value, diagnostics } = parse(source);
  if (value === null) return { value: null, diagnostics };
  const unix: Source = { ...source, text: withNewlines(source.text) };
  const { tokens, comments } = tokenize(unix);
  const { tree } = recognizeFile(tokens, 0);
  if (tree === null) throw new Error('a source that parsed once failed to parse again');
  const printer = new TokenPrinter(unix, tokens, new CommentGaps(unix, tokens, comments));
  const lines = align(print(new Layout(printer).file(tree), formattedWidth));
  const text = lines.join('\n');
  return { value: text === '' ? '' : `${text}\n`, diagnostics };
}

/** Gives a formatted text the original's line endings: git may check files out with CRLF. */
export function withLineEndsOf(text: string, formatted: string): string {
  const isWindows = text.includes('\r\n') && !/(?<!\r)\n|\r(?!\n)/.test(text);
  return isWindows ? formatted.replaceAll('\n', '\r\n') : formatted;
}
