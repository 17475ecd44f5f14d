/** Pixels to a side of the paper. */
export const SIDE = 28;

/** Positions on the paper are counted in 1/256 pixel; the upper left corner is (0, 0). */
export const PIXEL = 256;

/** The tip is a disc, whose radius is counted in 1/16 pixel. */
export const SMALLEST_RADIUS = 10;
export const LARGEST_RADIUS = 32;

/** A tip is put down at one of 8×8 places in a pixel. */
const PLACES = 8;
/** A print has the pixel under the tip's centre and 2 on each side of it: none is reached from beyond. */
const REACH = 2;
const PRINT_SIDE = 2 * REACH + 1;
const PRINT = PRINT_SIDE * PRINT_SIDE;
/** How much of a pixel is covered is counted on 8×8 points. */
const POINTS = 8;

/** The centre of the tip keeps this far from the edge of the paper, so that a print is always whole. */
const NEAREST = REACH * PIXEL;
const FARTHEST = (SIDE - REACH) * PIXEL - 1;

/** A pen with a round tip, which leaves smooth edges: a pixel is as bright as the share of it that was covered. */
export class Pen {
  /** For each radius and place, in rows: the share of each pixel that the tip covers, 0 … 255. */
  private readonly prints: Uint8Array = printsOfAllTips();

  /** Prints the tip at (x, y), moved onto the paper if necessary. Ink doesn't add up: the brighter print stays. */
  print(image: Uint8Array, radius: number, x: number, y: number): void {
    const onPaperX = Math.max(NEAREST, Math.min(FARTHEST, x));
    const onPaperY = Math.max(NEAREST, Math.min(FARTHEST, y));
    const tip = Math.max(SMALLEST_RADIUS, Math.min(LARGEST_RADIUS, radius)) - SMALLEST_RADIUS;
    const place = ((onPaperY >> 5) & 7) * PLACES + ((onPaperX >> 5) & 7);
    let from = (tip * PLACES * PLACES + place) * PRINT;
    let pixel = ((onPaperY >> 8) - REACH) * SIDE + (onPaperX >> 8) - REACH;
    for (let row = 0; row < PRINT_SIDE; row++) {
      for (let column = 0; column < PRINT_SIDE; column++) {
        const ink = this.prints[from++] ?? 0;
        if (ink > (image[pixel] ?? 0)) image[pixel] = ink;
        pixel++;
      }
      pixel += SIDE - PRINT_SIDE;
    }
  }
}

function printsOfAllTips(): Uint8Array {
  const prints = new Uint8Array((LARGEST_RADIUS - SMALLEST_RADIUS + 1) * PLACES * PLACES * PRINT);
  let at = 0;
  for (let radius = SMALLEST_RADIUS; radius <= LARGEST_RADIUS; radius++) {
    for (let placeY = 0; placeY < PLACES; placeY++) {
      for (let placeX = 0; placeX < PLACES; placeX++) {
        for (let row = -REACH; row <= REACH; row++) {
          for (let column = -REACH; column <= REACH; column++) {
            prints[at++] = coverage(radius, column * 16 - 2 * placeX, row * 16 - 2 * placeY);
          }
        }
      }
    }
  }
  return prints;
}

/** How much of the pixel (left, top) … (left + 16, top + 16) the disc of this radius around 0 covers, 0 … 255. */
function coverage(radius: number, left: number, top: number): number {
  let covered = 0;
  for (let row = 0; row < POINTS; row++) {
    for (let column = 0; column < POINTS; column++) {
      const x = left + 2 * column + 1;
      const y = top + 2 * row + 1;
      if (x * x + y * y <= radius * radius) covered++;
    }
  }
  return (covered * 255) >> 6;
}
