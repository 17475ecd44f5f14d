import type { Transform, ValueTransform } from './transform.js';

/** Whether the transforms are computed in float64, whatever the examples are kept in: the training examples needed it. */
export function areInDouble(transforms: readonly Transform[]): boolean {
  return transforms.some(
    (transform) =>
      (transform.word === 'standardize' && transform.mean instanceof Float64Array) ||
      (transform.word === 'min_max' && transform.min instanceof Float64Array),
  );
}

/** What a transform makes of value `feature` of an example, in float64 and not rounded; null for one that draws. */
export function inDouble(transform: ValueTransform): ((value: number, feature: number) => number) | null {
  switch (transform.word) {
    case 'normalize':
      return (x) => (x - transform.mean) / transform.std;
    case 'scale':
      return (x) => transform.low + (transform.high - transform.low) * x;
    case 'binarize':
      return transform.stochastic ? null : (x) => (x >= transform.threshold ? 1 : 0);
    case 'standardize': {
      const { mean, std } = transform;
      return (x, feature) => (x - (mean[feature] ?? 0)) / (std[feature] || 1);
    }
    case 'min_max': {
      const { low, high, clip, min, max } = transform;
      return (x, feature) => {
        const least = min[feature] ?? 0;
        const width = (max[feature] ?? 0) - least || 1;
        const mapped = low + (high - low) * ((x - least) / width);
        return clip ? Math.min(high, Math.max(low, mapped)) : mapped;
      };
    }
  }
}
