import { groupedText } from '../../text/number-text.js';
import type { Source, Span } from '../syntax/source.js';
import type { DiagnosticCode } from './codes.js';
import type { Diagnostic, Suggestion } from './diagnostic.js';

interface Details extends Partial<Pick<Diagnostic, 'related'>> {
  readonly note?: string | undefined;
  readonly hint?: string | Suggestion | null;
}

/** Most diagnostics to show; the rest are only counted. */
export const mostDiagnostics = 100;

/** Longest message or hint; names and values in a source may be of any length. */
const mostCharacters = 2000;

/** Collects the diagnostics of a compiler stage, so that it can continue after an error and report them all. */
export class DiagnosticCollector {
  readonly #found: Diagnostic[] = [];
  readonly #said: { readonly source: Source | null; readonly keys: Set<string> }[] = [];
  /** Places that what is reported belongs to, from the outermost. */
  readonly #around: Diagnostic['related'][number][] = [];
  /** Diagnostics beyond the limit, and the last of them. */
  #more = 0;
  #hasMoreErrors = false;
  #last: Diagnostic | null = null;

  /** @param details or a function that computes them, not called beyond the limit */
  error(code: DiagnosticCode, message: string, span: Span | null, details: Details | (() => Details) = {}): void {
    this.#report('error', code, message, span, details);
  }

  /** @param details or a function that computes them, not called beyond the limit */
  warning(code: DiagnosticCode, message: string, span: Span | null, details: Details | (() => Details) = {}): void {
    this.#report('warning', code, message, span, details);
  }

  #report(
    severity: Diagnostic['severity'],
    code: DiagnosticCode,
    message: string,
    span: Span | null,
    details: Details | (() => Details),
  ): void {
    const asked = typeof details === 'function' && !this.#isFull ? details() : details;
    const { hint = null, related = [], note } = typeof asked === 'function' ? {} : asked;
    const suggestion = typeof hint === 'string' ? null : hint;
    const place = suggestion?.span ?? span;
    const fix = suggestion === null || place === null ? null : { span: place, text: suggestion.replacement };
    const text = typeof hint === 'string' ? hint : (suggestion?.hint ?? null);
    this.add({
      ...{ code, severity, message: cut(message), span, hint: text, related },
      ...(fix === null ? {} : { fix }),
      ...(note === undefined ? {} : { note: cut(note) }),
    });
  }

  get #isFull(): boolean {
    return this.#found.length >= mostDiagnostics;
  }

  /** Relates what is reported meanwhile to a place, such as that where a block is used. */
  within<T>(related: Diagnostic['related'][number], checking: () => T): T {
    this.#around.push(related);
    const result = checking();
    this.#around.pop();
    return result;
  }

  /** Adds a diagnostic unless the same one was reported at the same place. */
  add(reported: Diagnostic): void {
    const around = this.#around.toReversed();
    const diagnostic = around.length === 0 ? reported : { ...reported, related: [...reported.related, ...around] };
    if (this.#isFull) {
      this.#more++;
      this.#hasMoreErrors ||= diagnostic.severity === 'error';
      this.#last = diagnostic;
      return;
    }
    const { code, message, span, hint } = diagnostic;
    const said = this.#saidOf(span?.source ?? null);
    const key = `${code} ${span?.start} ${message}`;
    if (said.has(key)) return;
    said.add(key);
    this.#found.push({ ...diagnostic, hint: hint && cut(hint) });
  }

  /** What was said of a text. What is typed on the command line is read anew for each experiment, so texts are compared. */
  #saidOf(source: Source | null): Set<string> {
    const isSame = (other: Source | null) =>
      other === source || (other !== null && other.path === source?.path && other.text === source.text);
    const known = this.#said.find((each) => isSame(each.source));
    if (known !== undefined) return known.keys;
    const keys = new Set<string>();
    this.#said.push({ source, keys });
    return keys;
  }

  addAll(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) this.add(diagnostic);
  }

  /** In order of reporting; beyond the limit, the last one tells how many more there are. */
  get all(): readonly Diagnostic[] {
    if (this.#last === null) return this.#found;
    const message = `… and ${groupedText(this.#more)} more`;
    const severity = this.#hasMoreErrors ? 'error' : 'warning';
    const { span } = this.#last;
    return [...this.#found, { span, code: 'AE216', severity, message, hint: null, related: [] }];
  }
}

function cut(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}…`;
}
