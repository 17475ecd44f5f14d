import { mul, square, squaredDifference, sub, sum, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { termQuantity } from '../../metrics/definitions.js';
import { fusedOperations } from '../lowering/fused-operations.js';
import { toInside } from '../lowering/image-layout.js';
import type { Activations } from '../lowering/network.js';
import type { Objective } from '../lowering/objective.js';

/** Values by name: `loss`, the terms of the loss, `mse`, `sse`. */
export type Metrics = Readonly<Record<string, number>>;

/** Measurements of a batch or a part. */
export interface Measured {
  readonly examples: number;
  /** Unweighted. */
  readonly terms: readonly number[];
  /** Sum over all examples, as `MetricReader.squaredError` returns it. */
  readonly squaredError: number;
}

/** Converts an experiment's measurements to metrics. */
export class MetricReader {
  readonly #objective: Objective;
  readonly #shape: Shape;
  /** Factor per value of an example; null if a single one applies to all. */
  readonly #scales: Float32Array | null;
  readonly #scale: number;
  /** Names of the terms. */
  readonly #names: readonly string[];

  /** @param rawScale factors from the network's values to raw units: one per value of an example, or a single one */
  constructor(objective: Objective, shape: Shape, rawScale: Float64Array) {
    this.#objective = objective;
    this.#shape = shape;
    this.#scales = rawScale.length === 1 ? null : Float32Array.from(rawScale);
    this.#scale = rawScale.length === 1 ? (rawScale[0] ?? 1) : 1;
    this.#names = objective.map(({ name }) => termQuantity(name));
  }

  /**
   * Sum of squared errors of a batch, between the clean input and the reconstruction: in the network's units if a
   * single factor converts all values to raw units, else in raw units.
   */
  squaredError(activations: Activations, target: Tensor): Tensor {
    const reconstruction = this.reconstruction(activations);
    if (this.#scales === null) {
      const fused = fusedOperations();
      return (
        fused?.elementLoss('squared_error', reconstruction, target, 1) ?? sum(squaredDifference(reconstruction, target))
      );
    }
    const scales = toInside(tensor(this.#scales, [1, this.#scales.length], 'float32'), this.#shape);
    return sum(square(mul(sub(reconstruction, target), scales)));
  }

  /** The decoder's output as what it stands for: probabilities of logits. */
  reconstruction({ output }: Activations): Tensor {
    const meaning = this.#objective.find(({ lowering }) => lowering.reconstruction)?.lowering.reconstruction;
    return meaning ? meaning(output) : output;
  }

  /**
   * Terms are per example and unweighted; `loss` is their weighted sum. `sse` is the squared error per example in raw
   * units, `mse` that per element. An experiment without a loss has no `loss`.
   */
  metrics({ examples, terms, squaredError }: Measured, time: ScheduleTime): Metrics {
    // Set first, so that `loss` is written before the others.
    const metrics: Record<string, number> = this.#objective.length === 0 ? {} : { loss: 0 };
    let loss = 0;
    this.#objective.forEach(({ loss: word, argumentsAt, weightAt }, i) => {
      const [name, value] = [this.#names[i], terms[i]];
      if (name === undefined || value === undefined) throw new RangeError(`the term ${i} of the loss was not measured`);
      const perExample = word.sumsOverExamples(argumentsAt(time)) ? value / examples : value;
      const weight = weightAt(time);
      loss += weight === 0 ? 0 : weight * perExample;
      metrics[name] = perExample;
    });
    const sse = (squaredError * this.#scale * this.#scale) / examples;
    if (this.#objective.length > 0) metrics.loss = loss;
    metrics.mse = sse / elementCount(this.#shape);
    metrics.sse = sse;
    return metrics;
  }
}
