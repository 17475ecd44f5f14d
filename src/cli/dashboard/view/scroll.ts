import { type Line, span } from './line.js';

/** The rows of a text that are in sight, and where in it they are. */
export function scrolledTo(
  lines: readonly Line[],
  wanted: number,
  height: number,
): { readonly shown: readonly Line[]; readonly note: Line } {
  if (lines.length <= height) return { shown: lines, note: [] };
  const first = Math.max(0, Math.min(wanted, lines.length - height));
  const share = Math.round((100 * (first + height)) / lines.length);
  return { shown: lines.slice(first, first + height), note: [span(`j k  ${share}%`, { fg: 'muted' })] };
}
