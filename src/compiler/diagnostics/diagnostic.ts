import type { Span } from '../syntax/source.js';
import type { DiagnosticCode } from './codes.js';

/** Something the compiler has to say about a place in a source. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  /** What is wrong, in one sentence without a full stop at the end. */
  readonly message: string;
  /** Where; null only where no source is to blame, such as a command-line option. */
  readonly span: Span | null;
  /** Other places that belong to it ("first used here"). */
  readonly related: readonly { readonly span: Span; readonly message: string }[];
  /** What to do, such as "did you mean 'dense'?" */
  readonly hint: string | null;
}

/** A value together with everything that was to be said while it was made; null when there was no making it. */
export interface Outcome<T> {
  readonly value: T | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
