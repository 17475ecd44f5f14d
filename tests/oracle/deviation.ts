import { GoldenFormatError } from './fields.js';
import type { StoredTensors } from './stored-tensors.js';
import type { Trajectory } from './trajectory.js';

/** How far one run is from another. What isn't finite in one of them is infinitely far. */
function distance(ours: number, expected: number): number {
  const difference = Math.abs(ours - expected);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}

function largest(values: Iterable<number>): number {
  let maximum = 0;
  for (const value of values) maximum = Math.max(maximum, value);
  return maximum;
}

/** Relative to each value, or to a tenth of the curve's largest where the curve comes near zero. */
export function curveDeviation(ours: readonly number[], expected: readonly number[]): number {
  if (ours.length !== expected.length) return Number.POSITIVE_INFINITY;
  const floor = 0.1 * largest(expected.map(Math.abs));
  return largest(expected.map((value, i) => distance(ours[i] ?? Number.NaN, value) / Math.max(Math.abs(value), floor)));
}

/** Of the total and of every term. */
export function trajectoryDeviation(ours: Trajectory, expected: Trajectory): number {
  const curves = Object.entries(expected.terms).map(([name, values]) => curveDeviation(ours.terms[name] ?? [], values));
  return largest([curveDeviation(ours.total, expected.total), ...curves]);
}

/** Of the norms of the first step, each relative to itself. */
export function gradientNormDeviation(ours: Trajectory, expected: Trajectory): number {
  return largest(
    Object.entries(expected.gradientNormStep1).map(
      ([name, norm]) => distance(ours.gradientNormStep1[name] ?? Number.NaN, norm) / Math.max(Math.abs(norm), 1e-12),
    ),
  );
}

/** Of the global norm of every step, each relative to itself. */
export function globalNormDeviation(ours: Trajectory, expected: Trajectory): number | null {
  const [a, b] = [ours.globalGradientNorm, expected.globalGradientNorm];
  if (!a || !b) return null;
  return largest(b.map((norm, i) => distance(a[i] ?? Number.NaN, norm) / Math.max(Math.abs(norm), 1e-12)));
}

/** The largest difference within a tensor over its largest value. */
export function tensorDeviation(ours: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (ours.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let magnitude = 1e-12;
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] ?? Number.NaN;
    difference = Math.max(difference, distance(ours[i] ?? Number.NaN, value));
    magnitude = Math.max(magnitude, Math.abs(value));
  }
  return difference / magnitude;
}

/** Of every parameter and running statistic, but for some elements, by tensor. */
export function parameterDeviation(
  ours: StoredTensors,
  expected: StoredTensors,
  leftOut: ReadonlyMap<string, readonly number[]>,
): number {
  const unexpected = [...ours.keys()].filter((name) => !expected.has(name));
  if (unexpected.length > 0) throw new GoldenFormatError(`final.safetensors lacks ${unexpected.join(', ')}`);
  return largest(
    [...expected].map(([name, { elements }]) => {
      const own = Float64Array.from(ours.get(name)?.elements ?? []);
      for (const at of leftOut.get(name) ?? []) {
        if (own[at] === undefined) throw new GoldenFormatError(`${name} has no element ${at}`);
        own[at] = elements[at] ?? Number.NaN;
      }
      return tensorDeviation(own, elements);
    }),
  );
}
