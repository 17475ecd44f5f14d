/** A problem with a literal, and its replacement. */
export interface LiteralProblem {
  readonly code: 'AE103' | 'AE106' | 'AE107';
  readonly message: string;
  readonly hint: string | null;
}

/** Value of a literal such as `50_000` or `1e-4`: the nearest double. */
export function numberValue(text: string): number {
  return Number(text.replaceAll('_', ''));
}

/** Checks whether a double can represent a well-formed number. */
export function numberProblem(text: string): LiteralProblem | null {
  const value = numberValue(text);
  if (!Number.isFinite(value)) {
    return { code: 'AE106', message: `${abridged(text)} is too large: the largest number is 1.8e308`, hint: null };
  }
  const [mantissa = ''] = text.split(/[eE]/);
  if (value === 0 && /[1-9]/.test(mantissa)) {
    return {
      code: 'AE106',
      message: `${abridged(text)} is too small: it would be read as 0`,
      hint: 'the smallest number above 0 is 5e-324',
    };
  }
  return null;
}

/** Explains how a malformed number should be written. */
export function malformedNumber(text: string): LiteralProblem {
  return { code: 'AE106', message: `'${abridged(text)}' is not a number`, hint: spelling(text) };
}

function spelling(text: string): string {
  if (/^\.\d+$/.test(text)) return `write 0${text}`;
  if (/^\d+\.$/.test(text)) return `write ${text}0, or ${text.slice(0, -1)}`;
  if (/^[\d_]+$/.test(text)) return 'an underscore must be between two digits, as in 50_000';
  if (/^0[xXbBoO]/.test(text)) return 'numbers are decimal';
  if (/^[\d._]+[eE][+-]?$/.test(text)) return 'digits are missing after the e, as in 1e-4';
  if (/^\d[\d_]*[A-Za-z]/.test(text)) return 'a name cannot begin with a digit';
  return 'numbers are written as 15, 0.01, 1e-4 or 50_000';
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['n', '\n'],
  ['t', '\t'],
]);

/** Value of a string literal, without quotes and escapes. */
export function stringValue(literal: string): string {
  return literal.slice(1, -1).replaceAll(/\\(.)/g, (written, letter: string) => escapes.get(letter) ?? written);
}

/** Inverse of `stringValue`. */
export function stringLiteral(value: string): string {
  const written = [...escapes].reduce(
    (text, [letter, meant]) => {
      return letter === '\\' ? text : text.replaceAll(meant, `\\${letter}`);
    },
    value.replaceAll('\\', '\\\\'),
  );
  return `"${written}"`;
}

export function stringProblem(literal: string): LiteralProblem | null {
  for (const [written, letter = ''] of literal.matchAll(/\\(.)/gu)) {
    if (!escapes.has(letter)) {
      return {
        code: 'AE107',
        message: `strings have no escape '${written}'`,
        hint: `there are \\" \\\\ \\n and \\t; a backslash is written \\\\, and paths use /`,
      };
    }
  }
  return null;
}

export function abridged(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 36)}…`;
}
