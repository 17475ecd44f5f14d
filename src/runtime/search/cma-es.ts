import { exp, log, pow } from '../../numerics/float64.js';
import { eigenOfSymmetric } from './eigen.js';
import { coordinate, type UnitPoint } from './space.js';

/** The normal distribution from which points are drawn, and what its adaptation remembers. */
export interface Distribution {
  readonly mean: readonly number[];
  /** The step size, σ. */
  readonly step: number;
  /** C, row-major. */
  readonly covariance: Float64Array;
  /** Evolution path of the step size, p_σ. */
  readonly stepPath: readonly number[];
  /** Evolution path of the covariance, p_c. */
  readonly path: readonly number[];
  /** Number of updates. */
  readonly generation: number;
}

/** The strategy's parameters, by the equations of Hansen's tutorial. */
interface Strategy {
  readonly size: number;
  readonly parents: number;
  readonly weights: readonly number[];
  /** Variance effective selection mass, μ_eff. */
  readonly mass: number;
  readonly cSigma: number;
  readonly dSigma: number;
  readonly cc: number;
  readonly c1: number;
  readonly cMu: number;
  /** E‖N(0, I)‖ */
  readonly expectedNorm: number;
}

/** Points of a generation (equation 48). */
export function generationSize(dimensions: number): number {
  return 4 + Math.floor(3 * log(dimensions));
}

export function firstDistribution(dimensions: number, step: number): Distribution {
  const covariance = new Float64Array(dimensions * dimensions);
  for (let i = 0; i < dimensions; i++) covariance[i * dimensions + i] = 1;
  const zeros = new Array<number>(dimensions).fill(0);
  return {
    mean: zeros.map(() => 0.5),
    step,
    covariance,
    stepPath: zeros,
    path: zeros,
    generation: 0,
  };
}

/**
 * The next distribution, from a generation's points and their costs: the (μ/μ_w, λ)-CMA-ES with negative weights (Hansen, The CMA
 * evolution strategy: a tutorial, arXiv:1604.00772, appendix A and equations 41 to 58). Equal costs keep their order.
 */
export function adapted(
  before: Distribution,
  population: readonly { readonly point: UnitPoint; readonly cost: number }[],
): Distribution {
  const n = before.mean.length;
  const strategy = strategyOf(n, population.length);
  const { parents, weights, mass, cSigma, dSigma, cc, c1, cMu, expectedNorm } = strategy;
  const sorted = population
    .map((one, i) => ({ ...one, i }))
    .sort((a, b) => (a.cost === b.cost ? a.i - b.i : a.cost - b.cost));
  const steps = sorted.map(({ point }) => before.mean.map((mean, i) => (coordinate(point, i) - mean) / before.step));
  const inverse = inverseRoot(before.covariance, n);
  const meanStep = before.mean.map((_, i) =>
    steps.slice(0, parents).reduce((sum, step, k) => sum + (weights[k] ?? 0) * (step[i] ?? 0), 0),
  );
  const mean = before.mean.map((value, i) => value + before.step * (meanStep[i] ?? 0));

  const white = product(inverse, meanStep, n);
  const keepSigma = Math.sqrt(cSigma * (2 - cSigma) * mass);
  const stepPath = before.stepPath.map((value, i) => (1 - cSigma) * value + keepSigma * (white[i] ?? 0));
  const length = norm(stepPath);
  const step = before.step * exp((cSigma / dSigma) * (length / expectedNorm - 1));

  const generation = before.generation + 1;
  const isShort = length / Math.sqrt(1 - pow(1 - cSigma, 2 * (generation + 1))) < (1.4 + 2 / (n + 1)) * expectedNorm;
  const keepC = isShort ? Math.sqrt(cc * (2 - cc) * mass) : 0;
  const path = before.path.map((value, i) => (1 - cc) * value + keepC * (meanStep[i] ?? 0));

  const scaled = weights.map((weight, k) =>
    weight >= 0 ? weight : (weight * n) / (norm(product(inverse, steps[k] ?? [], n)) ** 2 + 1e-8),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const missing = isShort ? 0 : cc * (2 - cc);
  const old = 1 + c1 * missing - c1 - cMu * total;
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const rankMu = scaled.reduce((sum, weight, k) => sum + weight * (steps[k]?.[i] ?? 0) * (steps[k]?.[j] ?? 0), 0);
      const rankOne = (path[i] ?? 0) * (path[j] ?? 0);
      const value = old * (before.covariance[i * n + j] ?? 0) + c1 * rankOne + cMu * rankMu;
      covariance[i * n + j] = value;
      covariance[j * n + i] = value;
    }
  }
  return { mean, step, covariance, stepPath, path, generation };
}

/** Times that a point outside of the unit cube is drawn again; after that its coordinates are clipped. */
const mostResampled = 100;

/**
 * A point of the unit cube.
 * @param wider factor of the step size
 * @param normals a number of the standard normal distribution for each axis, others at each call
 */
export function sampled(
  { mean, step, covariance }: Distribution,
  wider: number,
  normals: () => readonly number[],
): UnitPoint {
  const n = mean.length;
  const { values, vectors } = eigenOfSymmetric(covariance, n);
  const roots = values.map((value) => Math.sqrt(Math.max(value, 1e-16)));
  const draw = () => {
    const z = normals();
    const y = product(
      vectors,
      roots.map((root, i) => root * (z[i] ?? 0)),
      n,
    );
    return mean.map((value, i) => value + wider * step * (y[i] ?? 0));
  };
  let point = draw();
  for (let i = 0; i < mostResampled && point.some((value) => value < 0 || value >= 1); i++) point = draw();
  return point;
}

function strategyOf(n: number, size: number): Strategy {
  const parents = Math.floor(size / 2);
  const raw = Array.from({ length: size }, (_, i) => log((size + 1) / 2) - log(i + 1));
  const massOf = (some: readonly number[]) => sum(some) ** 2 / sum(some.map((weight) => weight * weight));
  const mass = massOf(raw.slice(0, parents));
  const massBelow = massOf(raw.slice(parents));
  const c1 = 2 / ((n + 1.3) ** 2 + mass);
  const cMu = Math.min(1 - c1 - 1e-8, (2 * (mass - 2 + 1 / mass)) / ((n + 2) ** 2 + mass));
  const alpha = Math.min(1 + c1 / cMu, 1 + (2 * massBelow) / (mass + 2), (1 - c1 - cMu) / (n * cMu));
  const positive = sum(raw.filter((weight) => weight > 0));
  const negative = -sum(raw.filter((weight) => weight < 0));
  const cSigma = (mass + 2) / (n + mass + 5);
  return {
    size,
    parents,
    weights: raw.map((weight) => (weight >= 0 ? weight / positive : (alpha * weight) / negative)),
    mass,
    cSigma,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((mass - 1) / (n + 1)) - 1) + cSigma,
    cc: (4 + mass / n) / (n + 4 + (2 * mass) / n),
    c1,
    cMu,
    expectedNorm: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

/** C^(−1/2) */
function inverseRoot(covariance: Float64Array, n: number): Float64Array {
  const { values, vectors } = eigenOfSymmetric(covariance, n);
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let element = 0;
      for (let k = 0; k < n; k++) {
        const root = Math.sqrt(Math.max(values[k] ?? 0, 1e-16));
        element += ((vectors[i * n + k] ?? 0) * (vectors[j * n + k] ?? 0)) / root;
      }
      result[i * n + j] = element;
    }
  }
  return result;
}

function product(matrix: Float64Array, vector: ArrayLike<number>, n: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => {
    let element = 0;
    for (let j = 0; j < n; j++) element += (matrix[i * n + j] ?? 0) * (vector[j] ?? 0);
    return element;
  });
}

function norm(vector: readonly number[]): number {
  return Math.sqrt(sum(vector.map((value) => value * value)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
