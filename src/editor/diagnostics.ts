import { DiagnosticSeverity, DiagnosticTag, type Diagnostic as LspDiagnostic, type Range } from 'vscode-languageserver';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { printable } from '../compiler/diagnostics/printable.js';
import type { Source, Span } from '../compiler/syntax/source.js';
import { rangeOf, rangeOfToken } from './positions.js';
import type { Reading } from './reading.js';

/** Converts diagnostics to the protocol's; those of a parent file are shown where it is named. */
export function lspDiagnostics(
  diagnostics: readonly Diagnostic[],
  reading: Reading,
  uriOf: (source: Source) => string,
): readonly LspDiagnostic[] {
  return diagnostics.map((diagnostic) => lspDiagnostic(diagnostic, reading, uriOf));
}

function lspDiagnostic(
  { code, severity, message, note, hint, span, related }: Diagnostic,
  reading: Reading,
  uriOf: (source: Source) => string,
): LspDiagnostic {
  const { source } = reading;
  const isOwn = span?.source.path === source.path;
  const others = [
    ...(span !== null && !isOwn ? [{ span, message }] : []),
    ...related.map((each) => ({ span: each.span, message: each.message })),
  ];
  const information = others.map((each) => ({
    location: { uri: uriOf(each.span.source), range: rangeOfSpan(each.span) },
    message: printable(each.message),
  }));
  return {
    range: span !== null && isOwn ? rangeOfSpan(span) : rangeOfParent(span, reading),
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    source: 'aedsl',
    message:
      printable(message) +
      (note === undefined ? '' : `\nnote: ${printable(note)}`) +
      (hint === null ? '' : `\nhint: ${printable(hint)}`),
    ...(code === 'AE214' ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    ...(information.length > 0 ? { relatedInformation: information } : {}),
  };
}

function rangeOfSpan({ source, start, end }: Span): Range {
  return rangeOf(source, start, end);
}

/** Range that names a span's file; the start of the text if it is not named. */
function rangeOfParent(span: Span | null, { source, experiments }: Reading): Range {
  const parents = experiments.flatMap(({ parent }) =>
    parent?.path ? [{ path: parent.path, place: parent.place }] : [],
  );
  const named = parents.find(({ path }) => span?.source.path.endsWith(path.replace(/^(\.\.?\/)+/, '')) === true);
  const place = (named ?? parents[0])?.place;
  return place === undefined ? rangeOf(source, 0, 0) : rangeOfToken(source, place.token);
}
