import type { Hand } from './hand.js';
import { type Pen, PIXEL } from './pen.js';

/** A line from one point to the next is at most this many prints. */
const STEPS = 16;

/** How much the pen's pressure changes from one point to the next, as a radius in 1/16 pixel. */
const PRESSURE_VARIES = 3;

/**
 * Moves the pen along the uniform Catmull-Rom spline through a stroke's points (x and y in turn, 1/256 pixel), the two
 * at the ends counted twice. A point that comes twice is an end to both sides of it, and so a corner.
 */
export function trace(stroke: readonly number[], radius: number, hand: Hand, pen: Pen, image: Uint8Array): void {
  const last = stroke.length - 2;
  let pressure = radius + hand.around(PRESSURE_VARIES);
  for (let at = 0; at < last; at += 2) {
    const before = Math.max(0, at - 2);
    const after = Math.min(last, at + 4);
    const x0 = stroke[before] ?? 0;
    const x1 = stroke[at] ?? 0;
    const x2 = stroke[at + 2] ?? 0;
    const x3 = stroke[after] ?? 0;
    const y0 = stroke[before + 1] ?? 0;
    const y1 = stroke[at + 1] ?? 0;
    const y2 = stroke[at + 3] ?? 0;
    const y3 = stroke[after + 1] ?? 0;
    if (x1 === x2 && y1 === y2) continue;
    const next = radius + hand.around(PRESSURE_VARIES);
    const stride = strideFor(Math.abs(x2 - x1) + Math.abs(y2 - y1));
    for (let step = 0; step <= STEPS; step += stride) {
      const tip = (pressure * (STEPS - step) + next * step) >> 4;
      pen.print(image, tip, onSpline(step, x0, x1, x2, x3), onSpline(step, y0, y1, y2, y3));
    }
    pressure = next;
  }
}

/** Prints come about half a pixel after each other: closer ones can't be told from a smooth line. */
function strideFor(length: number): number {
  if (length > 8 * PIXEL) return 1;
  return length > 4 * PIXEL ? 2 : 4;
}

/** One coordinate of the spline from b to c at t = step / 16; its polynomial has the denominator 2 · 16³. */
function onSpline(step: number, a: number, b: number, c: number, d: number): number {
  const cubic = (3 * (b - c) + d - a) * step * step * step;
  const square = (2 * a - 5 * b + 4 * c - d) * step * step * STEPS;
  const linear = (c - a) * step * STEPS * STEPS;
  return b + ((cubic + square + linear) >> 13);
}
