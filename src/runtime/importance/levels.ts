/** The value of a parameter, as a sweep has it. */
export type ParameterValue = number | boolean | string | readonly number[] | readonly string[];

/**
 * A parameter as a few levels, with the share of the trials at each. Measuring a parameter by where its trials are makes
 * what follows independent of its scale: a learning rate and its logarithm have the same levels.
 */
export interface ParameterLevels {
  readonly name: string;
  /** Levels are in the order of their numbers: trees split them below and above. Else they are names, in the order they occur. */
  readonly ordered: boolean;
  /** Whether a level stands for several values. */
  readonly coarse: boolean;
  /** What each level stands for: one value, or for a parameter with many values the lowest and the highest. */
  readonly levels: readonly Level[];
  /** Of each trial, the index of its level. */
  readonly ofTrial: Uint8Array;
  /** Of each level, its share of the trials; they sum to 1. */
  readonly shares: Float64Array;
}

export interface Level {
  readonly label: string;
  /** The mean of its values where they are numbers; else null. */
  readonly position: number | null;
}

/** A set of levels is the bits of one 32-bit word. */
export const MOST_LEVELS = 32;

/**
 * A parameter with more than 32 different numbers is cut into 32 parts with equally many trials. Of other values the first
 * 31 that occur are levels, and the rest are one.
 *
 * @param values one for each trial; undefined where a trial does not have the parameter, which is a level of its own
 */
export function levelsOf(name: string, values: readonly (ParameterValue | undefined)[]): ParameterLevels {
  const numbers = values.filter((value) => typeof value === 'number');
  const ordered = numbers.length === values.length && numbers.every(Number.isFinite);
  const { levels, ofTrial, coarse } = ordered ? numericLevels(numbers) : namedLevels(values.map(labelOf));
  const shares = new Float64Array(levels.length);
  for (const level of ofTrial) shares[level] = (shares[level] ?? 0) + 1 / ofTrial.length;
  return { name, ordered, coarse, levels, ofTrial, shares };
}

/** As a table writes it. */
export function labelOf(value: ParameterValue | undefined): string {
  if (value === undefined) return '-';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value);
}

function numericLevels(values: readonly number[]): Pick<ParameterLevels, 'levels' | 'ofTrial' | 'coarse'> {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (distinct.length <= MOST_LEVELS) {
    const indices = new Map(distinct.map((value, i) => [value, i]));
    return {
      levels: distinct.map((value) => ({ label: labelOf(value), position: value })),
      ofTrial: Uint8Array.from(values, (value) => indices.get(value) ?? 0),
      coarse: false,
    };
  }
  const sorted = [...values].sort((a, b) => a - b);
  // The part of a value is that of its first place in the order, so that equal values are never in two parts.
  const parts = new Map<number, number>();
  sorted.forEach((value, rank) => {
    if (!parts.has(value)) parts.set(value, Math.floor((rank * MOST_LEVELS) / sorted.length));
  });
  const used = [...new Set(parts.values())].sort((a, b) => a - b);
  const levels = used.map((part): Level => {
    const members = distinct.filter((value) => parts.get(value) === part);
    const [low = 0] = members;
    const high = members.at(-1) ?? low;
    const label = low === high ? labelOf(low) : `${labelOf(low)} … ${labelOf(high)}`;
    return { label, position: members.reduce((sum, value) => sum + value, 0) / members.length };
  });
  return { levels, ofTrial: Uint8Array.from(values, (value) => used.indexOf(parts.get(value) ?? 0)), coarse: true };
}

function namedLevels(labels: readonly string[]): Pick<ParameterLevels, 'levels' | 'ofTrial' | 'coarse'> {
  const distinct = [...new Set(labels)];
  const shown = distinct.length <= MOST_LEVELS ? distinct : [...distinct.slice(0, MOST_LEVELS - 1), 'others'];
  const indices = new Map(distinct.map((label, i) => [label, Math.min(i, shown.length - 1)]));
  return {
    levels: shown.map((label) => ({ label, position: null })),
    ofTrial: Uint8Array.from(labels, (label) => indices.get(label) ?? 0),
    coarse: shown.length < distinct.length,
  };
}
