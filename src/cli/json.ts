/**
 * One line of JSON. What is not a finite number is written as text, because JSON has no word for it; characters that would
 * steer a terminal are escaped, which JSON has the means for.
 */
export function jsonLine(value: unknown): string {
  return `${escapedJson(JSON.stringify(value, plain))}\n`;
}

/** JSON with the same values, in which every control character that JSON lets through is an escape. */
export function escapedJson(json: string): string {
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
