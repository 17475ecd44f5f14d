type Size = readonly [height: number, width: number];

type ResizeMethod = 'bilinear' | 'nearest' | 'area';

/**
 * Images with other numbers of pixels, as `torch.nn.functional.interpolate` with `align_corners=False` makes them.
 * Along each side, of n pixels to m:
 *
 * - `bilinear`: pixel i lies at (i + ½) n/m - ½, cut off at 0 and n - 1, between two pixels. Across each of the two
 *   rows first, then between them: w₀ a + w₁ b with w₁ the rest of the place and w₀ = 1 - w₁, all in float32.
 * - `nearest`: pixel ⌊i n/m⌋.
 * - `area`: the mean of pixels ⌊i n/m⌋ to ⌈(i + 1) n/m⌉ - 1, summed in float64 row by row, rounded once.
 *
 * @param images one plane after the other, each row by row
 */
export function resizeImages(images: Float32Array, from: Size, size: Size, method: ResizeMethod): Float32Array {
  const planes = images.length / (from[0] * from[1]);
  const resized = new Float32Array(planes * size[0] * size[1]);
  const plane = planeResizer(from, size, method);
  for (let i = 0; i < planes; i++) {
    plane(images.subarray(i * from[0] * from[1], (i + 1) * from[0] * from[1]), resized, i * size[0] * size[1]);
  }
  return resized;
}

/** Writes one plane into `out`, from `at` on. */
type PlaneResizer = (plane: Float32Array, out: Float32Array, at: number) => void;

function planeResizer(from: Size, to: Size, method: ResizeMethod): PlaneResizer {
  switch (method) {
    case 'bilinear':
      return bilinear(from, to);
    case 'nearest':
      return nearest(from, to);
    case 'area':
      return area(from, to);
  }
}

/** A position between two source pixels, which have the weights `near` and `far`. */
interface SourcePosition {
  readonly first: number;
  readonly second: number;
  readonly near: number;
  readonly far: number;
}

function places(from: number, to: number): readonly SourcePosition[] {
  return Array.from({ length: to }, (_, i) => {
    // (i + ½) from/to - ½ with one division, whose numerator and denominator are exact.
    const at = Math.max(0, ((2 * i + 1) * from - to) / (2 * to));
    const first = Math.min(Math.floor(at), from - 1);
    const second = Math.min(first + 1, from - 1);
    const far = Math.fround(Math.min(1, at - first));
    return { first, second, near: Math.fround(1 - far), far };
  });
}

function bilinear(from: Size, to: Size): PlaneResizer {
  const rows = places(from[0], to[0]);
  const columns = places(from[1], to[1]);
  const width = from[1];
  return (plane, out, at) => {
    let next = at;
    for (const row of rows) {
      const across = (y: number, { first, second, near, far }: SourcePosition): number =>
        mixed(plane[y * width + first] ?? 0, plane[y * width + second] ?? 0, near, far);
      for (const column of columns) {
        out[next++] = mixed(across(row.first, column), across(row.second, column), row.near, row.far);
      }
    }
  };
}

function mixed(a: number, b: number, near: number, far: number): number {
  return Math.fround(Math.fround(near * a) + Math.fround(far * b));
}

function nearest(from: Size, to: Size): PlaneResizer {
  return (plane, out, at) => {
    for (let i = 0; i < to[0]; i++) {
      const row = Math.floor((i * from[0]) / to[0]) * from[1];
      for (let j = 0; j < to[1]; j++) {
        out[at + i * to[1] + j] = plane[row + Math.floor((j * from[1]) / to[1])] ?? 0;
      }
    }
  };
}

interface Stretch {
  readonly begin: number;
  /** The first one after it. */
  readonly end: number;
}

function stretches(from: number, to: number): readonly Stretch[] {
  return Array.from({ length: to }, (_, i) => ({
    begin: Math.floor((i * from) / to),
    end: Math.ceil(((i + 1) * from) / to),
  }));
}

function area(from: Size, to: Size): PlaneResizer {
  const rows = stretches(from[0], to[0]);
  const columns = stretches(from[1], to[1]);
  return (plane, out, at) => {
    let next = at;
    for (const row of rows) for (const column of columns) out[next++] = meanOf(plane, from[1], row, column);
  };
}

function meanOf(plane: Float32Array, width: number, rows: Stretch, columns: Stretch): number {
  let sum = 0;
  for (let y = rows.begin; y < rows.end; y++) {
    for (let x = columns.begin; x < columns.end; x++) sum += plane[y * width + x] ?? 0;
  }
  return sum / ((rows.end - rows.begin) * (columns.end - columns.begin));
}
