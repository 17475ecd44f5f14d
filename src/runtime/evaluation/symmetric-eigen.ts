import { between, type Work } from './work.js';

/** Eigenvalues of a symmetric matrix from the largest down, with unit eigenvectors. */
export interface SymmetricEigen {
  /** `[count]` */
  readonly values: Float64Array;
  /** `[count, size]`, a row for each eigenvalue; orthonormal. */
  readonly vectors: Float64Array;
}

/** Sweeps for one eigenvalue; two are enough as a rule. */
const mostSweeps = 60;

const machineEpsilon = 2 ** -52;

/**
 * The largest eigenvalues of a symmetric matrix, in float64: Householder reflections to a tridiagonal matrix, then the
 * QL algorithm with implicit shifts (Golub and Van Loan, Matrix Computations, 8.3). About 4 size³ operations.
 *
 * @param matrix `[size, size]`; both triangles
 * @param count how many
 * @throws RangeError for a matrix of another size, or one whose elements are not finite
 */
export function* symmetricEigen(matrix: Float64Array, size: number, count: number): Work<SymmetricEigen> {
  if (matrix.length !== size * size) {
    throw new RangeError(`${size}×${size} values are ${size * size}, not ${matrix.length}`);
  }
  if (!matrix.every(Number.isFinite)) throw new RangeError('a matrix that is not finite has no eigenvalues');
  const { diagonal, beside, reflections, scales } = yield* between(0, 0.3, tridiagonal(matrix, size));
  const rotated = identity(size);
  yield* between(0.3, 0.95, diagonalize(diagonal, beside, rotated));
  const order = Array.from(diagonal.keys()).sort((i, j) => (diagonal[j] ?? 0) - (diagonal[i] ?? 0) || i - j);
  const chosen = order.slice(0, count);
  const vectors = new Float64Array(chosen.length * size);
  for (const [to, from] of chosen.entries()) {
    yield 0.95 + (0.05 * to) / chosen.length;
    const vector = vectors.subarray(to * size, (to + 1) * size);
    vector.set(rotated.subarray(from * size, (from + 1) * size));
    for (let k = size - 3; k >= 0; k--) reflect(vector, reflections, size, k, scales[k] ?? 0);
  }
  return { values: Float64Array.from(chosen, (i) => diagonal[i] ?? 0), vectors };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** beside[i] is between i and i + 1; the last is 0. */
  readonly beside: Float64Array;
  /** Row k: the vector v of the k-th reflection 1 − scale v vᵀ, from column k + 1 on. */
  readonly reflections: Float64Array;
  readonly scales: Float64Array;
}

function* tridiagonal(matrix: Float64Array, size: number): Work<Tridiagonal> {
  const a = matrix.slice();
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const scales = new Float64Array(size);
  const w = new Float64Array(size);
  for (let k = 0; k < size - 1; k++) {
    yield k / size;
    const v = a.subarray(k * size, (k + 1) * size);
    diagonal[k] = v[k] ?? 0;
    const first = v[k + 1] ?? 0;
    let rest = 0;
    for (let j = k + 2; j < size; j++) rest += (v[j] ?? 0) * (v[j] ?? 0);
    if (rest === 0) {
      beside[k] = first;
      continue;
    }
    const norm = Math.sqrt(first * first + rest);
    const reflected = first > 0 ? -norm : norm;
    beside[k] = reflected;
    v[k + 1] = first - reflected;
    const scale = 2 / ((first - reflected) * (first - reflected) + rest);
    scales[k] = scale;
    reflectBothSides(a, size, k, scale, w);
  }
  if (size > 0) diagonal[size - 1] = a[size * size - 1] ?? 0;
  return { diagonal, beside, reflections: a, scales };
}

/**
 * A ← (1 − scale v vᵀ) A (1 − scale v vᵀ) on the rows and columns after k, v being row k.
 * @param w room for a vector
 */
function reflectBothSides(a: Float64Array, size: number, k: number, scale: number, w: Float64Array): void {
  const v = a.subarray(k * size, (k + 1) * size);
  let overlap = 0;
  for (let i = k + 1; i < size; i++) {
    let sum = 0;
    for (let j = k + 1; j < size; j++) sum += (a[i * size + j] ?? 0) * (v[j] ?? 0);
    w[i] = scale * sum;
    overlap += scale * sum * (v[i] ?? 0);
  }
  const half = (scale / 2) * overlap;
  for (let i = k + 1; i < size; i++) w[i] = (w[i] ?? 0) - half * (v[i] ?? 0);
  for (let i = k + 1; i < size; i++) {
    const vi = v[i] ?? 0;
    const wi = w[i] ?? 0;
    for (let j = k + 1; j < size; j++) {
      a[i * size + j] = (a[i * size + j] ?? 0) - (vi * (w[j] ?? 0) + wi * (v[j] ?? 0));
    }
  }
}

function reflect(vector: Float64Array, reflections: Float64Array, size: number, k: number, scale: number): void {
  let overlap = 0;
  for (let j = k + 1; j < size; j++) overlap += (reflections[k * size + j] ?? 0) * (vector[j] ?? 0);
  const factor = scale * overlap;
  for (let j = k + 1; j < size; j++) vector[j] = (vector[j] ?? 0) - factor * (reflections[k * size + j] ?? 0);
}

/** Turns a tridiagonal matrix into the diagonal one of its eigenvalues, in place, and the rows of `vectors` with it. */
function* diagonalize(diagonal: Float64Array, beside: Float64Array, vectors: Float64Array): Work<void> {
  const size = diagonal.length;
  const norm = diagonal.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(beside[i] ?? 0)), 0);
  // Smaller values are rounding errors of the largest eigenvalue.
  const negligible = machineEpsilon * norm * 2 ** -10;
  const splitFrom = (start: number): number => {
    let end = start;
    for (; end < size - 1; end++) {
      const around = Math.abs(diagonal[end] ?? 0) + Math.abs(diagonal[end + 1] ?? 0);
      if (Math.abs(beside[end] ?? 0) <= Math.max(negligible, machineEpsilon * around)) break;
    }
    return end;
  };
  for (let start = 0; start < size; start++) {
    for (let sweep = 0, end = splitFrom(start); end > start; end = splitFrom(start)) {
      if (++sweep > mostSweeps) throw new RangeError('the eigenvalues do not converge');
      yield start / size;
      sweepQl(diagonal, beside, vectors, start, end);
    }
  }
}

/** One QL step with Wilkinson's shift on the block from `start` to `end`. */
function sweepQl(
  diagonal: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
  start: number,
  end: number,
): void {
  const size = diagonal.length;
  const atStart = diagonal[start] ?? 0;
  const next = beside[start] ?? 0;
  const ratio = ((diagonal[start + 1] ?? 0) - atStart) / (2 * next);
  const root = Math.sqrt(ratio * ratio + 1);
  let bulge = (diagonal[end] ?? 0) - atStart + next / (ratio + (ratio < 0 ? -root : root));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let i = end - 1; i >= start; i--) {
    const across = sine * (beside[i] ?? 0);
    const along = cosine * (beside[i] ?? 0);
    const length = Math.sqrt(across * across + bulge * bulge);
    beside[i + 1] = length;
    if (length === 0) {
      diagonal[i + 1] = (diagonal[i + 1] ?? 0) - shift;
      beside[end] = 0;
      return;
    }
    sine = across / length;
    cosine = bulge / length;
    const before = (diagonal[i + 1] ?? 0) - shift;
    const change = ((diagonal[i] ?? 0) - before) * sine + 2 * cosine * along;
    shift = sine * change;
    diagonal[i + 1] = before + shift;
    bulge = cosine * change - along;
    rotate(vectors, size, i, sine, cosine);
  }
  diagonal[start] = (diagonal[start] ?? 0) - shift;
  beside[start] = bulge;
  beside[end] = 0;
}

/** Turns rows i and i + 1 in their plane. */
function rotate(vectors: Float64Array, size: number, i: number, sine: number, cosine: number): void {
  const upper = i * size;
  const lower = upper + size;
  for (let k = 0; k < size; k++) {
    const above = vectors[upper + k] ?? 0;
    const below = vectors[lower + k] ?? 0;
    vectors[lower + k] = sine * above + cosine * below;
    vectors[upper + k] = cosine * above - sine * below;
  }
}

function identity(size: number): Float64Array {
  const rows = new Float64Array(size * size);
  for (let i = 0; i < size; i++) rows[i * size + i] = 1;
  return rows;
}
