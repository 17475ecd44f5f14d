/** Control characters, bidirectional overrides and zero-width characters. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const unseenInLines = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * Sanitises untrusted text for part of a line: replaces each invisible character by a visible one, and a tab by two
 * spaces.
 */
export function printable(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(unseen, '\uFFFD');
}

/**
 * Sanitises whole lines with untrusted text: keeps line endings and tabs, and shows invisible characters as `␛` or
 * `<U+202E>`.
 */
export function printableLines(text: string): string {
  return text.replaceAll(unseenInLines, picture);
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // Unicode's control pictures for the ASCII control characters.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
