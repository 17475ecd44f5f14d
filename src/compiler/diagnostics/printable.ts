/** What moves a cursor, changes colours or the direction of text, or takes no room. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const unseenInLines = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** Text from elsewhere as part of a line: nothing but visible characters, one for each that isn't, and two spaces for a tab. */
export function printable(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(unseen, '\uFFFD');
}

/** Whole lines that may hold text from elsewhere: line ends and tabs stay, `␛` and `<U+202E>` stand for what isn't visible. */
export function printableLines(text: string): string {
  return text.replaceAll(unseenInLines, picture);
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // Unicode's pictures of the ASCII control characters.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
