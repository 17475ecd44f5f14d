import { createHash } from 'node:crypto';
import type { SweepDescription } from '../../../src/runtime/store/sweep-records.js';

/** A sweep of so many trials: `rho` is 0.01, 0.02, … */
export function sampleSweep(trials: number, changes: Partial<SweepDescription> = {}): SweepDescription {
  const values = Array.from({ length: trials }, (_, i) => (i + 1) / 100);
  return {
    name: 'sparse',
    experiment: 'sparse',
    file: 'experiments/sparse.ae',
    backend: 'cpu',
    axes: [{ name: 'rho', values }],
    objective: { metric: 'validation.loss', goal: 'min', of: 'best' },
    pruning: null,
    command: 'aedsl sweep',
    trials: values.map((rho) => ({
      parameters: { rho },
      seed: 1,
      identity: createHash('sha256').update(`rho ${rho}`).digest('hex'),
      recipe: `{"params":["rho=${rho}"]}`,
    })),
    ...changes,
  };
}
