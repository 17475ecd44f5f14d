import { reshape, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import type { ExperimentIr } from '../compiler/ir/experiment.js';
import { codeReference } from '../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../compiler/ir/shape.js';
import type { LayerReference } from '../compiler/ir/value.js';
import type { Library } from '../compiler/library/library.js';
import { valueMap } from '../runtime/datasets/raw_units.js';
import { toElements, toInside } from '../runtime/lowering/image-layout.js';
import type { Lowerings } from '../runtime/lowering/lowering.js';
import { type Activations, forward, type Network, referenceKey } from '../runtime/lowering/network.js';
import { networkOf } from '../runtime/lowering/network-of-experiment.js';
import { objectiveOf } from '../runtime/lowering/objective.js';
import { transformOf } from '../runtime/training/data-words.js';
import { NoiseStreams } from '../runtime/training/drawn-noise.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import { WeightStore } from '../runtime/training/weight-store.js';
import { scheduleEnd } from './schedule-end.js';

/** How many examples go through the network at once. */
const portion = 500;

/** Values of examples, one after the other, each in the language's order: channel by channel, row by row. */
export interface Values {
  /** Of one example. */
  readonly shape: Shape;
  readonly count: number;
  readonly values: Float32Array;
}

/** A trained network, in evaluation. TF.js's current backend computes it. */
export class Model {
  readonly experiment: ExperimentIr;
  readonly #network: Network;
  readonly #weights: WeightStore;
  readonly #meaning: (prediction: Tensor) => Tensor;
  /** seen = gain × raw + shift */
  readonly #gain: number;
  readonly #shift: number;

  /** @throws RangeError for weights that are not the experiment's */
  constructor(experiment: ExperimentIr, weights: WeightValues, lowerings: Lowerings, library: Library) {
    this.experiment = experiment;
    this.#network = networkOf(experiment, lowerings, library);
    this.#weights = new WeightStore(this.#network.weights, weights);
    const terms = objectiveOf(experiment.loss, lowerings, library);
    this.#meaning = terms.find(({ lowering }) => lowering.reconstruction)?.lowering.reconstruction ?? ((x) => x);
    const { gain, shift } = valueMap(experiment.data.transforms.map(transformOf));
    this.#gain = gain;
    this.#shift = shift;
  }

  /** Of one input, as the network sees it. */
  get inputShape(): Shape {
    return this.experiment.data.shape;
  }

  /**
   * The code of each example.
   * @param images `[n, …inputShape]` in raw units, pixels in [0, 1]
   * @throws RangeError unless their number is a multiple of the input's size
   */
  encode(images: Float32Array): Values {
    return this.layer(codeReference(this.experiment), images);
  }

  /** What the decoder makes of each example's code, in raw units. @throws RangeError as `encode` */
  reconstruct(images: Float32Array): Values {
    return this.reconstructSeen(this.#seen(images));
  }

  /** The output of any layer. @throws RangeError as `encode` */
  layer(reference: LayerReference, images: Float32Array): Values {
    return this.layerOfSeen(reference, this.#seen(images));
  }

  /** As `layer`, of values as the network sees them. */
  layerOfSeen(reference: LayerReference, seen: Float32Array): Values {
    const block = reference.block === 'encoder' ? this.experiment.encoder : this.experiment.decoder;
    const node = block[reference.index];
    const shape = (reference.head === null ? node : node?.heads[reference.head]?.at(-1))?.output;
    if (!shape) throw new RangeError('the experiment has no such layer');
    return this.#map(seen, shape, (activations) => activations.of(referenceKey(reference)));
  }

  /** As `reconstruct`, of values as the network sees them, such as corrupted ones. */
  reconstructSeen(seen: Float32Array): Values {
    const output = this.#map(seen, this.inputShape, (activations) => this.#meaning(activations.output));
    return { ...output, values: this.raw(output.values) };
  }

  /** From what the network sees back to raw units. */
  raw(seen: Float32Array): Float32Array {
    return seen.map((value) => (value - this.#shift) / this.#gain);
  }

  dispose(): void {
    this.#weights.dispose();
  }

  #seen(images: Float32Array): Float32Array {
    return images.map((value) => value * this.#gain + this.#shift);
  }

  #map(seen: Float32Array, shape: Shape, select: (activations: Activations) => Tensor): Values {
    const size = elementCount(this.inputShape);
    const count = seen.length / size;
    if (!Number.isInteger(count)) {
      throw new RangeError(`${seen.length} values are no whole number of inputs of ${size} values`);
    }
    const values = new Float32Array(count * elementCount(shape));
    for (let first = 0; first < count; first += portion) {
      const part = seen.subarray(first * size, Math.min(count, first + portion) * size);
      values.set(this.#forward(part, part.length / size, shape, first, select), first * elementCount(shape));
    }
    return { shape, count, values };
  }

  #forward(
    seen: Float32Array,
    count: number,
    shape: Shape,
    firstExample: number,
    select: (activations: Activations) => Tensor,
  ): Float32Array {
    const chosen = tidy(() => {
      const input = toInside(tensor(seen, [count, elementCount(this.inputShape)], 'float32'), this.inputShape);
      const activations = forward(this.#network, input, {
        weights: this.#weights.tensors,
        training: false,
        sampling: false,
        time: scheduleEnd(this.experiment),
        noise: new NoiseStreams('evaluation').at({ step: 0, firstExample }),
        update: () => {},
      });
      return reshape(toElements(select(activations), shape), [-1]);
    });
    const values = Float32Array.from(chosen.dataSync());
    chosen.dispose();
    return values;
  }
}
