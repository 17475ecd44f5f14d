import type { Span } from '../syntax/source.js';
import type { Diagnostic } from './diagnostic.js';
import { excerptOf } from './excerpt.js';
import { linesOf } from './lines.js';
import { printable } from './printable.js';

export interface RenderOptions {
  readonly colour: boolean;
}

/**
 * Formats diagnostics for the terminal:
 * ```
 * AE201 error sparse.ae:12:13
 * there is no layer 'dens'
 *    |
 * 12 |   encoder { dens(100) }
 *    |             ^^^^
 *    hint: did you mean 'dense'?
 * ```
 * The last line counts them.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], { colour }: RenderOptions): string {
  if (diagnostics.length === 0) return '';
  const renderer = new Renderer(colour);
  return `${diagnostics.map((diagnostic) => renderer.render(diagnostic)).join('\n')}\n${summary(diagnostics)}\n`;
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const counted = [
    ...(errors > 0 ? [`${errors} error${errors === 1 ? '' : 's'}`] : []),
    ...(warnings > 0 ? [`${warnings} warning${warnings === 1 ? '' : 's'}`] : []),
  ];
  return counted.join(', ');
}

type Style = 'error' | 'warning' | 'strong' | 'faint' | 'hint';
const styles: Readonly<Record<Style, string>> = { error: '31;1', warning: '33;1', strong: '1', faint: '2', hint: '36' };

class Renderer {
  readonly #colour: boolean;

  constructor(colour: boolean) {
    this.#colour = colour;
  }

  render({ code, severity, message, span, related, note, hint }: Diagnostic): string {
    const places = [...(span === null ? [] : [span]), ...related.map((each) => each.span)];
    const gutter = Math.max(2, ...places.map((place) => String(this.#lineOf(place)).length));
    const margin = ' '.repeat(gutter + 1);
    const place = span === null ? '' : ` ${this.#place(span)}`;
    const out = [`${this.#styled(severity, `${code} ${severity}`)}${place}`];
    out.push(this.#styled('strong', printable(message)));
    if (span !== null) out.push(...this.#excerpt(span, gutter, severity, null));
    for (const each of related) {
      const sameFile = span !== null && each.span.source === span.source;
      if (!sameFile) out.push(this.#styled('faint', `${margin}at ${this.#place(each.span)}`));
      out.push(...this.#excerpt(each.span, gutter, 'hint', each.message));
    }
    if (note !== undefined) out.push(`${margin}${this.#styled('faint', `note: ${printable(note)}`)}`);
    if (hint !== null) out.push(`${margin}${this.#styled('hint', `hint: ${printable(hint)}`)}`);
    return `${out.join('\n')}\n`;
  }

  #lineOf({ source, start }: Span): number {
    return linesOf(source).position(start).line;
  }

  #place({ source, start }: Span): string {
    const { line, column } = linesOf(source).position(start);
    return `${printable(source.path)}:${line}:${column}`;
  }

  /** Shows the first line of a span, with carets under the part of the span on it. */
  #excerpt({ source, start, end }: Span, gutter: number, style: Style, label: string | null): string[] {
    const lines = linesOf(source);
    const { line, column } = lines.position(start);
    const { text, indent, carets } = excerptOf(lines.text(line), column - 1, column - 1 + end - start);
    const bar = this.#styled('faint', '|');
    const said = label === null ? '' : ` ${printable(label)}`;
    const marks = this.#styled(style, `${'^'.repeat(carets)}${said}`);
    return [
      `${' '.repeat(gutter)} ${bar}`,
      `${this.#styled('faint', String(line).padStart(gutter))} ${bar} ${text}`.trimEnd(),
      `${' '.repeat(gutter)} ${bar} ${' '.repeat(indent)}${marks}`,
    ];
  }

  #styled(style: Style, text: string): string {
    return this.#colour ? `\u001B[${styles[style]}m${text}\u001B[0m` : text;
  }
}
