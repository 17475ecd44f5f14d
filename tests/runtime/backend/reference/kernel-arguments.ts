import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

/** The values of a float32 tensor, with its shape. */
export interface Array32 {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** What a kernel computes, as src/runtime/backend/numerics.md specifies it. */
export type ReferenceKernel = (given: KernelArguments) => Array32;

/** The inputs and attributes of a call of a kernel, checked when they are read. */
export class KernelArguments {
  constructor(
    private readonly backend: MathBackendCPU,
    private readonly inputs: NamedTensorInfoMap,
    private readonly attributes: NamedAttrMap,
  ) {}

  get tensors(): readonly Array32[] {
    return Object.keys(this.inputs).map((name) => this.array(name));
  }

  array(name: string): Array32 {
    const tensor = this.tensor(name);
    const values = this.backend.readSync(tensor.dataId);
    if (tensor.dtype !== 'float32') throw new Error(`'${name}' is ${tensor.dtype}, not float32`);
    if (values instanceof Float32Array) return { values, shape: tensor.shape };
    // TF.js casts by calling the same bytes by another name.
    if (values instanceof Uint8Array) return { values: Float32Array.from(values), shape: tensor.shape };
    throw new Error(`'${name}' has no numbers`);
  }

  integers(name: string): ArrayLike<number> {
    const values = this.backend.readSync(this.tensor(name).dataId);
    if (!(values instanceof Int32Array)) throw new Error(`'${name}' is not int32`);
    return values;
  }

  number(name: string, otherwise?: number): number {
    const value = this.attributes[name] ?? otherwise;
    if (typeof value !== 'number') throw new Error(`the attribute '${name}' is ${JSON.stringify(value)}, not a number`);
    return value;
  }

  flag(name: string): boolean {
    return this.attributes[name] === true;
  }

  /** A number, or two; the second is the first where there is only one. */
  pair(name: string): [number, number] {
    const [first = Number.NaN, second = first] = this.numbers(name) ?? [];
    return [first, second];
  }

  /** A list, or a number as a list of one; null where it is absent. */
  numbers(name: string): readonly number[] | null {
    const value = this.attributes[name];
    if (value === undefined || value === null) return null;
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    return items.map((item) => {
      if (typeof item !== 'number') throw new Error(`the attribute '${name}' has ${JSON.stringify(item)}`);
      return item;
    });
  }

  /** Rows and columns of padding above and to the left, where it is explicit; none where the windows are all inside. */
  paddingBefore(): [number, number] {
    const { pad } = this.attributes;
    if (pad === 'valid' || pad === 0) return [0, 0];
    const sides: readonly unknown[] = Array.isArray(pad) ? pad : [];
    const [, height, width] = sides.map((side) => (Array.isArray(side) ? Number(side[0]) : Number.NaN));
    if (height === undefined || width === undefined) throw new Error(`padding ${JSON.stringify(pad)} is not used here`);
    return [height, width];
  }

  private tensor(name: string): TensorInfo {
    const tensor = this.inputs[name];
    if (tensor === undefined || tensor === null) throw new Error(`there is no input '${name}'`);
    return tensor;
  }
}
