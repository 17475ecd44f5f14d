import { type Line, span } from './line.js';
import type { Colour } from './theme.js';

const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** A bar of `width` cells, filled to a share between 0 and 1 with half-cell resolution. */
export function bar(share: number, width: number, colour: Colour): Line {
  const filled = Math.round(Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * width * 2) / 2;
  const whole = Math.floor(filled);
  const full = '━'.repeat(whole) + (filled > whole ? '╸' : '');
  return [span(full, { fg: colour }), span('─'.repeat(Math.max(0, width - full.length)), { fg: 'frame' })];
}

/**
 * Values as one row of blocks, scaled from the minimum (or zero) to the maximum. Of the values in a cell, shows the one
 * farthest from the previous cell, so that spikes stay visible.
 */
export function sparkline(values: ArrayLike<number>, width: number, fromZero = false): string {
  const cells = Math.min(width, values.length);
  let [low, high] = [fromZero ? 0 : Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  let [text, before] = ['', Number.NaN];
  for (let cell = 0; cell < cells; cell++) {
    const from = Math.floor((cell * values.length) / cells);
    const value = farthest(values, from, Math.floor(((cell + 1) * values.length) / cells), before);
    before = value;
    const share = high > low ? (value - low) / (high - low) : 0.5;
    text += Number.isNaN(value) ? ' ' : (heights[Math.round(share * (heights.length - 1))] ?? ' ');
  }
  return text;
}

/** The finite value between two indices that is farthest from `before`. */
function farthest(values: ArrayLike<number>, from: number, to: number, before: number): number {
  let chosen = Number.NaN;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    if (Number.isNaN(chosen) || Math.abs(value - before) > Math.abs(chosen - before)) chosen = value;
  }
  return chosen;
}
