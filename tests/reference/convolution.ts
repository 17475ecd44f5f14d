/** Images [batch, height, width, channels], filters [height, width, in channels, out channels]. */
export interface Geometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** Groups of images whose partial filter gradients are added in float64. */
const FILTER_GROUPS = 16;

/** The index of the input pixel's first channel under tap (i, j) of output position (y, x); -1 in the padding. */
function pixel(g: Geometry, n: number, y: number, x: number, i: number, j: number): number {
  const row = y * g.strideHeight - g.padTop + i * g.dilationHeight;
  const column = x * g.strideWidth - g.padLeft + j * g.dilationWidth;
  if (row < 0 || row >= g.inHeight || column < 0 || column >= g.inWidth) return -1;
  return ((n * g.inHeight + row) * g.inWidth + column) * g.inChannels;
}

function eachTap(g: Geometry, visit: (i: number, j: number, c: number, tap: number) => void): void {
  let tap = 0;
  for (let i = 0; i < g.filterHeight; ++i) {
    for (let j = 0; j < g.filterWidth; ++j) for (let c = 0; c < g.inChannels; ++c) visit(i, j, c, tap++);
  }
}

function eachPosition(g: Geometry, visit: (y: number, x: number) => void): void {
  for (let y = 0; y < g.outHeight; ++y) for (let x = 0; x < g.outWidth; ++x) visit(y, x);
}

/** Sums over taps and channels in ascending order; padding takes part as +0. */
export function conv2d(x: Float32Array, filter: Float32Array, g: Geometry): Float32Array {
  const out = new Float32Array(g.batch * g.outHeight * g.outWidth * g.outChannels);
  let at = 0;
  for (let n = 0; n < g.batch; ++n) {
    eachPosition(g, (row, column) => {
      for (let o = 0; o < g.outChannels; ++o) {
        let sum = 0;
        eachTap(g, (i, j, c, tap) => {
          const p = pixel(g, n, row, column, i, j);
          const value = p < 0 ? 0 : (x[p + c] ?? 0);
          sum = Math.fround(sum + Math.fround(value * (filter[tap * g.outChannels + o] ?? 0)));
        });
        out[at++] = sum;
      }
    });
  }
  return out;
}

/** Dot products over out channels, added to the pixel in ascending order of the output position. */
export function conv2dInputGradient(dy: Float32Array, filter: Float32Array, g: Geometry): Float32Array {
  const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * g.inChannels);
  for (let n = 0; n < g.batch; ++n) {
    eachPosition(g, (row, column) => {
      const from = ((n * g.outHeight + row) * g.outWidth + column) * g.outChannels;
      eachTap(g, (i, j, c, tap) => {
        const p = pixel(g, n, row, column, i, j);
        if (p < 0) return;
        let dot = 0;
        for (let o = 0; o < g.outChannels; ++o) {
          dot = Math.fround(dot + Math.fround((dy[from + o] ?? 0) * (filter[tap * g.outChannels + o] ?? 0)));
        }
        dx[p + c] = Math.fround((dx[p + c] ?? 0) + dot);
      });
    });
  }
  return dx;
}

/** Sums over images and positions in ascending order within a group of images; groups in float64, rounded once. */
export function conv2dFilterGradient(x: Float32Array, dy: Float32Array, g: Geometry): Float32Array {
  const size = g.filterHeight * g.filterWidth * g.inChannels * g.outChannels;
  const total = new Float64Array(size);
  const perGroup = Math.ceil(g.batch / FILTER_GROUPS);
  for (let first = 0; first < g.batch; first += perGroup) {
    const partial = new Float32Array(size);
    for (let n = first; n < Math.min(g.batch, first + perGroup); ++n) {
      eachPosition(g, (row, column) => {
        const from = ((n * g.outHeight + row) * g.outWidth + column) * g.outChannels;
        eachTap(g, (i, j, c, tap) => {
          const p = pixel(g, n, row, column, i, j);
          const value = p < 0 ? 0 : (x[p + c] ?? 0);
          for (let o = 0; o < g.outChannels; ++o) {
            const at = tap * g.outChannels + o;
            partial[at] = Math.fround((partial[at] ?? 0) + Math.fround(value * (dy[from + o] ?? 0)));
          }
        });
      });
    }
    partial.forEach((value, i) => {
      total[i] = (total[i] ?? 0) + value;
    });
  }
  return Float32Array.from(total);
}
