import { squaredDifference, sum, type Tensor } from '@tensorflow/tfjs-core';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import type { Activations } from '../lowering/network.js';
import type { Objective } from '../lowering/objective.js';

/** Values by name: `loss`, the terms of the loss, `mse`, `sse`. */
export type Metrics = Readonly<Record<string, number>>;

/** Recorded of every trial, whatever its loss. */
const alwaysRecorded: readonly string[] = ['loss', 'mse', 'sse'];

/** A term whose name is taken by what is always recorded is told apart: `mse_term` is in the units of the loss. */
export function termMetric(name: string): string {
  return alwaysRecorded.includes(name) ? `${name}_term` : name;
}

/** What is measured of one batch or one part. */
export interface Measured {
  readonly examples: number;
  /** Without their weights. */
  readonly terms: readonly number[];
  /** Of all examples together, in the units of the network. */
  readonly squaredError: number;
}

/** Turns what was measured into metrics, for one experiment. */
export class MetricReader {
  readonly #objective: Objective;
  readonly #elements: number;
  readonly #rawScale: number;

  /** @param rawScale what a difference of 1 is in raw units */
  constructor(objective: Objective, shape: Shape, rawScale: number) {
    this.#objective = objective;
    this.#elements = elementCount(shape);
    this.#rawScale = rawScale;
  }

  /**
   * Terms are per example and without their weights, `loss` is their weighted sum. `sse` is the squared error of an
   * example in raw units, `mse` that of an element.
   */
  metrics({ examples, terms, squaredError }: Measured, time: ScheduleTime): Metrics {
    const perExample = this.#objective.map(({ name, lowering, argumentsAt, weightAt }, i) => {
      const value = terms[i] ?? Number.NaN;
      const scaled = lowering.sumsOverExamples(argumentsAt(time)) ? value / examples : value;
      return { name: termMetric(name), value: scaled, weight: weightAt(time) };
    });
    const sse = (squaredError * this.#rawScale * this.#rawScale) / examples;
    return {
      loss: perExample.reduce((total, { value, weight }) => total + (weight === 0 ? 0 : weight * value), 0),
      ...Object.fromEntries(perExample.map(({ name, value }) => [name, value])),
      mse: sse / this.#elements,
      sse,
    };
  }
}

/** The sum of squared errors of a batch, between the clean input and what the output stands for. */
export function squaredError(objective: Objective, activations: Activations, target: Tensor): Tensor {
  const meaning = objective.find(({ lowering }) => lowering.reconstruction)?.lowering.reconstruction;
  const reconstruction = meaning ? meaning(activations.output) : activations.output;
  return sum(squaredDifference(reconstruction, target));
}

/** The metrics under the name of a part: `validation.loss`. */
export function prefixed(part: string, metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${part}.${name}`, value]));
}
