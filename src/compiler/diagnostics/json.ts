import type { Span } from '../syntax/source.js';
import type { DiagnosticCode } from './codes.js';
import type { Diagnostic } from './diagnostic.js';
import { linesOf } from './lines.js';

/** A range of a file; lines and columns count from 1, and the end is exclusive. */
export interface JsonRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface JsonDiagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Diagnostic['severity'];
  readonly message: string;
  readonly hint: string | null;
  /** Absent for most. */
  readonly note?: string;
  /** Null if no file is to blame. */
  readonly range: JsonRange | null;
  readonly related: readonly { readonly message: string; readonly range: JsonRange }[];
}

/** Converts a diagnostic to plain data, for tools. */
export function diagnosticToJson({ code, severity, message, note, hint, span, related }: Diagnostic): JsonDiagnostic {
  return {
    code,
    severity,
    message,
    hint,
    ...(note === undefined ? {} : { note }),
    range: span === null ? null : rangeOf(span),
    related: related.map((each) => ({ message: each.message, range: rangeOf(each.span) })),
  };
}

function rangeOf({ source, start, end }: Span): JsonRange {
  const lines = linesOf(source);
  const { line, column } = lines.position(start);
  const { line: endLine, column: endColumn } = lines.position(end);
  return { file: source.path, line, column, endLine, endColumn };
}
