import type { Hand } from './hand.js';
import type { Skeleton, Stroke } from './skeletons.js';

/**
 * How a hand deforms a skeleton. Its points are counted in 1/16 of a hundredth from the middle of its box, so that they
 * are between -800 and 800.
 */
export interface Style {
  /** Largest displacement of a point, each by itself. */
  readonly wobble: number;
  /** A vertical line is bent to a parabola with its ends 5/4 of this to the right of its middle. */
  readonly bow: number;
  /** Moves the vertical middle down by 5/4 of this; top and bottom stay. */
  readonly waist: number;
  /** How much wider the bottom is than the middle, and how much narrower the top, in 1/328. */
  readonly taper: number;
  /** The linear map that follows, in 1/256: it makes the box narrower or wider, slants it, and turns it. */
  readonly xFromX: number;
  readonly xFromY: number;
  readonly yFromX: number;
  readonly yFromY: number;
}

/** The style of one example. */
export function chooseStyle(hand: Hand): Style {
  const width = 224 + hand.around(130);
  const slant = 44 + hand.around(190);
  const turn = hand.around(76);
  // cos and sin of turn / 256 to the second order, which is enough for turn / 256 < 0.3 radian.
  const cosine = 256 - ((turn * turn) >> 9);
  return {
    wobble: hand.between(30, 180),
    bow: hand.around(230),
    waist: hand.around(320),
    taper: hand.around(200),
    xFromX: (cosine * width) >> 8,
    xFromY: -((cosine * slant) >> 8) - turn,
    yFromX: (turn * width) >> 8,
    yFromY: cosine - ((turn * slant) >> 8),
  };
}

/** Deforms a skeleton in this hand's style; strokes are lists of alternating x and y, on their own scale. */
export function deform(skeleton: Skeleton, style: Style, hand: Hand): number[][] {
  return skeleton.map((stroke) => deformStroke(stroke, style, hand));
}

function deformStroke(stroke: Stroke, style: Style, hand: Hand): number[] {
  const written: number[] = [];
  for (let at = 0; at < stroke.length; at += 2) {
    const x = stroke[at] ?? 0;
    const y = stroke[at + 1] ?? 0;
    if (at > 0 && x === stroke[at - 2] && y === stroke[at - 1]) {
      // A corner stays one: both of its points are displaced alike.
      written.push(written[at - 2] ?? 0, written[at - 1] ?? 0);
      continue;
    }
    const right = (x - 50) * 16 + hand.around(style.wobble);
    const down = (y - 50) * 16 + hand.around(style.wobble);
    const fromMiddle = (down * down) >> 8;
    const bent = right + ((style.bow * (fromMiddle - 1250)) >> 11) + ((style.taper * ((right * down) >> 6)) >> 12);
    const sunk = down + ((style.waist * (2500 - fromMiddle)) >> 11);
    written.push((bent * style.xFromX + sunk * style.xFromY) >> 8, (bent * style.yFromX + sunk * style.yFromY) >> 8);
  }
  return written;
}
