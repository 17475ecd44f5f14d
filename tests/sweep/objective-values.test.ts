import { describe, expect, it } from 'vitest';
import { SeedResults } from '../../src/compare/lock/seed-results.js';
import type { Metrics } from '../../src/runtime/training/metrics.js';
import { ObjectiveValues } from '../../src/sweep/objective-values.js';

const objective = { metric: 'validation.final_loss', goal: 'min', of: 'best' } as const;

/** A loss whose second term begins in the third epoch, and one that never changes. */
const changing: readonly Metrics[] = [
  { 'validation.loss': 0.1, 'validation.final_loss': 9 },
  { 'validation.loss': 0.2, 'validation.final_loss': 8 },
  { 'validation.loss': 5, 'validation.final_loss': 5 },
];
const constant: readonly Metrics[] = [{ 'validation.loss': 7 }, { 'validation.loss': 6 }];

const epochsOf = (epochs: readonly Metrics[]) =>
  epochs.flatMap((metrics, i) =>
    Object.entries(metrics).map(([metric, value]) => ({ stage: 'train', epoch: i + 1, metric, value })),
  );

describe('the objective of a loss that changes', () => {
  it.each([
    ['changing', changing, { epoch: 3, value: 5 }],
    ['constant', constant, { epoch: 2, value: 6 }],
  ])('is the final loss, and of a loss that is %s what that is', (_name, epochs, best) => {
    const values = new ObjectiveValues(objective);
    values.restore([], 'train');
    epochs.forEach((metrics, i) => {
      values.observe({ event: 'evaluation', stage: 'train', part: 'validation', epoch: i + 1, metrics });
    });
    expect(values.upTo(10)).toEqual(best);
    const restored = new ObjectiveValues(objective);
    restored.restore(epochsOf(epochs), 'train');
    expect(restored.upTo(10)).toEqual(best);
  });

  it('is what a lock has the best epoch of', () => {
    const bestOf = (epochs: readonly Metrics[]) =>
      new SeedResults([{ seed: 1, weightsSha256: '', metrics: {}, epochs: epochsOf(epochs), diverged: false }]).columns
        .best;
    expect(bestOf(changing)).toEqual({ 'validation.final_loss': [{ epoch: 3, value: 5 }] });
    expect(bestOf(constant)).toEqual({ 'validation.loss': [{ epoch: 2, value: 6 }] });
    expect(bestOf([{ 'validation.loss': Number.NaN }, { 'validation.loss': 2 }])).toEqual({
      'validation.loss': [{ epoch: 2, value: 2 }],
    });
  });
});
