import { all, isFinite as isFiniteOf, type Tensor } from '@tensorflow/tfjs-core';
import { forward, type Network, type NetworkNode, networkInput } from '../lowering/network.js';
import type { Objective } from '../lowering/objective.js';
import { scoped } from './scope.js';
import type { Moment, StepReport, TensorBatch } from './updater.js';
import { scalarValue } from './weight-store.js';

/**
 * Locates the first non-finite value of a step, in order of computation: `input`, `target`, a layer (`encoder.0`), a term of the
 * loss (`loss.kl_sparsity`), or the gradient of a layer (`gradient of encoder.0`).
 */
export function firstNonFinite(
  network: Network,
  objective: Objective,
  weights: ReadonlyMap<string, Tensor>,
  { input, target, condition }: Pick<TensorBatch, 'input' | 'target' | 'condition'>,
  moment: Moment,
  report: StepReport,
): string {
  return scoped(() => {
    if (!isFiniteTensor(input)) return networkInput;
    if (!isFiniteTensor(target)) return 'target';
    const activations = forward(network, input, {
      weights,
      condition,
      training: true,
      sampling: true,
      ...moment,
      update: () => {},
    });
    const node = network.nodes.find(({ key }) => !isFiniteTensor(activations.of(key)));
    if (node) return layerName(network, node);
    const term = objective.find((_, i) => !Number.isFinite(report.terms[i]));
    if (term) return `loss.${term.name}`;
    const gradient = [...report.gradientNorms].find(([, norm]) => !Number.isFinite(norm));
    const address = network.weights.find(({ key }) => key === gradient?.[0])?.address;
    return `gradient of ${dotted(address ?? networkInput)}`;
  });
}

function isFiniteTensor(values: Tensor): boolean {
  return scalarValue(all(isFiniteOf(values))) !== 0;
}

/** Address of a layer, or of the layer under an activation: `encoder.0`. */
export function layerName({ nodes }: Network, node: NetworkNode): string {
  const byKey = new Map(nodes.map((other) => [other.key, other]));
  let at: NetworkNode | undefined = node;
  while (at && at.address === null) at = byKey.get(at.source);
  return dotted(at?.address ?? node.key);
}

function dotted(address: string): string {
  return address.replaceAll('/', '.');
}
