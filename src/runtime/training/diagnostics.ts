import { exp, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../../compiler/ir/shape.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { layerMetricName, layerPlace, named } from '../../metrics/metric-name.js';
import { type Activations, forward, type NetworkNode, weightKey } from '../lowering/network.js';
import { evaluateObjective } from '../lowering/objective.js';
import { NoiseStreams } from './drawn-noise.js';
import type { Evaluator } from './evaluation.js';
import { tensorBatch } from './examples.js';
import { filterStructure } from './filter-structure.js';
import { combinedNorm, euclideanNorm, gradientsOf } from './gradients.js';
import { latentActivity } from './latent-activity.js';
import type { LayerMetrics, MeasuredLayer } from './measured-layers.js';
import type { Metrics } from './metrics.js';
import { scoped } from './scope.js';
import { unitActivity } from './unit-activity.js';
import { trainableKeys } from './updater.js';
import { elementsOf, numberIn, type WeightStore } from './weight-store.js';

/**
 * Measures every layer on a fixed probe: unit activity, gradient norm, divergence of latent dimensions, and structure
 * of the first layer's filters.
 *
 * @param filters image shape of the first layer's filters; null if they aren't images
 */
export function diagnose(
  evaluator: Evaluator,
  layers: readonly MeasuredLayer[],
  filters: Shape | null,
  weights: WeightStore,
  time: ScheduleTime,
): Metrics {
  const { network, objective, examples, probe } = evaluator;
  const noise = new NoiseStreams('evaluation').at({ step: 0, firstExample: 0 });
  const size = Math.min(probe, examples.count('train'));
  return scoped(() => {
    const { input, clean, target, condition } = tensorBatch(examples.evaluationBatch('train', 0, size, time), network);
    const pass = { weights: weights.tensors, condition, time, noise, update: () => {} };
    // Frees the outputs of all layers before the gradient's pass makes its own.
    const { units, latents } = scoped(() => {
      const activations = forward(network, input, { ...pass, training: false, sampling: false });
      return {
        units: layers.map(({ outputKey, range }) => activityOf(activations.of(outputKey), range)),
        latents: network.nodes.map((node) => latentMetrics(node, activations)),
      };
    });
    const keys = trainableKeys(network);
    const gradients = gradientsOf(
      (): Scalar => {
        const seen = forward(network, input, { ...pass, training: true, sampling: true });
        const compared = { network, activations: seen, weights: weights.tensors, clean, target };
        return evaluateObjective(objective, compared, time).total;
      },
      keys.map((key) => weights.get(key)),
    );
    const norms = new Map(gradients.map((gradient, i) => [keys[i] ?? '', euclideanNorm(gradient)]));
    const metrics: Record<string, number> = {};
    for (const [i, { name, address, measures }] of layers.entries()) {
      const state = measures?.((weight) => numberIn(weights, weightKey(address, weight))) ?? {};
      Object.assign(metrics, named({ kind: 'layer', layer: name }, { ...units[i], ...state }));
      const own = network.weights.filter((weight) => weight.address === address);
      // The gradient of shared weights is told at the layer that has them.
      if (own.length === 0) continue;
      const trained = own.filter(({ trainable }) => trainable);
      metrics[layerMetricName(name, 'gradient_norm')] = combinedNorm(trained.map(({ key }) => normAt(key, norms)));
    }
    Object.assign(metrics, ...latents);
    const [first] = layers;
    if (first && filters) {
      const { meanMoransI, structured } = filterStructure(
        elementsOf(weights.get(weightKey(first.address, 'weight'))),
        filters,
      );
      metrics[layerMetricName(first.name, 'morans_i')] = meanMoransI;
      metrics[layerMetricName(first.name, 'structured_filters')] = structured;
    }
    return metrics;
  });
}

function activityOf(output: Tensor, range: MeasuredLayer['range']): LayerMetrics {
  const { meanActivation, dead, saturated } = unitActivity(elementsOf(output), output.shape.at(-1) ?? 1, range);
  return { mean_activation: meanActivation, dead, ...(saturated === null ? {} : { saturated }) };
}

/** Divergence of each dimension of a latent variable, and the number of active ones; empty for other layers. */
function latentMetrics({ key, address, heads, isLatent }: NetworkNode, activations: Activations): Metrics {
  if (address === null || !isLatent || !('mu' in heads && 'logvar' in heads)) return {};
  const [mu, logvar] = [activations.of(`${key}/mu`), activations.of(`${key}/logvar`)];
  const moments = { mu: elementsOf(mu), logvar: elementsOf(logvar), variance: elementsOf(exp(logvar)) };
  const { divergences, active } = latentActivity(moments, mu.size / (mu.shape[0] ?? 1));
  const layer = layerPlace(address);
  return {
    [layerMetricName(layer, 'active_dimensions')]: active,
    ...Object.fromEntries(divergences.map((kl, dimension) => [layerMetricName(layer, 'kl_N', dimension), kl])),
  };
}

function normAt(key: string, norms: ReadonlyMap<string, number>): number {
  const norm = norms.get(key);
  if (norm === undefined) throw new RangeError(`the weight '${key}' has no gradient`);
  return norm;
}
