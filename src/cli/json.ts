/**
 * One line of JSON. Non-finite numbers become strings, as JSON has none; characters that could control a terminal are
 * escaped.
 */
export function jsonLine(value: unknown): string {
  return `${escapedJson(JSON.stringify(value, plain))}\n`;
}

/** Escapes control characters that JSON allows unescaped. */
function escapedJson(json: string): string {
  return json.replaceAll(/[\x7f-\x9f]|\p{Cf}|[\u2028\u2029]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Float32Array) return Array.from(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
