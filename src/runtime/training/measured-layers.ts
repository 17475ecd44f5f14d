import { addressOf, type ExperimentIr, type LayerNode } from '../../compiler/ir/experiment.js';
import type { Interval } from '../../compiler/ir/interval.js';
import { isLayerReference, plainArguments } from '../../compiler/ir/value.js';
import { knownWord, type Library } from '../../compiler/library/library.js';
import type { LayerMetric } from '../../metrics/definitions.js';
import { layerMetricName, layerPlace } from '../../metrics/metric-name.js';
import { referenceKey } from '../lowering/network.js';

/** Metrics of a layer, by the names in the schema. */
export type LayerMetrics = Readonly<Partial<Record<LayerMetric, number>>>;

/** A layer with weights, and the output on which its units are measured: after its activations. */
export interface MeasuredLayer {
  /** `encoder.0` */
  readonly name: string;
  readonly address: string;
  readonly outputKey: string;
  readonly range: Interval;
  /** Metrics of its own state; null for a layer without. @param weight the only number of a weight */
  readonly measures: ((weight: (name: string) => number) => LayerMetrics) | null;
}

/** The layers that diagnostics cover, in structural order. */
export function measuredLayers(
  experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>,
  library: Library,
): readonly MeasuredLayer[] {
  return (['encoder', 'decoder'] as const).flatMap((block) =>
    experiment[block].flatMap((layer, index, layers) => {
      const heads = Object.entries(layer.heads).flatMap(([head, inside]) =>
        inside.flatMap((node, i) => {
          if (!hasWeights(node)) return [];
          const last = lastActivation(inside, i, library);
          const key = referenceKey({ block, index, head });
          const outputKey = last === inside.length - 1 ? key : `${key}/${last}`;
          return [measured(node, outputKey, inside[last]?.range ?? node.range, library)];
        }),
      );
      if (!hasWeights(layer)) return heads;
      const last = lastActivation(layers, index, library);
      const range = layers[last]?.range ?? layer.range;
      return [measured(layer, referenceKey({ block, index: last, head: null }), range, library)];
    }),
  );
}

/** Targets that loss terms set for metrics of layers, by metric name. */
export function layerTargets(experiment: ExperimentIr, library: Library): Readonly<Record<string, number>> {
  const layers = measuredLayers(experiment, library);
  const targets = experiment.loss.flatMap(({ loss }): (readonly [string, number])[] => {
    const target = knownWord(library, 'loss', loss).target?.(plainArguments(loss.arguments));
    const on = loss.arguments.on?.value ?? null;
    if (!target || !isLayerReference(on)) return [];
    const layer = layers.find(({ outputKey }) => outputKey === referenceKey(on));
    return layer ? [[layerMetricName(layer.name, target.metric), target.value]] : [];
  });
  return Object.fromEntries(targets);
}

function hasWeights({ address, weights }: LayerNode): boolean {
  return address !== null && weights.length > 0;
}

function measured(layer: LayerNode, outputKey: string, range: Interval, library: Library): MeasuredLayer {
  const address = addressOf(layer);
  const { measures } = knownWord(library, 'layer', layer);
  return { name: layerPlace(address), address, outputKey, range, measures: measures ?? null };
}

function lastActivation(layers: readonly LayerNode[], index: number, library: Library): number {
  const next = layers[index + 1];
  if (!next || !knownWord(library, 'layer', next).activation) return index;
  return lastActivation(layers, index + 1, library);
}
