import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, kernel } from '../kernel-call.js';
import type { KernelRunner } from '../kernel-runner.js';
import { Activation, Binary, Operation, Reduction, Unary } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';
import { transposed, withTemporary, withType } from './copying.js';
import { mapFloat, zip } from './elementwise.js';
import { sliced } from './layout.js';
import { type Epilogue, epilogueOf, NO_EPILOGUE, withVector } from './matmul.js';
import { reduce } from './reduction.js';
import { convolutionPlan, describeWindow, type WindowPlan } from './window.js';

/** Floats per block of patches, which fits in the L2 cache. */
const PATCH_FLOATS = 32768;
/** Most groups of images over which the filter's gradient is summed; see numerics.md. */
const FILTER_GROUPS = 16;

/** Most rows in a block of several images: enough to amortise packing the filter. */
const BLOCK_ROWS = 256;

/** Partition of a convolution into blocks of patches. */
interface Blocks {
  /** Output positions per block; all of an image if they are few. */
  readonly positions: number;
  /** Images that share a block. */
  readonly images: number;
  readonly address: number;
  readonly bytesPerThread: number;
}

/** Provides scratch memory for blocks of patches of at most `most` images. */
function withPatches(backend: SimdBackend, plan: WindowPlan, most: number, use: (blocks: Blocks) => void): void {
  const taps = plan.filterHeight * plan.filterWidth * plan.inChannels;
  const all = plan.outHeight * plan.outWidth;
  const room = Math.max(8, Math.floor(PATCH_FLOATS / taps));
  const positions = Math.max(1, Math.min(all, room));
  const images = positions < all ? 1 : Math.max(1, Math.min(most, Math.floor(Math.min(room, BLOCK_ROWS) / positions)));
  const bytesPerThread = (images * positions * taps * 4 + 127) & ~63;
  const { memory, threads } = backend.kernels;
  const address = memory.allocate(bytesPerThread * threads);
  try {
    use({ positions, images, address, bytesPerThread });
  } finally {
    memory.release(address, bytesPerThread * threads);
  }
}

/** Images per tile, so that each thread gets a few tiles. */
function mostImages(backend: SimdBackend, plan: WindowPlan): number {
  const { threads } = backend.kernels;
  return threads === 1 ? plan.batchSize : Math.ceil(plan.batchSize / (4 * threads));
}

/** Adds the arguments that describe the partition. */
function describeBlocks(job: KernelRunner, { positions, images, address, bytesPerThread }: Blocks): KernelRunner {
  return job.int(positions).int(images).int(address).int(bytesPerThread);
}

/** Estimated nanoseconds of a convolution's multiplications. */
function costOf(plan: WindowPlan): number {
  const taps = plan.filterHeight * plan.filterWidth * plan.inChannels;
  return plan.batchSize * plan.outHeight * plan.outWidth * (plan.outChannels + 4) * (taps * 0.06 + 1);
}

export function convolve(
  backend: SimdBackend,
  plan: WindowPlan,
  x: TensorInfo,
  filter: TensorInfo,
  epilogue: Epilogue,
): TensorInfo {
  const y = backend.allocate([plan.batchSize, plan.outHeight, plan.outWidth, plan.outChannels], 'float32');
  withPatches(backend, plan, mostImages(backend, plan), (blocks) => {
    const job = describeWindow(backend.kernels.begin(Operation.Conv2D), plan);
    job.int(backend.address(x)).int(backend.address(filter)).int(backend.address(y));
    describeBlocks(job, blocks)
      .int(epilogue.bias === undefined ? 0 : backend.address(epilogue.bias))
      .int(epilogue.activation)
      .float(epilogue.alpha);
    job.int(epilogue.slopes === undefined ? 0 : backend.address(epilogue.slopes)).run(costOf(plan));
  });
  return y;
}

/** Gradient of a convolution with respect to its input; with bias and activation for a transposed convolution. */
export function inputGradient(
  backend: SimdBackend,
  plan: WindowPlan,
  dy: TensorInfo,
  filter: TensorInfo,
  epilogue: Epilogue,
): TensorInfo {
  const dx = backend.allocate([plan.batchSize, plan.inHeight, plan.inWidth, plan.inChannels], 'float32');
  withPatches(backend, plan, mostImages(backend, plan), (blocks) => {
    const job = describeWindow(backend.kernels.begin(Operation.Conv2DInputGradient), plan);
    job.int(backend.address(dy)).int(backend.address(filter)).int(backend.address(dx));
    describeBlocks(job, blocks)
      .int(epilogue.bias === undefined ? 0 : backend.address(epilogue.bias))
      .int(epilogue.activation);
    job.float(epilogue.alpha).run(costOf(plan));
  });
  return dx;
}

/** Gradient of a convolution with respect to its filter. */
export function filterGradient(backend: SimdBackend, plan: WindowPlan, x: TensorInfo, dy: TensorInfo): TensorInfo {
  const perGroup = Math.ceil(plan.batchSize / FILTER_GROUPS);
  const groups = Math.ceil(plan.batchSize / perGroup);
  const shape = [plan.filterHeight, plan.filterWidth, plan.inChannels, plan.outChannels];
  const partial = backend.allocate([groups, ...shape], 'float32');
  withPatches(backend, plan, perGroup, (blocks) => {
    const job = describeWindow(backend.kernels.begin(Operation.Conv2DFilterGradient), plan);
    job.int(backend.address(x)).int(backend.address(dy)).int(backend.address(partial));
    describeBlocks(job, blocks).int(perGroup).run(costOf(plan));
  });
  return withTemporary(backend, partial, (groupSums) => reduce(backend, Reduction.Sum, groupSums, [0], false));
}

const TO_CHANNELS_LAST = [0, 2, 3, 1];
const TO_CHANNELS_FIRST = [0, 3, 1, 2];

/** Returns whether the call's images are [batch, channels, height, width]. */
function channelsFirst(call: KernelCall): boolean {
  return call.optionalText('dataFormat') === 'NCHW';
}

/** Provides a tensor as float32 images [batch, height, width, channels]. */
function withImages<T>(call: KernelCall, images: TensorInfo, use: (images: TensorInfo) => T): T {
  const { backend } = call;
  return withType(backend, images, 'float32', (x) =>
    channelsFirst(call) ? withTemporary(backend, transposed(backend, x, TO_CHANNELS_LAST), use) : use(x),
  );
}

/** Converts images [batch, height, width, channels] to the call's layout. */
function inLayoutOf(call: KernelCall, images: TensorInfo): TensorInfo {
  if (!channelsFirst(call)) return images;
  return withTemporary(call.backend, images, (y) => transposed(call.backend, y, TO_CHANNELS_FIRST));
}

/** Explicit paddings use the call's layout. */
function convolution(call: KernelCall, epilogue: Epilogue): TensorInfo {
  const { backend } = call;
  const filter = call.tensor('filter');
  const perChannel = (vector: TensorInfo | undefined): boolean =>
    vector === undefined || elementCount(vector.shape) === 1 || elementCount(vector.shape) === filter.shape[3];
  if (!perChannel(epilogue.bias) || !perChannel(epilogue.slopes)) return separately(call, epilogue);
  return withImages(call, call.tensor('x'), (x) => {
    const plan = convolutionPlan(call, x.shape, filter.shape);
    return withType(backend, filter, 'float32', (weights) =>
      withVector(backend, epilogue.bias, plan.outChannels, (bias) =>
        withVector(backend, epilogue.slopes, plan.outChannels, (slopes) =>
          inLayoutOf(call, convolve(backend, plan, x, weights, { ...epilogue, bias, slopes })),
        ),
      ),
    );
  });
}

/** Applies bias and prelu in separate kernels, for biases other than a vector of channels. */
function separately(call: KernelCall, epilogue: Epilogue): TensorInfo {
  const { backend } = call;
  let y = convolution(call, NO_EPILOGUE);
  const { bias, slopes } = epilogue;
  if (bias !== undefined) y = withTemporary(backend, y, (product) => zip(backend, Binary.Add, product, bias));
  return withTemporary(backend, y, (sum) => activated(backend, sum, epilogue.activation, epilogue.alpha, slopes));
}

/** Applies an activation in a separate kernel. */
export function activated(
  backend: SimdBackend,
  x: TensorInfo,
  activation: Activation,
  alpha: number,
  slopes: TensorInfo | undefined,
): TensorInfo {
  switch (activation) {
    case Activation.Linear:
      return backend.alias(x, x.shape);
    case Activation.Relu:
      return mapFloat(backend, Unary.Relu, x);
    case Activation.Relu6:
      return mapFloat(backend, Unary.Relu6, x);
    case Activation.Elu:
      return mapFloat(backend, Unary.Elu, x);
    case Activation.LeakyRelu:
      return mapFloat(backend, Unary.LeakyRelu, x, alpha);
    case Activation.Sigmoid:
      return mapFloat(backend, Unary.Sigmoid, x);
    case Activation.Tanh:
      return mapFloat(backend, Unary.Tanh, x);
    case Activation.Prelu:
      if (slopes === undefined) throw new Error('prelu needs slopes');
      return zip(backend, Binary.Prelu, x, slopes);
  }
}

/** Shape of images reordered to [batch, height, width, channels]. */
function channelsLastShape(call: KernelCall, shape: readonly number[]): number[] {
  return channelsFirst(call) ? TO_CHANNELS_LAST.map((axis) => shape[axis] ?? 1) : [...shape];
}

export const convolutionKernels: readonly KernelConfig[] = [
  kernel('Conv2D', (call) => convolution(call, NO_EPILOGUE)),
  kernel('FusedConv2D', (call) => convolution(call, epilogueOf(call))),
  kernel('Conv2DBackpropInput', (call) => {
    const { backend } = call;
    const filter = call.tensor('filter');
    const plan = convolutionPlan(call, channelsLastShape(call, call.numbers('inputShape')), filter.shape);
    const shape = [plan.batchSize, plan.outHeight, plan.outWidth, plan.outChannels];
    // TF.js allows a gradient larger than its output; the excess is ignored.
    return withImages(call, call.tensor('dy'), (given) =>
      withTemporary(backend, sliced(backend, given, [0, 0, 0, 0], shape), (dy) =>
        withType(backend, filter, 'float32', (weights) =>
          inLayoutOf(call, inputGradient(backend, plan, dy, weights, NO_EPILOGUE)),
        ),
      ),
    );
  }),
  kernel('Conv2DBackpropFilter', (call) =>
    withImages(call, call.tensor('x'), (x) =>
      withImages(call, call.tensor('dy'), (dy) =>
        filterGradient(call.backend, convolutionPlan(call, x.shape, call.numbers('filterShape')), x, dy),
      ),
    ),
  ),
];
