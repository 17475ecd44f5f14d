import { type Line, span } from './line.js';
import type { Colour } from './theme.js';

const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** A bar of `width` cells, drawn to a share between 0 and 1, to half a cell. */
export function bar(share: number, width: number, colour: Colour): Line {
  const filled = Math.round(Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * width * 2) / 2;
  const whole = Math.floor(filled);
  const full = '━'.repeat(whole) + (filled > whole ? '╸' : '');
  return [span(full, { fg: colour }), span('─'.repeat(Math.max(0, width - full.length)), { fg: 'frame' })];
}

/**
 * Values as one row of blocks, from the least (or from zero) to the greatest. Of values that share a cell the one is shown
 * that is farthest from the cell before, so that spikes show.
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

/** Of the finite values between two places the one that is farthest from the value before. */
function farthest(values: ArrayLike<number>, from: number, to: number, before: number): number {
  let chosen = Number.NaN;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    if (Number.isNaN(chosen) || Math.abs(value - before) > Math.abs(chosen - before)) chosen = value;
  }
  return chosen;
}
