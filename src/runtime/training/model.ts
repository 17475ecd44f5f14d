import type { Tensor } from '@tensorflow/tfjs-core';
import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import type { Library } from '../../compiler/library/library.js';
import { toElements } from '../lowering/image-layout.js';
import type { Lowerings } from '../lowering/lowering.js';
import { forward, type Network, type NetworkNode, networkInput, referenceKey } from '../lowering/network.js';
import { networkOf } from '../lowering/network-of-experiment.js';
import { objectiveOf } from '../lowering/objective.js';
import { NoiseStreams } from './drawn-noise.js';
import { tensorBatch } from './examples.js';
import type { WeightValues } from './initial-weights.js';
import { scoped } from './scope.js';
import { elementsOf, WeightStore } from './weight-store.js';

/** What a layer gives for some examples. */
export interface LayerOutput {
  /** Of one example, `[channels, height, width]` or `[features]`. */
  readonly shape: Shape;
  /** Example after example, each in the language's order. */
  readonly elements: Float32Array;
}

/** What to ask a model for: the reconstruction, or the output of a layer. */
export type Wanted = 'reconstruction' | LayerReference;

/** Examples of one pass; no result depends on it. */
const portion = 500;

/** A trained network, ready for use on TF.js's current backend: no dropout, running statistics, latents at their means. */
export class Model {
  readonly #network: Network;
  readonly #weights: WeightStore;
  readonly #meaning: (prediction: Tensor) => Tensor;
  readonly #decoder: Network;

  /**
   * @param weights by key, as a trial leaves them
   * @throws UnsupportedWord, RangeError for weights that don't fit
   */
  constructor(experiment: ExperimentIr, weights: WeightValues, lowerings: Lowerings, library: Library) {
    this.#network = networkOf(experiment, lowerings, library);
    this.#weights = new WeightStore(this.#network.weights, weights);
    const loss = objectiveOf(experiment.loss, lowerings, library).find(({ lowering }) => lowering.reconstruction);
    this.#meaning = loss?.lowering.reconstruction ?? ((prediction) => prediction);
    this.#decoder = decoderOf(this.#network, experiment);
  }

  /** Of one example, as the network takes it. */
  get inputShape(): Shape {
    return this.#network.input;
  }

  /** Of one example of the code. */
  get codeShape(): Shape {
    return this.#decoder.input;
  }

  /**
   * Sends examples through the network.
   * @param elements as the network sees them, example after example
   * @throws RangeError for a number of elements that no examples have, or a layer that isn't there
   */
  apply(elements: Float32Array, wanted: readonly Wanted[]): readonly LayerOutput[] {
    return this.#through(this.#network, elements, wanted);
  }

  /** What the decoder makes of codes. @param codes code after code */
  decode(codes: Float32Array): LayerOutput {
    const [reconstruction = { shape: [], elements: new Float32Array() }] = this.#through(this.#decoder, codes, [
      'reconstruction',
    ]);
    return reconstruction;
  }

  dispose(): void {
    this.#weights.dispose();
  }

  #through(network: Network, elements: Float32Array, wanted: readonly Wanted[]): readonly LayerOutput[] {
    const size = elementCount(network.input);
    const count = elements.length / size;
    if (!Number.isInteger(count)) throw new RangeError(`${elements.length} values are no examples of ${size}`);
    const outputs = wanted.map((one) => {
      const shape = outputShape(network, one);
      return { shape, elements: new Float32Array(count * elementCount(shape)) };
    });
    const noise = new NoiseStreams('evaluation');
    for (let first = 0; first < count; first += portion) {
      const examples = elements.subarray(first * size, Math.min(first + portion, count) * size);
      scoped(() => {
        const batch = { count: examples.length / size, input: examples, target: examples };
        const activations = forward(network, tensorBatch(batch, network.input).input, {
          weights: this.#weights.tensors,
          training: false,
          sampling: false,
          time: { epoch: 0, step: 0, epochs: 1, steps: 1 },
          noise: noise.at({ step: 0, firstExample: first }),
          update: () => {},
        });
        wanted.forEach((one, i) => {
          const output = outputs[i];
          const given =
            one === 'reconstruction' ? this.#meaning(activations.output) : activations.of(referenceKey(one));
          if (output)
            output.elements.set(elementsOf(toElements(given, output.shape)), first * elementCount(output.shape));
        });
      });
    }
    return outputs;
  }
}

function outputShape(network: Network, wanted: Wanted): Shape {
  return nodeOf(network, wanted === 'reconstruction' ? network.output : referenceKey(wanted)).output;
}

function nodeOf({ nodes }: Network, key: string): NetworkNode {
  const node = nodes.find((candidate) => candidate.key === key);
  if (!node) throw new RangeError(`the network has no layer '${key}'`);
  return node;
}

/** The decoder as a network of its own, whose input is the code. */
function decoderOf(network: Network, { encoder, data }: Pick<ExperimentIr, 'encoder' | 'data'>): Network {
  const code =
    encoder.length > 0 ? referenceKey({ block: 'encoder', index: encoder.length - 1, head: null }) : networkInput;
  const nodes = network.nodes
    .filter(({ key }) => key.startsWith('decoder/'))
    .map((node) => (node.source === code ? { ...node, source: networkInput } : node));
  return { ...network, nodes, input: encoder.at(-1)?.output ?? data.shape };
}
