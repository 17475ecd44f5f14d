import type { Reconstruction, ReconstructionMeasure } from '../../runtime/evaluation/measure.js';
import { RunningMean } from '../../runtime/evaluation/running-mean.js';

/** The mean of what is measured of each reconstruction of clean examples. */
export function meanMeasure(measure: (portion: Reconstruction) => Float64Array): ReconstructionMeasure {
  const mean = new RunningMean();
  return {
    corruption: null,
    add: (portion) => mean.add(measure(portion)),
    metrics: () => ({ '': mean.value }),
  };
}
