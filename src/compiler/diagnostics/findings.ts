import type { Span } from '../syntax/source.js';
import type { DiagnosticCode } from './codes.js';
import type { Diagnostic } from './diagnostic.js';

type Details = Partial<Pick<Diagnostic, 'hint' | 'related'>>;

/** Collects what a stage of the compiler has to say, so that it can go on after an error and report them all. */
export class Findings {
  readonly #found: Diagnostic[] = [];

  error(code: DiagnosticCode, message: string, span: Span | null, details: Details = {}): void {
    this.add({ code, severity: 'error', message, span, hint: null, related: [], ...details });
  }

  warning(code: DiagnosticCode, message: string, span: Span | null, details: Details = {}): void {
    this.add({ code, severity: 'warning', message, span, hint: null, related: [], ...details });
  }

  /** The same thing at the same place is said once. */
  add(diagnostic: Diagnostic): void {
    const said = this.#found.some(
      (d) =>
        d.code === diagnostic.code &&
        d.message === diagnostic.message &&
        d.span?.start === diagnostic.span?.start &&
        d.span?.source === diagnostic.span?.source,
    );
    if (!said) this.#found.push(diagnostic);
  }

  addAll(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) this.add(diagnostic);
  }

  get all(): readonly Diagnostic[] {
    return this.#found;
  }
}
