import { type AxisScale, adaptiveScale, extentOf } from './axis-scale.js';

/** A value of an axis: a number, or a name with its position among the others. */
export interface AxisLevel {
  readonly label: string;
  /** Null for a name. */
  readonly position: number | null;
}

/** Positions for names, side by side: the n-th is at the value n. */
export function categoryScale(labels: readonly string[], longest: number): AxisScale {
  return {
    kind: 'linear',
    ticks: labels.map((label, value) => ({ value, label: shortenedMiddle(label, longest) })),
    share: (value) => (value + 0.5) / labels.length,
  };
}

/** Positions levels by their numbers if all have one, else side by side; `at` is the axis value of the n-th. */
export function levelScale(
  levels: readonly AxisLevel[],
  mostTicks: number,
  longest = 12,
): { readonly scale: AxisScale; readonly at: (level: number) => number } {
  const positions = levels.flatMap(({ position }) => position ?? []);
  const extent = extentOf(positions);
  if (positions.length < levels.length || !extent) {
    return {
      scale: categoryScale(
        levels.map(({ label }) => label),
        longest,
      ),
      at: (level) => level,
    };
  }
  return { scale: adaptiveScale(extent, mostTicks), at: (level) => positions[level] ?? Number.NaN };
}

/** Shortens in the middle, because long names often differ at the end. */
export function shortenedMiddle(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const tail = Math.floor((longest - 1) / 3);
  return `${text.slice(0, longest - 1 - tail)}…${text.slice(text.length - tail)}`;
}
