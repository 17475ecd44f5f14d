/**
 * Moran's I of an image: the covariance of 4-neighbours over the variance of the centred image. Near 0 for noise (with
 * a standard deviation of about 0.075 at 10×10), near 1 for smooth strokes, and 0 for a constant image.
 *
 * @param image `[height, width]`, row by row
 */
export function moransI(image: Float32Array, height: number, width: number): number {
  let mean = 0;
  for (const value of image) mean += value / image.length;
  const centred = (row: number, column: number) => (image[row * width + column] ?? 0) - mean;
  let squares = 0;
  let products = 0;
  let pairs = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = centred(row, column);
      squares += value * value;
      if (column + 1 < width) {
        products += value * centred(row, column + 1);
        pairs++;
      }
      if (row + 1 < height) {
        products += value * centred(row + 1, column);
        pairs++;
      }
    }
  }
  if (squares === 0 || pairs === 0) return 0;
  return products / pairs / (squares / image.length);
}
