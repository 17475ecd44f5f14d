import { type CodeAction, CodeActionKind, type Range } from 'vscode-languageserver';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { printable } from '../compiler/diagnostics/printable.js';
import type { Source } from '../compiler/syntax/source.js';
import { lspDiagnostics } from './diagnostics.js';
import { offsetOf, rangeOf } from './positions.js';
import type { Reading } from './reading.js';

/** Longest replacement that a title quotes. */
const mostQuoted = 60;

/** Code actions for diagnostics that touch a range, if the compiler is sure of the fix. */
export function fixesIn(
  diagnostics: readonly Diagnostic[],
  reading: Reading,
  range: Range,
  uriOf: (source: Source) => string,
): readonly CodeAction[] {
  const { source } = reading;
  const [from, to] = [offsetOf(source, range.start), offsetOf(source, range.end)];
  const isNear = ({ span }: Diagnostic) => span !== null && span.start <= to && span.end >= from;
  return diagnostics.filter(isNear).flatMap((diagnostic): readonly CodeAction[] => {
    const { fix } = diagnostic;
    // A text of a parent is for its own editor to change.
    if (fix === undefined || fix.span.source.path !== source.path) return [];
    const { start, end } = fix.span;
    return [
      {
        title: titleOf(fix.text, start === end),
        kind: CodeActionKind.QuickFix,
        diagnostics: [...lspDiagnostics([diagnostic], reading, uriOf)],
        isPreferred: true,
        edit: { changes: { [uriOf(source)]: [{ range: rangeOf(source, start, end), newText: fix.text }] } },
      },
    ];
  });
}

function titleOf(text: string, isAdded: boolean): string {
  const trimmed = printable(text.trim());
  const shown = trimmed.length > mostQuoted ? `${trimmed.slice(0, mostQuoted)}…` : trimmed;
  if (shown === '') return 'Remove it';
  return isAdded ? `Add ${shown}` : `Change to ${shown}`;
}
