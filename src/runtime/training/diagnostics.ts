import type { Scalar } from '@tensorflow/tfjs-core';
import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';
import type { Interval } from '../../compiler/ir/interval.js';
import type { Shape } from '../../compiler/ir/shape.js';
import type { Library } from '../../compiler/library/library.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { forward, referenceKey, weightKey } from '../lowering/network.js';
import { evaluateObjective } from '../lowering/objective.js';
import { NoiseStreams } from './drawn-noise.js';
import type { Evaluator } from './evaluation.js';
import { tensorBatch } from './examples.js';
import { filterStructure } from './filter-structure.js';
import { combinedNorm, euclideanNorm, gradientsOf } from './gradients.js';
import type { Metrics } from './metrics.js';
import { scoped } from './scope.js';
import { unitActivity } from './unit-activity.js';
import { trainableKeys } from './updater.js';
import { elementsOf, type WeightStore } from './weight-store.js';

/** A layer with weights, and the output that its units are judged by: after the activations that follow it. */
export interface MeasuredLayer {
  /** `encoder.0` */
  readonly name: string;
  readonly address: string;
  readonly outputKey: string;
  readonly range: Interval;
}

/** The layers of an experiment that diagnostics are about, in structural order. */
export function measuredLayers(
  experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>,
  library: Library,
): readonly MeasuredLayer[] {
  return (['encoder', 'decoder'] as const).flatMap((block) => {
    const layers = experiment[block];
    return layers.flatMap((layer, index) => {
      if (layer.address === null || layer.weights.length === 0) return [];
      const last = lastActivation(layers, index, library);
      const output = layers[last] ?? layer;
      return [
        {
          name: layer.address.replaceAll('/', '.'),
          address: layer.address,
          outputKey: referenceKey({ block, index: last, head: null }),
          range: output.range,
        },
      ];
    });
  });
}

function lastActivation(layers: readonly LayerNode[], index: number, library: Library): number {
  const next = layers[index + 1];
  if (!next || library.find('layer', next.word)?.activation !== true) return index;
  return lastActivation(layers, index + 1, library);
}

/** Examples of the training part that diagnostics look at. */
const probeSize = 256;

/**
 * The state of every layer on a probe that is always the same: how its units behave, how long its gradient is, and how
 * much structure the filters of the first layer have.
 *
 * @param filters shape of the image that the first layer's filters look at; null where there is none
 */
export function diagnose(
  evaluator: Evaluator,
  layers: readonly MeasuredLayer[],
  filters: Shape | null,
  weights: WeightStore,
  time: ScheduleTime,
): Metrics {
  const { network, objective, examples } = evaluator;
  const noise = new NoiseStreams('evaluation').at({ step: 0, firstExample: 0 });
  const size = Math.min(probeSize, examples.count('train'));
  return scoped(() => {
    const { input, target } = tensorBatch(examples.evaluationBatch('train', 0, size, time), network.input);
    const pass = { weights: weights.tensors, time, noise, update: () => {} };
    const activations = forward(network, input, { ...pass, training: false, sampling: false });
    const keys = trainableKeys(network);
    const gradients = gradientsOf(
      (): Scalar => {
        const seen = forward(network, input, { ...pass, training: true, sampling: true });
        return evaluateObjective(objective, { network, activations: seen, weights: weights.tensors, target }, time).total;
      },
      keys.map((key) => weights.get(key)),
    );
    const norms = new Map(gradients.map((gradient, i) => [keys[i] ?? '', euclideanNorm(gradient)]));
    const metrics: Record<string, number> = {};
    for (const { name, address, outputKey, range } of layers) {
      const output = activations.of(outputKey);
      const { meanActivation, dead, saturated } = unitActivity(elementsOf(output), output.shape.at(-1) ?? 1, range);
      metrics[`${name}.mean_activation`] = meanActivation;
      metrics[`${name}.dead`] = dead;
      if (saturated !== null) metrics[`${name}.saturated`] = saturated;
      const own = network.weights.filter((weight) => weight.address === address && weight.trainable);
      metrics[`${name}.gradient_norm`] = combinedNorm(own.map(({ key }) => norms.get(key) ?? 0));
    }
    const [first] = layers;
    if (first && filters) {
      const { meanMoransI, structured } = filterStructure(elementsOf(weights.get(weightKey(first.address, 'weight'))), filters);
      metrics[`${first.name}.morans_i`] = meanMoransI;
      metrics[`${first.name}.structured_filters`] = structured;
    }
    return metrics;
  });
}
