import type { Span } from '../syntax/source.js';
import type { DiagnosticCode } from './codes.js';

/** Replacement for part of a text; an empty `text` deletes it. */
export interface Fix {
  readonly span: Span;
  readonly text: string;
}

/** A hint that gives the exact replacement. */
export interface Suggestion {
  /** Null for what needs no words. */
  readonly hint: string | null;
  readonly replacement: string;
  /** The span to replace, if not the diagnostic's. */
  readonly span?: Span;
}

/** A message of the compiler about a place in a source. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  /** A sentence without a full stop. */
  readonly message: string;
  /** Null only if no source is to blame, as for a command-line option. */
  readonly span: Span | null;
  /** Related places ("first used here"). */
  readonly related: readonly { readonly span: Span; readonly message: string }[];
  /** Context, such as the shapes of the layers up to there. */
  readonly note?: string;
  /** A suggestion, such as "did you mean 'dense'?" */
  readonly hint: string | null;
  /** The edit that applies the hint; absent if uncertain. */
  readonly fix?: Fix;
}

/** A value with the diagnostics from computing it; null if it could not be computed. */
export interface Outcome<T> {
  readonly value: T | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
