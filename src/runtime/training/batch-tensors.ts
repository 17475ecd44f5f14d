import { keep, type Tensor, tensor, zeros } from '@tensorflow/tfjs-core';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import type { ConditionSizes } from '../../compiler/library/conditions-needed.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { type RecordingBackend, recordingBackend } from '../backend/repetition.js';
import { type FusedOperations, fusedOperations } from '../lowering/fused-operations.js';
import { toInside } from '../lowering/image-layout.js';
import { type ByteExamples, cleanBatch, conditionValues, type Examples, tensorBatch } from './examples.js';
import { Repeated } from './repeated.js';
import type { TensorBatch } from './updater.js';

/** The examples that a step takes. */
export interface BatchRequest {
  /** Indices into the training part. */
  readonly indices: Uint32Array;
  /** Step of the stage, from 0. */
  readonly step: number;
  readonly time: ScheduleTime;
}

/** Tensors for batches of one size. */
interface BatchSlot {
  readonly shape: Shape;
  /** `[count, elements]` */
  readonly elements: Tensor;
  /** The same memory in the network's shape; null if that needs another order of the elements. */
  readonly alias: Tensor | null;
  readonly layout: Repeated<Tensor>;
}

/**
 * A stage's batches, always in the same tensors, so that computations on them can be replayed. If the examples are
 * bytes, the backend converts them to numbers.
 */
export class BatchTensors {
  readonly #examples: Examples;
  readonly #clean: boolean;
  readonly #sizes: ConditionSizes;
  /** By batch size. */
  readonly #inputs = new Map<number, BatchSlot>();
  readonly #cleans = new Map<number, BatchSlot>();
  readonly #targets = new Map<number, BatchSlot>();
  readonly #bytes = new Map<number, Tensor>();
  readonly #conditions = new Map<number, Tensor>();
  readonly #position = { step: 0 };
  #table: Tensor | null = null;

  /**
   * @param clean whether inputs stay clean even if the experiment has a corruption
   * @param sizes of what the network is given besides
   */
  constructor(examples: Examples, { clean, sizes }: { readonly clean: boolean; readonly sizes: ConditionSizes }) {
    this.#examples = examples;
    this.#clean = clean;
    this.#sizes = sizes;
  }

  /** @param use receives the batch, whose tensors may be freed afterwards */
  use<R>(request: BatchRequest, use: (batch: TensorBatch) => R): R {
    const backend = recordingBackend();
    const fused = fusedOperations();
    if (backend === null || fused === null) return use(this.#uploaded(request));
    const corrupted = this.#examples.bytes
      ? this.#made(request, this.#examples.bytes, backend, fused)
      : this.#overwritten(request, backend);
    const count = request.indices.length;
    const condition = this.#condition(request, backend);
    const within = (input: Tensor, clean: Tensor): R => {
      if (this.#wanted === null) return use({ input, clean, target: clean, condition });
      const target = this.#place(this.#targets, count, this.#wanted);
      return this.#inside(target, (wanted) => use({ input, clean, target: wanted, condition }));
    };
    return this.#inside(this.#place(this.#cleans, count), (clean) => {
      if (!corrupted) return within(clean, clean);
      return this.#inside(this.#place(this.#inputs, count), (seen) => within(seen, clean));
    });
  }

  dispose(): void {
    for (const { elements, alias, layout } of this.#slots()) {
      layout.dispose();
      alias?.dispose();
      elements.dispose();
    }
    for (const bytes of this.#bytes.values()) bytes.dispose();
    for (const condition of this.#conditions.values()) condition.dispose();
    this.#conditions.clear();
    this.#table?.dispose();
    this.#inputs.clear();
    this.#cleans.clear();
    this.#targets.clear();
    this.#bytes.clear();
    this.#table = null;
  }

  #slots(): readonly BatchSlot[] {
    return [this.#inputs, this.#cleans, this.#targets].flatMap((slots) => [...slots.values()]);
  }

  /** Shape of the targets; null where what goes in, clean, is what must come out. */
  get #wanted(): Shape | null {
    return this.#clean ? null : this.#examples.targetShape;
  }

  #uploaded({ indices, step, time }: BatchRequest): TensorBatch {
    const batch = this.#examples.trainingBatch(indices, step, time);
    const { shape } = this.#examples;
    const network = { input: shape, wanted: this.#wanted ?? shape, ...this.#sizes };
    return tensorBatch(this.#clean ? cleanBatch(batch) : batch, network);
  }

  /**
   * Prepares the batch on the host.
   * @returns whether the input differs from the clean one
   */
  #overwritten({ indices, step, time }: BatchRequest, backend: RecordingBackend): boolean {
    const { count, input, clean, target } = this.#examples.trainingBatch(indices, step, time);
    backend.overwrite(this.#place(this.#cleans, count).elements, clean);
    if (this.#wanted !== null) backend.overwrite(this.#place(this.#targets, count, this.#wanted).elements, target);
    if (this.#clean || input === clean) return false;
    backend.overwrite(this.#place(this.#inputs, count).elements, input);
    return true;
  }

  /**
   * Prepares the batch on the backend.
   * @returns whether the input differs from the clean one
   */
  #made(
    { indices, step, time }: BatchRequest,
    { table, fill, corruptions }: ByteExamples,
    backend: RecordingBackend,
    fused: FusedOperations,
  ): boolean {
    const count = indices.length;
    const { elements } = this.#place(this.#cleans, count);
    const bytes = this.#bytesOf(count);
    this.#table ??= keep(tensor(table, [table.length], 'float32'));
    fill(indices, step, backend.bytesOf(bytes));
    fused.lookUp(bytes, this.#table, elements);
    if (this.#clean || corruptions.length === 0) return false;
    this.#position.step = step;
    const input = this.#place(this.#inputs, count).elements;
    for (const [i, { at, key }] of corruptions.entries()) {
      fused.corrupt(i === 0 ? elements : input, at(time), { key, at: this.#position, first: 0 }, input);
    }
    return true;
  }

  #condition({ indices }: BatchRequest, backend: RecordingBackend): Tensor | null {
    const size = this.#sizes.classes + this.#sizes.columns;
    if (size === 0) return null;
    const count = indices.length;
    const condition = this.#conditions.get(count) ?? keep(zeros([count, size]));
    this.#conditions.set(count, condition);
    backend.overwrite(condition, conditionValues(this.#examples.conditions(indices), this.#sizes, count));
    return condition;
  }

  #bytesOf(count: number): Tensor {
    const known = this.#bytes.get(count);
    if (known) return known;
    const bytes = keep(zeros([count * elementCount(this.#examples.shape)], 'bool'));
    this.#bytes.set(count, bytes);
    return bytes;
  }

  #place(places: Map<number, BatchSlot>, count: number, shape: Shape = this.#examples.shape): BatchSlot {
    const known = places.get(count);
    if (known) return known;
    const elements = keep(zeros([count, elementCount(shape)]));
    const inside = toInside(elements, shape);
    const alias = inside.dataId === elements.dataId ? keep(inside) : null;
    const place = { shape, elements, alias, layout: new Repeated<Tensor>() };
    places.set(count, place);
    return place;
  }

  #inside<R>({ shape, elements, alias, layout }: BatchSlot, use: (inside: Tensor) => R): R {
    if (alias) return use(alias);
    const compute = () => {
      const inside = toInside(elements, shape);
      return { value: inside, tensors: [inside] };
    };
    return layout.use([elements], compute, use);
  }
}
