import type { Reconstruction, ReconstructionMeasure } from '../../runtime/evaluation/measure.js';
import { RunningMean } from '../../runtime/evaluation/running-mean.js';

/** The mean of what is measured of each reconstruction of clean examples. */
export function meanMeasure(measure: (chunk: Reconstruction) => Float64Array): ReconstructionMeasure {
  const mean = new RunningMean();
  return {
    corruption: null,
    add: (chunk) => mean.add(measure(chunk)),
    metrics: () => ({ '': mean.value }),
  };
}
