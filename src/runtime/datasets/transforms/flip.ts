/** Sides of an image's planes. */
interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Mirrors all planes of one image; `image` has its values, channel by channel, row by row. In place. */
export function mirrorImage(
  image: Float32Array,
  { channels, height, width }: Planes,
  mirrored: { readonly horizontal: boolean; readonly vertical: boolean },
): void {
  const rows = channels * height;
  if (mirrored.horizontal) {
    for (let row = 0; row < rows; row++) image.subarray(row * width, (row + 1) * width).reverse();
  }
  if (!mirrored.vertical) return;
  for (let channel = 0; channel < channels; channel++) {
    for (let upper = 0; upper < Math.floor(height / 2); upper++) {
      exchange(image, (channel * height + upper) * width, (channel * height + height - 1 - upper) * width, width);
    }
  }
}

function exchange(image: Float32Array, a: number, b: number, count: number): void {
  const kept = image.slice(a, a + count);
  image.copyWithin(a, b, b + count);
  image.set(kept, b);
}
