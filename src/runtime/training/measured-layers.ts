import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';
import type { Interval } from '../../compiler/ir/interval.js';
import type { Library } from '../../compiler/library/library.js';
import { layerPlace } from '../../metrics/metric-name.js';
import { referenceKey } from '../lowering/network.js';

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
  return (['encoder', 'decoder'] as const).flatMap((block) =>
    experiment[block].flatMap((layer, index, layers) => {
      const heads = Object.entries(layer.heads).flatMap(([head, inside]) =>
        inside.filter(hasWeights).map((node) => measured(node, referenceKey({ block, index, head }), node.range)),
      );
      if (!hasWeights(layer)) return heads;
      const last = lastActivation(layers, index, library);
      const range = layers[last]?.range ?? layer.range;
      return [measured(layer, referenceKey({ block, index: last, head: null }), range)];
    }),
  );
}

function hasWeights({ address, weights }: LayerNode): boolean {
  return address !== null && weights.length > 0;
}

function measured({ address }: LayerNode, outputKey: string, range: Interval): MeasuredLayer {
  const own = address ?? '';
  return { name: layerPlace(own), address: own, outputKey, range };
}

function lastActivation(layers: readonly LayerNode[], index: number, library: Library): number {
  const next = layers[index + 1];
  if (!next || library.find('layer', next.word)?.activation !== true) return index;
  return lastActivation(layers, index + 1, library);
}
