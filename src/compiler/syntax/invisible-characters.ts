import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Source, Span } from './source.js';

/** Unicode's format characters: bidirectional controls, zero-width spaces and the like. */
const unseen = /\p{Cf}/gu;
const turning = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

/** More would not help. */
const mostWarnings = 10;

/**
 * Warns, once per line, of invisible characters in comments and strings that make people read something other than what
 * the compiler does. Elsewhere they are errors already.
 *
 * @param unknownCharacters spans of unknown characters
 */
export function warnOfInvisible(
  source: Source,
  from: number,
  unknownCharacters: readonly Span[],
  collector: DiagnosticCollector,
): void {
  let [warnings, nextLine] = [0, from];
  for (const match of source.text.matchAll(unseen)) {
    const start = match.index;
    // Editors put a byte order mark at the start of a file.
    if (start < nextLine || (start === 0 && match[0] === '\uFEFF')) continue;
    const end = start + match[0].length;
    if (unknownCharacters.some((span) => span.start <= start && start < span.end)) continue;
    const code = `U+${(match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    const effect = turning.test(match[0])
      ? 'it changes the direction of text, so the line may not read as it appears'
      : 'it is invisible, so the line may not read as it appears';
    collector.warning(
      'AE109',
      `this line contains the character ${code}: ${effect}`,
      { source, start, end },
      {
        hint: 'delete it, unless you trust whoever wrote it',
      },
    );
    const lineEnd = source.text.indexOf('\n', start);
    if (lineEnd === -1 || ++warnings === mostWarnings) return;
    nextLine = lineEnd;
  }
}
