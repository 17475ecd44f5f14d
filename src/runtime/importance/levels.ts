/** Value of a parameter in a sweep. */
export type ParameterValue = number | boolean | string | readonly number[] | readonly string[];

/**
 * A parameter discretised into a few levels, with the fraction of trials at each. Distributing it as in the trials
 * makes the result independent of scale: a learning rate and its logarithm have the same levels.
 */
export interface ParameterLevels {
  readonly name: string;
  /** Whether levels are sorted numbers, which trees split at a threshold; otherwise names, in order of appearance. */
  readonly ordered: boolean;
  /** Whether a level may stand for several values. */
  readonly coarse: boolean;
  /** Range of each level: one value, or the lowest and the highest of a bin. */
  readonly levels: readonly Level[];
  /** Index of each trial's level. */
  readonly ofTrial: Uint8Array;
  /** Fraction of the trials at each level; they sum to 1. */
  readonly shares: Float64Array;
}

export interface Level {
  readonly label: string;
  /** Mean of its values if they are numbers; null otherwise. */
  readonly position: number | null;
}

/** A set of levels is a bit set in one 32-bit word. */
export const MOST_LEVELS = 32;

/**
 * Discretises a parameter. More than 32 different numbers are binned into 32 quantiles. Of other values the first 31 to
 * occur are levels, and the rest share one.
 *
 * @param values one per trial; undefined if a trial lacks the parameter, which is a level of its own
 */
export function levelsOf(name: string, values: readonly (ParameterValue | undefined)[]): ParameterLevels {
  const numbers = values.filter((value) => typeof value === 'number');
  const ordered = numbers.length === values.length && numbers.every(Number.isFinite);
  const { levels, ofTrial, coarse } = ordered ? numericLevels(numbers) : namedLevels(values.map(labelOf));
  const shares = new Float64Array(levels.length);
  for (const level of ofTrial) shares[level] = (shares[level] ?? 0) + 1 / ofTrial.length;
  return { name, ordered, coarse, levels, ofTrial, shares };
}

/** Level of a trial, by its index. @throws RangeError if there is no such trial */
export function levelAt({ ofTrial }: Pick<ParameterLevels, 'ofTrial'>, trial: number): number {
  const level = ofTrial[trial];
  if (level === undefined) throw new RangeError(`trial ${trial} has no level: there are ${ofTrial.length} trials`);
  return level;
}

/** Formats a value as in a table. */
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
  // A value's first position in the order decides its bin, so that equal values share one.
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
