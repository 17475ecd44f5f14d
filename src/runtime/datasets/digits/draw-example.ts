import type { Hand } from './hand.js';
import type { Pen } from './pen.js';
import { placeOnPaper } from './placement.js';
import { SKELETONS } from './skeletons.js';
import { chooseStyle, deform } from './style.js';
import { trace } from './trace.js';

/** The class of the example that a hand draws: its first decision. */
export function chooseDigit(hand: Hand): number {
  return hand.choose(SKELETONS.length);
}

/** Draws one example on an empty image of 28 × 28 bytes and returns its class, 0 … 9. Integers only. */
export function drawExample(hand: Hand, pen: Pen, image: Uint8Array): number {
  const digit = chooseDigit(hand);
  const skeletons = SKELETONS[digit] ?? [];
  const skeleton = skeletons[hand.choose(skeletons.length)] ?? [];
  const strokes = deform(skeleton, chooseStyle(hand), hand);
  placeOnPaper(strokes, hand);
  const radius = hand.between(15, 30);
  for (const stroke of strokes) trace(stroke, radius, hand, pen, image);
  if (hand.choose(6) === 0) dilute(image, hand.between(160, 256));
  return digit;
}

/** Every pixel times share / 256: a pen that runs dry. */
function dilute(image: Uint8Array, share: number): void {
  for (let pixel = 0; pixel < image.length; pixel++) image[pixel] = ((image[pixel] ?? 0) * share) >> 8;
}
