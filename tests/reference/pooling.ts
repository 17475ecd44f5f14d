/** Windows over images [batch, height, width, channels]. Padding takes no part. */
export interface PoolGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** Every window of every channel in ascending order, with the indices of its pixels, those by (row, column). */
function eachWindow(g: PoolGeometry, visit: (out: number, pixels: readonly number[]) => void): void {
  let out = 0;
  for (let n = 0; n < g.batch; ++n) {
    for (let y = 0; y < g.outHeight; ++y) {
      for (let x = 0; x < g.outWidth; ++x) {
        for (let c = 0; c < g.channels; ++c) visit(out++, windowPixels(g, n, y, x, c));
      }
    }
  }
}

function windowPixels(g: PoolGeometry, n: number, y: number, x: number, c: number): number[] {
  const pixels: number[] = [];
  for (let i = 0; i < g.filterHeight; ++i) {
    const row = y * g.strideHeight - g.padTop + i;
    if (row < 0 || row >= g.inHeight) continue;
    for (let j = 0; j < g.filterWidth; ++j) {
      const column = x * g.strideWidth - g.padLeft + j;
      if (column < 0 || column >= g.inWidth) continue;
      pixels.push(((n * g.inHeight + row) * g.inWidth + column) * g.channels + c);
    }
  }
  return pixels;
}

/** The first pixel with the largest value that is a number; null where there is none. */
function firstLargest(x: Float32Array, pixels: readonly number[]): number | null {
  let best: number | null = null;
  for (const at of pixels) {
    const value = x[at] ?? Number.NaN;
    if (!Number.isNaN(value) && (best === null || value > (x[best] ?? 0))) best = at;
  }
  return best;
}

function outSize({ batch, outHeight, outWidth, channels }: PoolGeometry): number {
  return batch * outHeight * outWidth * channels;
}

function inSize({ batch, inHeight, inWidth, channels }: PoolGeometry): number {
  return batch * inHeight * inWidth * channels;
}

/** The largest number of each window; -∞ where it has none. */
export function maxPool(x: Float32Array, g: PoolGeometry): Float32Array {
  const y = new Float32Array(outSize(g));
  eachWindow(g, (out, pixels) => {
    const best = firstLargest(x, pixels);
    y[out] = best === null ? Number.NEGATIVE_INFINITY : (x[best] ?? 0);
  });
  return y;
}

/** The gradient of a window goes to its first largest pixel; windows are added in ascending order. */
export function maxPoolGradient(x: Float32Array, dy: Float32Array, g: PoolGeometry): Float32Array {
  const dx = new Float32Array(inSize(g));
  eachWindow(g, (out, pixels) => {
    const best = firstLargest(x, pixels);
    if (best !== null) dx[best] = Math.fround((dx[best] ?? 0) + (dy[out] ?? 0));
  });
  return dx;
}

/** The sum of each window from +0 in ascending order, divided by the number of its pixels. */
export function averagePool(x: Float32Array, g: PoolGeometry): Float32Array {
  const y = new Float32Array(outSize(g));
  eachWindow(g, (out, pixels) => {
    let sum = 0;
    for (const at of pixels) sum = Math.fround(sum + (x[at] ?? 0));
    y[out] = sum / pixels.length;
  });
  return y;
}

/** Every pixel of a window takes its gradient divided by the size of the filter; windows are added in ascending order. */
export function averagePoolGradient(dy: Float32Array, g: PoolGeometry): Float32Array {
  const dx = new Float32Array(inSize(g));
  const size = g.filterHeight * g.filterWidth;
  eachWindow(g, (out, pixels) => {
    const share = Math.fround((dy[out] ?? 0) / size);
    for (const at of pixels) dx[at] = Math.fround((dx[at] ?? 0) + share);
  });
  return dx;
}
