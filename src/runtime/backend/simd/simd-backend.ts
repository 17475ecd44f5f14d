import {
  type BackendValues,
  backend_util,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type Tensor,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { FusedOperations, FusingBackend } from '../../lowering/fused-operations.js';
import type { Recorded, RecordingBackend } from '../repetition.js';
import { KernelRunner } from './kernel-runner.js';
import { Recording } from './recording.js';

/** Identity of a tensor's data; TF.js uses the object itself as key. */
type DataId = TensorInfo['dataId'];

interface NumberData {
  readonly kind: 'numbers';
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly address: number;
  readonly size: number;
  refCount: number;
}
/** Strings as UTF-8; no kernel computes with them. */
interface StringData {
  readonly kind: 'strings';
  readonly values: Uint8Array[];
  refCount: number;
}
/** A complex tensor is a pair of float32 tensors. */
interface ComplexData {
  readonly kind: 'complex';
  readonly real: TensorInfo;
  readonly imag: TensorInfo;
  refCount: number;
}
type TensorData = NumberData | StringData | ComplexData;

/** Additions to `tf.memory()` for this backend. */
export interface SimdMemoryInfo {
  readonly unreliable: boolean;
  /** Bytes in blocks that hold tensors or workspaces. */
  readonly numBytesInUse: number;
  /** Bytes ever taken from the system for them. */
  readonly numBytesReserved: number;
}

/**
 * A TF.js backend on WebAssembly SIMD whose results are specified to the bit (see ../numerics.md), independent of the
 * processor and the number of threads.
 */
export class SimdBackend extends KernelBackend implements FusingBackend, RecordingBackend {
  readonly kernels: KernelRunner;
  private readonly data: DataStorage<TensorData>;
  private readonly fused: FusedOperations | null;
  private recording: Recording | null = null;

  /**
   * Throws `UnsupportedPlatformError` or `MemoryExhaustedError` if it cannot work.
   * @param fused creates the fused operations; null for none
   */
  constructor(threads: number, fused: ((backend: SimdBackend) => FusedOperations) | null) {
    super();
    this.kernels = new KernelRunner(threads);
    this.data = new DataStorage(this, engine());
    this.fused = fused?.(this) ?? null;
  }

  get fusedOperations(): FusedOperations | null {
    return this.fused;
  }

  /** Only fused kernels can be replayed, so there is no recording without them. */
  get records(): boolean {
    return this.fused !== null;
  }

  record<T>(compute: () => T): Recorded<T> {
    const { memory } = this.kernels;
    const recording = new Recording(this.kernels, memory.beginRecording());
    this.recording = recording;
    this.kernels.recordTo(recording);
    let done: { readonly value: T } | null = null;
    engine().startScope();
    try {
      done = { value: compute() };
    } finally {
      // Frees tensors that nobody kept while their memory still goes to the recording.
      engine().endScope();
      this.recording = null;
      this.kernels.recordTo(null);
      memory.endRecording();
      if (done === null) recording.abandon();
    }
    return { value: done.value, repetition: recording.finish() };
  }

  overwrite(tensor: Tensor, values: Float32Array): void {
    this.kernels.memory.floats.set(values, this.address(tensor) >>> 2);
  }

  bytesOf(tensor: Tensor): Uint8Array {
    const start = this.address(tensor);
    return this.kernels.memory.bytes.subarray(start, start + tensor.size);
  }

  numberOf(scalar: Tensor): number {
    return this.kernels.memory.floats[this.address(scalar) >>> 2] ?? Number.NaN;
  }

  /** Allocates a tensor with arbitrary content, to be filled by a kernel. */
  allocate(shape: readonly number[], dtype: 'float32' | 'int32' | 'bool'): TensorInfo {
    const size = util.sizeFromShape([...shape]);
    const dataId = {};
    const address = this.kernels.memory.allocate(size * elementBytes(dtype));
    this.data.set(dataId, { kind: 'numbers', dtype, address, size, refCount: 1 });
    return { dataId, shape: [...shape], dtype };
  }

  /** Address of a tensor's first element. Throws for strings and complex numbers. */
  address(tensor: TensorInfo): number {
    const data = this.data.get(tensor.dataId);
    if (data.kind !== 'numbers') throw new Error(`the simd backend cannot compute with ${tensor.dtype} tensors`);
    return data.address;
  }

  /** A tensor with constant values from the host. */
  constant(shape: readonly number[], values: Int32Array): TensorInfo {
    const dataId = this.write(values, [...shape], 'int32');
    return { dataId, shape: [...shape], dtype: 'int32' };
  }

  /** Read-only view of an int32 tensor, valid until the next allocation. */
  intView(tensor: TensorInfo): Int32Array {
    const address = this.address(tensor);
    const start = address >>> 2;
    this.recording?.reads(address);
    return this.kernels.memory.ints.subarray(start, start + util.sizeFromShape(tensor.shape));
  }

  /** Read-only view of a float32 tensor, valid until the next allocation. */
  floatView(tensor: TensorInfo): Float32Array {
    const address = this.address(tensor);
    const start = address >>> 2;
    this.recording?.reads(address);
    return this.kernels.memory.floats.subarray(start, start + util.sizeFromShape(tensor.shape));
  }

  /** Strings of a string tensor as UTF-8. */
  strings(tensor: TensorInfo): readonly Uint8Array[] {
    const data = this.data.get(tensor.dataId);
    if (data.kind !== 'strings') throw new Error(`expected a string tensor, got ${tensor.dtype}`);
    return data.values;
  }

  /** The same data with another shape; adds a reference. */
  alias(tensor: TensorInfo, shape: readonly number[]): TensorInfo {
    this.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape: [...shape], dtype: tensor.dtype };
  }

  /** Combines two parts to a complex tensor; adds a reference to each. */
  makeComplex(real: TensorInfo, imag: TensorInfo): TensorInfo {
    const dataId = {};
    this.data.set(dataId, { kind: 'complex', real, imag, refCount: 1 });
    return { dataId, shape: real.shape, dtype: 'complex64' };
  }

  /** Parts of a complex tensor, without adding references. */
  complexParts(tensor: TensorInfo): { readonly real: TensorInfo; readonly imag: TensorInfo } {
    const data = this.data.get(tensor.dataId);
    if (data.kind !== 'complex') throw new Error(`expected a complex tensor, got ${tensor.dtype}`);
    const { shape } = tensor;
    return { real: { ...data.real, shape }, imag: { ...data.imag, shape } };
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    if (dtype === 'string') {
      this.data.set(dataId, { kind: 'strings', values: stringBytes(values), refCount });
      return;
    }
    if (dtype === 'complex64') {
      const { real, imag } = backend_util.splitRealAndImagArrays(floats(values));
      this.data.set(dataId, {
        kind: 'complex',
        real: { dataId: this.write(real, shape, 'float32'), shape, dtype: 'float32' },
        imag: { dataId: this.write(imag, shape, 'float32'), shape, dtype: 'float32' },
        refCount,
      });
      return;
    }
    const size = util.sizeFromShape(shape);
    const { memory } = this.kernels;
    const address = memory.allocateConstant(size * elementBytes(dtype));
    if (values !== null && values !== undefined) {
      if (dtype === 'float32') memory.floats.set(numbers(values), address >>> 2);
      else if (dtype === 'int32') memory.ints.set(numbers(values), address >>> 2);
      else memory.bytes.set(numbers(values), address);
    }
    this.data.set(dataId, { kind: 'numbers', dtype, address, size, refCount });
  }

  override readSync(dataId: DataId): BackendValues {
    const data = this.data.get(dataId);
    switch (data.kind) {
      case 'strings':
        return data.values;
      case 'complex':
        return backend_util.mergeRealAndImagArrays(
          floats(this.readSync(data.real.dataId)),
          floats(this.readSync(data.imag.dataId)),
        );
      case 'numbers': {
        const { floats, ints, bytes } = this.kernels.memory;
        const { address, size } = data;
        this.recording?.reads(address);
        if (data.dtype === 'float32') return new Float32Array(floats.subarray(address >>> 2, (address >>> 2) + size));
        if (data.dtype === 'int32') return new Int32Array(ints.subarray(address >>> 2, (address >>> 2) + size));
        return new Uint8Array(bytes.subarray(address, address + size));
      }
    }
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.data.has(dataId) ? this.data.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.data.get(dataId).refCount++;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const data = this.data.get(dataId);
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (data.kind === 'complex') {
      this.disposeData(data.real.dataId);
      this.disposeData(data.imag.dataId);
    } else if (data.kind === 'numbers') {
      this.kernels.memory.release(data.address, data.size * elementBytes(data.dtype));
    }
    this.data.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.data.numDataIds();
  }

  override memory(): SimdMemoryInfo {
    const { bytesInUse, bytesReserved } = this.kernels.memory;
    return { unreliable: false, numBytesInUse: bytesInUse, numBytesReserved: bytesReserved };
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(f: () => void): Promise<{ kernelMs: number }> {
    const start = performance.now();
    f();
    return { kernelMs: performance.now() - start };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    // Nothing needs to wait for the threads, and a failure to stop one doesn't matter to the caller.
    void this.kernels.dispose();
  }
}

function elementBytes(dtype: 'float32' | 'int32' | 'bool'): number {
  return dtype === 'bool' ? 1 : 4;
}

type Numbers = Float32Array | Int32Array | Uint8Array;

function numbers(values: BackendValues): Numbers {
  if (values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array) return values;
  if (values instanceof Uint8ClampedArray) return new Uint8Array(values.buffer, values.byteOffset, values.length);
  throw new Error('expected numbers, got strings');
}

function floats(values: BackendValues): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(numbers(values));
}

function stringBytes(values: BackendValues): Uint8Array[] {
  if (Array.isArray(values)) return values;
  throw new Error('expected strings as UTF-8 bytes, got numbers');
}
