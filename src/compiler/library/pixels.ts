import { closed, describeInterval, type Interval, within } from '../ir/interval.js';
import { type Problem, problem } from './word.js';

const unit = closed(0, 1);

/** Returns whether raw values are pixels: from 0, black, to 1, white. */
export function arePixels(raw: Interval): boolean {
  return within(raw, unit);
}

/**
 * Reports an error if a word needs pixels in [0, 1] and the raw values are not.
 * @param needs what the word takes, as a sentence
 * @param otherwise an alternative
 */
export function requirePixels(needs: string, raw: Interval, otherwise: string | null = null): readonly Problem[] {
  if (arePixels(raw)) return [];
  return [
    problem('AE511', `${needs} pixels in [0, 1], but the raw values are in ${describeInterval(raw)}`, {
      hint: `${saidRange(raw)}${otherwise === null ? '' : `, or ${otherwise}`}`,
    }),
  ];
}

/** Suggests a range that turns raw values into pixels: that of a usual format, else the measured one. */
export function saidRange({ low, high }: Interval): string {
  if (!Number.isFinite(high - low)) return 'write it before the transforms that change the range';
  const [least, greatest] = usualRange(low, high);
  return `give the range of the values in the data: range=[${least}, ${greatest}]`;
}

function usualRange(low: number, high: number): readonly [number, number] {
  if (low >= -1 && low < 0 && high <= 1) return [-1, 1];
  const ceiling = [255, 65_535].find((most) => low >= 0 && high > most / 8 && high <= most);
  return ceiling === undefined ? [low, high] : [0, ceiling];
}
