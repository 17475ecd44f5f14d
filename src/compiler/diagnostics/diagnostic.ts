import type { Span } from '../syntax/source.js';
import type { DiagnosticCode } from './codes.js';

/** A message of the compiler about a place in a source. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  /** What is wrong, as a sentence without a full stop. */
  readonly message: string;
  /** Null only if no source is to blame, as for a command-line option. */
  readonly span: Span | null;
  /** Related places ("first used here"). */
  readonly related: readonly { readonly span: Span; readonly message: string }[];
  /** A suggestion, such as "did you mean 'dense'?" */
  readonly hint: string | null;
}

/** A value with the diagnostics from computing it; null if it could not be computed. */
export interface Outcome<T> {
  readonly value: T | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
