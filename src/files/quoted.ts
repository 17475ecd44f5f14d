/** The most characters of a value that a message shows. */
const shownCharacters = 60;

/** A value from a file as a message shows it: short, in quotes where it is text, and in printable ASCII. */
export function quoted(value: unknown): string {
  if (value instanceof Uint8Array) return `a blob of ${value.length} bytes`;
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(shortened(value)).replace(/[^\x20-\x7e…]/g, escaped);
}

/** The beginning of a text that may be of any length. */
export function shortened(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

/**
 * A sentence that may quote a file, as one line of a terminal: line ends, and what moves a cursor, changes colours or the
 * direction of text or takes no room, are escaped as JSON has it.
 */
export function onOneLine(sentence: string): string {
  return sentence.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n'
      ? '\\n'
      : Array.from({ length: character.length }, (_, i) => escaped(character.charAt(i))).join(''),
  );
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
