/** Longest value, in characters, that a message quotes in full. */
const shownCharacters = 60;

/** Formats an untrusted value for a message: short, quoted if it is text, and in printable ASCII. */
export function quoted(value: unknown): string {
  if (value instanceof Uint8Array) return `a blob of ${value.length} bytes`;
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(shortened(value)).replace(/[^\x20-\x7e…]/g, escaped);
}

export function shortened(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

/** A text in double quotes and ASCII as YAML reads it: as JSON has it, but for characters beyond 16 bits. */
export function yamlText(text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7e]/gu, (character) => {
    const point = (character.codePointAt(0) ?? 0).toString(16);
    return point.length > 4 ? `\\U${point.padStart(8, '0')}` : `\\u${point.padStart(4, '0')}`;
  });
}

/**
 * Puts a sentence that may quote a file on one terminal line. Escapes line breaks, control characters, bidirectional
 * overrides and zero-width characters as JSON does.
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
