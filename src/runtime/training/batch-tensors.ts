import { keep, type Tensor, zeros } from '@tensorflow/tfjs-core';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { recordingBackend } from '../backend/repetition.js';
import { toInside } from '../lowering/image-layout.js';
import { type HostBatch, tensorBatch } from './examples.js';
import { Repeated } from './repeated.js';
import type { TensorBatch } from './updater.js';

/** Where examples of one batch size lie: as they come, and as the network takes them. */
interface Place {
  /** `[count, elements]` */
  readonly elements: Tensor;
  /** The same memory in the network's shape; null where the order of the elements is another. */
  readonly alias: Tensor | null;
  readonly layout: Repeated<Tensor>;
}

/**
 * The tensors that the batches of a stage are put into, one after the other: always the same ones, so that what is computed
 * of them can be repeated.
 */
export class BatchTensors {
  readonly #shape: Shape;
  readonly #places = new Map<string, Place>();

  /** @param shape of one example */
  constructor(shape: Shape) {
    this.#shape = shape;
  }

  /** @param use takes the batch, whose tensors may be gone afterwards */
  use<R>(batch: HostBatch, use: (batch: TensorBatch) => R): R {
    const backend = recordingBackend();
    if (backend === null) return use(tensorBatch(batch, this.#shape));
    const { count, input, target } = batch;
    const place = this.#place(count, 'input');
    backend.overwrite(place.elements, input);
    if (target === input) return this.#inside(place, (tensor) => use({ input: tensor, target: tensor }));
    const clean = this.#place(count, 'target');
    backend.overwrite(clean.elements, target);
    return this.#inside(place, (seen) => this.#inside(clean, (wanted) => use({ input: seen, target: wanted })));
  }

  dispose(): void {
    for (const { elements, alias, layout } of this.#places.values()) {
      layout.dispose();
      alias?.dispose();
      elements.dispose();
    }
    this.#places.clear();
  }

  #place(count: number, role: 'input' | 'target'): Place {
    const known = this.#places.get(`${role} ${count}`);
    if (known) return known;
    const elements = keep(zeros([count, elementCount(this.#shape)]));
    const inside = toInside(elements, this.#shape);
    const alias = inside.dataId === elements.dataId ? keep(inside) : null;
    const place = { elements, alias, layout: new Repeated<Tensor>() };
    this.#places.set(`${role} ${count}`, place);
    return place;
  }

  #inside<R>({ elements, alias, layout }: Place, use: (inside: Tensor) => R): R {
    if (alias) return use(alias);
    const compute = () => {
      const inside = toInside(elements, this.#shape);
      return { value: inside, tensors: [inside] };
    };
    return layout.use([elements], compute, use);
  }
}
