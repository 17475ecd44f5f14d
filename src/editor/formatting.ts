import type { TextEdit } from 'vscode-languageserver';
import { format, withLineEndsOf } from '../compiler/syntax/format.js';
import type { Source } from '../compiler/syntax/source.js';
import { rangeOf } from './positions.js';

/** The edit that formats a text: everything from the first to the last changed line. None for a text with errors. */
export function formattingEdits(source: Source): readonly TextEdit[] {
  const { value } = format(source);
  if (value === null) return [];
  const { text } = source;
  const formatted = withLineEndsOf(text, value);
  if (formatted === text) return [];
  const most = Math.min(text.length, formatted.length);
  let start = 0;
  while (start < most && text[start] === formatted[start]) start++;
  // To the start of the line, so that no pair of code units or line ends is cut.
  start = Math.max(text.lastIndexOf('\n', start - 1) + 1, 0);
  let end = 0;
  while (end < most - start && text.at(-1 - end) === formatted.at(-1 - end)) end++;
  const lineEnd = text.indexOf('\n', text.length - end);
  end = lineEnd < 0 ? 0 : text.length - lineEnd - 1;
  return [
    { range: rangeOf(source, start, text.length - end), newText: formatted.slice(start, formatted.length - end) },
  ];
}
