import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, kernel, numericType } from '../kernel-call.js';
import { Activation, Operation } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { broadcastShape, elementCount } from '../strides.js';
import { broadcastTo, converted, withTemporary, withType } from './copying.js';

/** Operations applied to the result of a multiplication or convolution while it is in the cache. */
export interface Epilogue {
  readonly bias: TensorInfo | undefined;
  readonly activation: Activation;
  /** Slope of leaky relu. */
  readonly alpha: number;
  /** Slopes of prelu, one per column. */
  readonly slopes: TensorInfo | undefined;
}

export const NO_EPILOGUE: Epilogue = { bias: undefined, activation: Activation.Linear, alpha: 0, slopes: undefined };

/** Activation by its name in TF.js's fused kernels. */
export function activationOf(name: string): Activation {
  switch (name) {
    case 'linear':
      return Activation.Linear;
    case 'relu':
      return Activation.Relu;
    case 'relu6':
      return Activation.Relu6;
    case 'elu':
      return Activation.Elu;
    case 'leakyrelu':
      return Activation.LeakyRelu;
    case 'sigmoid':
      return Activation.Sigmoid;
    case 'tanh':
      return Activation.Tanh;
    case 'prelu':
      return Activation.Prelu;
    default:
      throw new Error(`the simd backend knows no activation '${name}'`);
  }
}

/** Epilogue described by a fused kernel's inputs and attributes. */
export function epilogueOf(call: KernelCall): Epilogue {
  const activation = activationOf(call.optionalText('activation') ?? 'linear');
  return {
    bias: call.optionalTensor('bias'),
    activation,
    alpha: call.number('leakyreluAlpha', 0.2),
    slopes: activation === Activation.Prelu ? call.tensor('preluActivationWeights') : undefined,
  };
}

/** The two dimensions of a matrix in a batch, and its memory layout. */
interface Operand {
  readonly tensor: TensorInfo;
  readonly transposed: boolean;
}

/** Most elements of A that a thread keeps packed across neighbouring tiles; see assembly/gemm.ts. */
const KEPT = 262144;
/** Fewest rows or columns worth a tile of their own. */
const LEAST_TILE = 48;
/** Small tiles begin at a multiple of this many columns. */
const PANEL = 8;

/** Tiles down and across, equally many per thread, and the remaining columns, which threads claim dynamically. */
interface Tiles {
  readonly down: number;
  readonly across: number;
  readonly beside: number;
}

function tilesOf(m: number, k: number, n: number, threads: number): Tiles {
  if (threads === 1) return { down: 1, across: 1, beside: 0 };
  if (m * k <= KEPT && n >= LEAST_TILE * threads) {
    return { down: 1, across: threads, beside: n - Math.ceil((n * 7) / 8 / PANEL) * PANEL };
  }
  const tiles = threads * Math.min(2, Math.max(1, Math.floor(Math.max(m, n) / (LEAST_TILE * threads))));
  return n > m ? { down: 1, across: tiles, beside: 0 } : { down: tiles, across: 1, beside: 0 };
}

/** op(A) op(B) for dense batches [batch, rows, columns]; a batch of 1 is broadcast. Returns [batch, m, n]. */
export function batchMatmul(
  backend: SimdBackend,
  batch: number,
  a: Operand,
  b: Operand,
  [m, k, n]: readonly [number, number, number],
  y: TensorInfo,
  epilogue: Epilogue,
): void {
  const { threads } = backend.kernels;
  const { down, across, beside } = tilesOf(m, k, n, threads);
  const aBytes = elementCount(a.tensor.shape) === m * k ? 0 : m * k * 4;
  const bBytes = elementCount(b.tensor.shape) === n * k ? 0 : n * k * 4;
  if (batch * m * n === 0) return;
  const job = backend.kernels.begin(Operation.Matmul).int(batch).int(m).int(n).int(k);
  job.int(backend.address(a.tensor)).int(aBytes);
  job.int((a.transposed ? 1 : k) * 4).int((a.transposed ? m : 1) * 4);
  job.int(backend.address(b.tensor)).int(bBytes);
  job.int((b.transposed ? 1 : n) * 4).int((b.transposed ? k : 1) * 4);
  job.int(backend.address(y));
  job.int(epilogue.bias === undefined ? 0 : backend.address(epilogue.bias));
  job.int(epilogue.activation).float(epilogue.alpha);
  job.int(down).int(across);
  job
    .int(epilogue.slopes === undefined ? 0 : backend.address(epilogue.slopes))
    .int(threads)
    .int(beside);
  job.run(batch * m * n * (k * 0.06 + 1));
}

/** activation(x · weight + bias) for x [batch, inputs] and a weight [inputs, features] or its transpose. */
export function denseForward(
  backend: SimdBackend,
  x: TensorInfo,
  weight: TensorInfo,
  transposed: boolean,
  epilogue: Epilogue,
): TensorInfo {
  const [batch, inputs] = matrixShape(x);
  const [rows, columns] = matrixShape(weight);
  const features = transposed ? rows : columns;
  if (x.shape.length !== 2 || weight.shape.length !== 2 || (transposed ? columns : rows) !== inputs) {
    throw new Error(
      `a dense layer cannot multiply [${x.shape}] by [${weight.shape}]${transposed ? ' transposed' : ''}`,
    );
  }
  const y = backend.allocate([batch, features], 'float32');
  const [left, right] = [
    { tensor: x, transposed: false },
    { tensor: weight, transposed },
  ];
  batchMatmul(backend, 1, left, right, [batch, inputs, features], y, epilogue);
  return y;
}

function matmulOf(call: KernelCall, epilogue: Epilogue): TensorInfo {
  const { backend } = call;
  const transposeA = call.flag('transposeA');
  const transposeB = call.flag('transposeB');
  const [aRows, aColumns] = matrixShape(call.tensor('a'));
  const [bRows, bColumns] = matrixShape(call.tensor('b'));
  const m = transposeA ? aColumns : aRows;
  const k = transposeA ? aRows : aColumns;
  const n = transposeB ? bRows : bColumns;
  if (k !== (transposeB ? bColumns : bRows)) {
    throw new Error(
      `Error in matMul: inner shapes (${k}) and (${transposeB ? bColumns : bRows}) of Tensors with shapes ` +
        `${call.tensor('a').shape} and ${call.tensor('b').shape} and transposeA=${transposeA} and ` +
        `transposeB=${transposeB} must match.`,
    );
  }
  const aBatch = call.tensor('a').shape.slice(0, -2);
  const bBatch = call.tensor('b').shape.slice(0, -2);
  const batch = broadcastShape(aBatch, bBatch);
  return withTemporary(backend, batched(backend, call.tensor('a'), batch), (a) =>
    withTemporary(backend, batched(backend, call.tensor('b'), batch), (b) =>
      withVector(backend, epilogue.bias, n, (bias) =>
        withVector(backend, epilogue.slopes, n, (slopes) => {
          const y = backend.allocate([...batch, m, n], 'float32');
          const left = { tensor: a, transposed: transposeA };
          const right = { tensor: b, transposed: transposeB };
          batchMatmul(backend, elementCount(batch), left, right, [m, k, n], y, { ...epilogue, bias, slopes });
          return y;
        }),
      ),
    ),
  );
}

function matrixShape(tensor: TensorInfo): [number, number] {
  const [columns = 1, rows = 1] = [...tensor.shape].reverse();
  return [rows, columns];
}

/** Matrices of a tensor as float32, repeated unless its batch is full or a single matrix. */
function batched(backend: SimdBackend, given: TensorInfo, batch: readonly number[]): TensorInfo {
  return withType(backend, given, 'float32', (tensor) => {
    const own = elementCount(tensor.shape.slice(0, -2));
    if (own === 1 || own === elementCount(batch)) return backend.alias(tensor, tensor.shape);
    return broadcastTo(backend, tensor, [...batch, ...tensor.shape.slice(-2)]);
  });
}

/** Provides an optional vector with one value per column. */
export function withVector<T>(
  backend: SimdBackend,
  vector: TensorInfo | undefined,
  length: number,
  use: (vector: TensorInfo | undefined) => T,
): T {
  if (vector === undefined) return use(undefined);
  if (elementCount(vector.shape) === length) return use(vector);
  return withTemporary(backend, broadcastTo(backend, vector, [length]), use);
}

export const matmulKernels: readonly KernelConfig[] = [
  kernel('BatchMatMul', (call) => {
    const y = matmulOf(call, NO_EPILOGUE);
    const integer = numericType(call.tensor('a')) !== 'float32' && numericType(call.tensor('b')) !== 'float32';
    return integer ? withTemporary(call.backend, y, (product) => converted(call.backend, product, 'int32')) : y;
  }),
  kernel('_FusedMatMul', (call) => matmulOf(call, epilogueOf(call))),
];
