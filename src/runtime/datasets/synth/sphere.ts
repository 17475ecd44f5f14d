import type { RandomStream } from '../../random/stream.js';
import type { WorldSpec } from './spec.js';

/**
 * Random directions, `[features, dim]`, each of norm 1, in double precision until the end.
 *
 * In each step of `repel` they move apart: `W ← W - (W WᵀW - W) / (2 max(1, features / dim))`, and back to the sphere, which
 * descends the sum of the squared cosines of all pairs (the frame potential of Benedetto and Fickus 2003).
 */
export function sphere(
  { features, dim, repel }: Pick<WorldSpec, 'features' | 'dim' | 'repel'>,
  source: RandomStream,
): Float32Array {
  const drawn = new Float32Array(features * dim);
  source.normal(drawn, 0);
  const directions = Float64Array.from(drawn);
  toSphere(directions, dim);
  for (let step = 0; step < repel; step++) {
    moveApart(directions, features, dim);
    toSphere(directions, dim);
  }
  return Float32Array.from(directions);
}

/** Scales each direction to norm 1; one without any length becomes the first axis. */
function toSphere(directions: Float64Array, dim: number): void {
  for (let first = 0; first < directions.length; first += dim) {
    const one = directions.subarray(first, first + dim);
    const length = Math.sqrt(one.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let i = 0; i < dim; i++) one[i] = (one[i] ?? 0) / length;
    else one[0] = 1;
  }
}

function moveApart(directions: Float64Array, features: number, dim: number): void {
  const moments = new Float64Array(dim * dim);
  for (let first = 0; first < directions.length; first += dim) {
    const one = directions.subarray(first, first + dim);
    for (let i = 0; i < dim; i++) {
      const value = one[i] ?? 0;
      const row = moments.subarray(i * dim, (i + 1) * dim);
      for (let j = 0; j < dim; j++) row[j] = (row[j] ?? 0) + value * (one[j] ?? 0);
    }
  }
  const rate = 0.5 / Math.max(1, features / dim);
  const pushed = new Float64Array(dim);
  for (let first = 0; first < directions.length; first += dim) {
    const one = directions.subarray(first, first + dim);
    pushed.fill(0);
    for (let i = 0; i < dim; i++) {
      const value = one[i] ?? 0;
      const row = moments.subarray(i * dim, (i + 1) * dim);
      for (let j = 0; j < dim; j++) pushed[j] = (pushed[j] ?? 0) + value * (row[j] ?? 0);
    }
    for (let i = 0; i < dim; i++) one[i] = (one[i] ?? 0) - rate * ((pushed[i] ?? 0) - (one[i] ?? 0));
  }
}
