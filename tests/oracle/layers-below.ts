import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../../src/compiler/ir/shape.js';
import type { LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import { forward } from '../../src/runtime/lowering/network.js';
import { scoped } from '../../src/runtime/training/scope.js';
import { elementsOf, WeightStore } from '../../src/runtime/training/weight-store.js';
import { GoldenFormatError } from './fields.js';
import type { GoldenStage, PlacedLayer } from './golden-case.js';
import { goldenNetwork, storedName } from './golden-network.js';
import { floats } from './run-training.js';
import type { StoredTensors } from './stored-tensors.js';

/**
 * What a stage's batches pass through first: layers that earlier stages have trained, held fixed, one after the other.
 * @param parameters as the earlier stages have left them
 * @param raw shape of an example before
 * @throws GoldenFormatError for a layer that no earlier stage has
 */
export function layersBelow(
  stage: GoldenStage,
  stages: readonly GoldenStage[],
  parameters: StoredTensors,
  raw: Shape,
  words: LoweredLibrary,
): (batch: Tensor) => Tensor {
  if (stage.inputFrom.length === 0) return (batch) => batch;
  const earlier = stages.slice(0, stages.indexOf(stage));
  let previous = 'x';
  const layers = stage.inputFrom.map((name): PlacedLayer => {
    const layer = earlier
      .flatMap(({ training }) => (training.kind === 'network' ? training.layers : []))
      .find((candidate) => candidate.name === name);
    if (!layer) throw new GoldenFormatError(`no stage before '${stage.name}' has a layer '${name}'`);
    const placed = { ...layer, inputs: [previous] };
    previous = name;
    return placed;
  });
  const { network } = goldenNetwork(raw, layers, parameters, words);
  const values = new Map(network.weights.map((weight) => [weight.key, floats(parameters, storedName(weight))]));
  return (batch) => {
    const out = scoped(() => {
      const store = new WeightStore(network.weights, values);
      const { output } = forward(network, batch, {
        weights: store.tensors,
        condition: null,
        training: false,
        sampling: false,
        time: { epoch: 0, step: 0, epochs: 1, steps: 1 },
        noise: () => {
          throw new GoldenFormatError('the layers below a stage draw no random numbers');
        },
        update: () => {},
      });
      const elements = { shape: output.shape, values: elementsOf(output) };
      store.dispose();
      return elements;
    });
    return tensor(out.values, out.shape, 'float32');
  };
}
