import { largest, smallest } from '../../api/statistics.js';

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Values as small bars scaled to `range`; `×` for a non-finite one. */
export function sparkline(values: readonly number[], range: readonly number[] = values): string {
  const finite = range.filter(Number.isFinite);
  const [low, high] = [smallest(finite), largest(finite)];
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return '×';
      const height = high > low ? (value - low) / (high - low) : 0.5;
      return bars[Math.min(bars.length - 1, Math.floor(height * bars.length))] ?? '×';
    })
    .join('');
}

/** Downsamples values by averaging. */
export function shortened(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / most), Math.floor(((i + 1) * values.length) / most));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
