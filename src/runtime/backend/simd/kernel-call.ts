import type { Attribute, KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelRunner } from './kernel-runner.js';
import { SimdBackend } from './simd-backend.js';

export const BACKEND_NAME = 'simd';

/** A kernel call: its inputs and attributes by name, checked when read. */
export class KernelCall {
  readonly backend: SimdBackend;
  private readonly inputs: NamedTensorInfoMap;
  private readonly attributes: NamedAttrMap;

  constructor(backend: SimdBackend, inputs: NamedTensorInfoMap, attributes: NamedAttrMap | undefined) {
    this.backend = backend;
    this.inputs = inputs;
    this.attributes = attributes ?? {};
  }

  get kernels(): KernelRunner {
    return this.backend.kernels;
  }

  /** All inputs in order, for kernels that take a list. */
  get tensors(): TensorInfo[] {
    return Object.values(this.inputs).filter((tensor) => tensor !== undefined);
  }

  /** The same call with its inputs replaced. */
  replacing(replacement: (tensor: TensorInfo) => TensorInfo): KernelCall {
    const inputs: NamedTensorInfoMap = {};
    for (const [name, tensor] of Object.entries(this.inputs)) {
      inputs[name] = tensor === undefined || tensor === null ? undefined : replacement(tensor);
    }
    return new KernelCall(this.backend, inputs, this.attributes);
  }

  tensor(name: string): TensorInfo {
    const tensor = this.inputs[name];
    if (tensor === undefined || tensor === null) throw new Error(`the kernel has no input '${name}'`);
    return tensor;
  }

  optionalTensor(name: string): TensorInfo | undefined {
    return this.inputs[name] ?? undefined;
  }

  number(name: string, otherwise?: number): number {
    const value = this.attributes[name] ?? otherwise;
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value !== 'number') throw wrongAttribute(name, 'a number', value);
    return value;
  }

  flag(name: string): boolean {
    const value = this.attributes[name] ?? false;
    if (typeof value !== 'boolean') throw wrongAttribute(name, 'a boolean', value);
    return value;
  }

  text(name: string): string {
    const value = this.attributes[name];
    if (typeof value !== 'string') throw wrongAttribute(name, 'a string', value);
    return value;
  }

  /** A list of numbers; a single number counts as a list of one. */
  numbers(name: string): number[] {
    const value = this.attributes[name];
    if (typeof value === 'number') return [value];
    return numberList(name, value);
  }

  /** A list of numbers, or undefined if absent or null. */
  optionalNumbers(name: string): number[] | undefined {
    const value = this.attributes[name];
    return value === undefined || value === null ? undefined : this.numbers(name);
  }

  optionalText(name: string): string | undefined {
    const value = this.attributes[name];
    return value === undefined || value === null ? undefined : this.text(name);
  }

  attribute(name: string): Attribute | undefined {
    return this.attributes[name];
  }
}

function numberList(name: string, value: unknown): number[] {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) throw wrongAttribute(name, 'a list of numbers', value);
  const list: number[] = [];
  for (const item of Object.values(value)) {
    if (typeof item !== 'number') throw wrongAttribute(name, 'a list of numbers', value);
    list.push(item);
  }
  return list;
}

function wrongAttribute(name: string, expected: string, value: unknown): Error {
  return new Error(`the attribute '${name}' must be ${expected}, not ${JSON.stringify(value)}`);
}

export function kernel(kernelName: string, compute: (call: KernelCall) => TensorInfo | TensorInfo[]): KernelConfig {
  return {
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, backend, attrs }) => {
      if (!(backend instanceof SimdBackend)) throw new Error(`${kernelName} was called on another backend`);
      return compute(new KernelCall(backend, inputs, attrs));
    },
  };
}

/** Element type that kernels compute with. Throws for strings and complex numbers. */
export function numericType(tensor: TensorInfo): 'float32' | 'int32' | 'bool' {
  const { dtype } = tensor;
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Error(`the simd backend cannot compute with ${dtype} tensors`);
}
