import type { Separator } from './csv.js';
import { abridged } from './dataset-error.js';

/** A column that is read without an error, and may have been meant otherwise. */
export interface TableDoubt {
  readonly message: string;
  readonly hint: string;
}

const GROUP = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;

/**
 * Finds columns whose decimals look like grouped thousands: `999`, `1.001`, `15.300`. Columns without a whole number
 * are suspect if nothing else in the table tells decimal from grouping separators: no commas between columns, and no
 * other decimals.
 */
export class GroupFinder {
  readonly #names: readonly string[];
  #areDecimals: boolean;
  readonly #open: Uint8Array;
  readonly #hasWhole: Uint8Array;
  readonly #examples = new Map<number, string>();

  constructor(names: readonly string[], separator: Separator) {
    this.#names = names;
    this.#areDecimals = separator === ',' || separator === ' ';
    this.#open = new Uint8Array(names.length).fill(1);
    this.#hasWhole = new Uint8Array(names.length);
  }

  #described(feature: number, text: string): string {
    if (this.#hasWhole[feature] === 1)
      return `whole numbers and ${text}, which is read as ${Number(text.replace(',', '.'))}`;
    return `numbers like ${text} alone, which are read with decimals and not as ${Number(text.replace(/[.,]/, ''))}`;
  }

  /** Looks at a value of a feature, by its place among them. @param text a number without blanks around it */
  look(feature: number, text: string): void {
    if (this.#open[feature] === 0 && this.#areDecimals) return;
    if (isShortWhole(text)) this.#hasWhole[feature] = 1;
    else if (!GROUP.test(text)) {
      this.#open[feature] = 0;
      this.#areDecimals ||= text.includes('.') || text.includes(',');
    } else if (!this.#examples.has(feature)) this.#examples.set(feature, text);
  }

  doubts(): readonly TableDoubt[] {
    return [...this.#examples]
      .filter(([feature]) => this.#open[feature] === 1 && (this.#hasWhole[feature] === 1 || !this.#areDecimals))
      .map(([feature, text]) => {
        const separator = text.includes('.') ? '.' : ',';
        return {
          message: `column '${abridged(this.#names[feature] ?? '')}' has ${this.#described(feature, text)}`,
          hint: `write thousands="${separator}" if the ${separator === '.' ? 'point' : 'comma'} stands between groups of digits, or decimal="${separator}" if before decimals`,
        };
      });
  }
}

/** Whether a text is at most three digits, with a sign or not; tables of pixels have millions of them. */
function isShortWhole(text: string): boolean {
  const sign = text.charCodeAt(0);
  const start = sign === 0x2d || sign === 0x2b ? 1 : 0;
  const digits = text.length - start;
  if (digits < 1 || digits > 3) return false;
  for (let i = start; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}

/** Names that programs give to the numbers of rows. */
const INDEX = /^(?:unnamed: ?\d+|level_\d+|index|id|row|row_?(?:id|number|names?)|rownames|#)$/i;

/** Fewer rows than these have different whole numbers by chance. */
const fewestRows = 4;

/** More numbers than these need not be compared to see that none comes twice. */
const mostCompared = 10_000;

/**
 * Columns that number the rows and are features all the same: named as an index is, of whole numbers that never repeat.
 * @param values [rows, features]
 */
export function indexDoubts(names: readonly string[], values: Float64Array): readonly TableDoubt[] {
  const width = names.length;
  const rows = Math.min(values.length / width, mostCompared);
  if (width < 2 || rows < fewestRows) return [];
  return names.flatMap((name, feature) => {
    if (!INDEX.test(name)) return [];
    const numbers = Float64Array.from({ length: rows }, (_, row) => values[row * width + feature] ?? 0);
    if (!numbers.every(Number.isInteger) || new Set(numbers).size < rows) return [];
    const first = numbers.subarray(0, 3).join(', ');
    return {
      message: `column '${abridged(name)}' numbers the rows (${first}, …) and is trained on`,
      hint: `leave it out with drop=["${abridged(name)}"]`,
    };
  });
}
