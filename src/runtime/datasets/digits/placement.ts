import type { Hand } from './hand.js';
import { PIXEL, SIDE } from './pen.js';

/** The longer side of a digit, in 1/256 pixel between centres of the pen: about 20 pixels with the pen's own width. */
const EXTENT = 4200;
const EXTENT_VARIES = 360;
const SHIFT_VARIES = 220;

const MIDDLE = (SIDE * PIXEL) >> 1;

/**
 * Scales strokes to their size on the paper and moves them to its middle: half-way between the middle of their box and
 * their mean point, which is near to the centre of their ink (MNIST's choice). In place; positions are in 1/256 pixel
 * afterwards.
 */
export function placeOnPaper(strokes: readonly number[][], hand: Hand): void {
  const x = spread(strokes, 0);
  const y = spread(strokes, 1);
  const longer = Math.max(x.extent, y.extent, 1);
  const scale = (((EXTENT + hand.around(EXTENT_VARIES)) << 8) / longer) | 0;
  const middleX = MIDDLE + hand.around(SHIFT_VARIES);
  const middleY = MIDDLE + hand.around(SHIFT_VARIES);
  for (const stroke of strokes) {
    for (let at = 0; at < stroke.length; at += 2) {
      stroke[at] = middleX + (Math.imul((stroke[at] ?? 0) - x.middle, scale) >> 8);
      stroke[at + 1] = middleY + (Math.imul((stroke[at + 1] ?? 0) - y.middle, scale) >> 8);
    }
  }
}

/** How far the points reach along an axis, and where their middle is; divisions are whole-numbered. */
function spread(strokes: readonly number[][], axis: 0 | 1): { extent: number; middle: number } {
  let lowest = 0x7fffffff;
  let highest = -0x80000000;
  let sum = 0;
  let count = 0;
  for (const stroke of strokes) {
    for (let at: number = axis; at < stroke.length; at += 2) {
      const position = stroke[at] ?? 0;
      lowest = Math.min(lowest, position);
      highest = Math.max(highest, position);
      sum += position;
      count++;
    }
  }
  return { extent: highest - lowest, middle: (((lowest + highest) >> 1) + ((sum / count) | 0)) >> 1 };
}
