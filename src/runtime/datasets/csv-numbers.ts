/** How numbers are written in a table. */
export interface NumberFormat {
  /** Decimal separator; null: detected from the first number with decimals. */
  readonly decimal: '.' | ',' | null;
  /** Thousands separator; null if none is allowed. */
  readonly thousands: string | null;
}

const NUMBER = /^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const DECIMAL_COMMA = /^[+-]?(\d+(?:,\d*)?|,\d+)([eE][+-]?\d+)?$/;
const GROUPED = /^[+-]?\d{1,3}(?:[.,' _\u00a0\u202f]\d{3})+(?:[.,]\d*)?$/;

/** Truth values as spreadsheets, pandas and R write them, in small letters. */
const TRUTH = new Map([
  ['true', 1],
  ['false', 0],
  ['yes', 1],
  ['no', 0],
  ['wahr', 1],
  ['falsch', 0],
]);

/** Lower-case spellings of a missing value. */
const MISSING = new Set([
  ...['', 'na', 'n/a', '#n/a', '#na', '#nv', '<na>', 'nan', '-nan', 'nat', 'null', 'none', 'nil', '?', '-', '.'],
  ...['#value!', '#wert!', '#div/0!', '#ref!', '#bezug!', '#name?', '#num!', '#zahl!'],
]);

export function isMissing(text: string): boolean {
  return text.length < 10 && MISSING.has(text.toLowerCase());
}

/** Whether a text is a number by one of the two ways to write decimals. */
export function looksLikeNumber(text: string): boolean {
  return text.length < 40 && (NUMBER.test(text) || DECIMAL_COMMA.test(text));
}

/** Whether a text is a number with groups of three digits: `1.234,5`, `12'000`. */
export function looksGrouped(text: string): boolean {
  return text.length < 40 && GROUPED.test(text);
}

/** Reads the numbers of one table. */
export class NumberReader {
  readonly #thousands: string | null;
  #decimal: '.' | ',' | null;

  constructor({ decimal, thousands }: NumberFormat) {
    this.#decimal = decimal;
    this.#thousands = thousands;
  }

  /** Decimal separator; null until a number with decimals has been read. */
  get decimal(): '.' | ',' | null {
    return this.#decimal;
  }

  /** The nearest double to a number or truth value; NaN for any other text. @param text trimmed */
  read(text: string): number {
    const short = shortNumber(text, this.#decimal === null ? -1 : this.#decimal.charCodeAt(0));
    if (!Number.isNaN(short)) return short;
    const plain = this.#plain(text);
    if (plain !== null && NUMBER.test(plain)) return Number(plain);
    return (text.length < 8 ? TRUTH.get(text.toLowerCase()) : undefined) ?? Number.NaN;
  }

  /** The number without grouping and with a decimal point; null if a comma or point is in an invalid place. */
  #plain(text: string): string | null {
    let digits = text;
    if (this.#thousands !== null && text.includes(this.#thousands)) {
      if (!isGroupedBy(this.#thousands, text)) return null;
      digits = text.replaceAll(this.#thousands, '');
    }
    if (this.#decimal === null) {
      if (digits.includes('.') && NUMBER.test(digits)) this.#decimal = '.';
      else if (digits.includes(',') && DECIMAL_COMMA.test(digits)) this.#decimal = ',';
    }
    if (this.#decimal !== ',') return digits;
    return digits.includes('.') ? null : digits.replace(',', '.');
  }
}

/** Whether a separator stands between groups of three digits alone, before the decimals. */
function isGroupedBy(separator: string, text: string): boolean {
  if (text.length > 40) return false;
  const [first = '', ...groups] = text.replace(/^[+-]/, '').split(separator);
  const last = groups.pop() ?? '';
  return /^\d{1,3}$/.test(first) && groups.every((group) => /^\d{3}$/.test(group)) && /^\d{3}(?:\D\d*)?$/.test(last);
}

/** Powers of ten that a double has exactly. */
const POWERS = Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));

/**
 * Fast path for numbers of at most 15 digits without an exponent, which most are: a quotient of two exact integers is
 * rounded once, as by `Number`. NaN for any other text.
 *
 * @param point code of the decimal separator; -1 if not known yet
 */
function shortNumber(text: string, point: number): number {
  const { length } = text;
  const negative = text.charCodeAt(0) === 0x2d;
  const start = negative ? 1 : 0;
  if (length - start < 1 || length - start > 16) return Number.NaN;
  let value = 0;
  let decimals = -1;
  for (let i = start; i < length; i++) {
    const code = text.charCodeAt(i);
    const digit = code - 0x30;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (code === point && decimals < 0 && length > start + 1) decimals = length - 1 - i;
    else return Number.NaN;
  }
  if (decimals < 0 && length - start > 15) return Number.NaN;
  const number = decimals > 0 ? value / (POWERS[decimals] ?? 1) : value;
  return negative ? -number : number;
}
