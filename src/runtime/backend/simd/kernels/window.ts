import { backend_util } from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernel-call.js';
import type { KernelRunner } from '../kernel-runner.js';

/** Properties of a sliding window, as computed by TF.js. */
export type WindowPlan = ReturnType<typeof backend_util.computeConv2DInfo>;

type Padding = Parameters<typeof backend_util.computeConv2DInfo>[4];
type Rounding = 'floor' | 'round' | 'ceil' | undefined;
type Extent = [number, number];

/** Reads an attribute that is a number or a pair as a pair. */
function extent(call: KernelCall, name: string, otherwise?: number): Extent {
  const values = call.optionalNumbers(name) ?? (otherwise === undefined ? call.numbers(name) : [otherwise]);
  const [first = 1, second = first] = values;
  return [first, second];
}

function pair(value: unknown): [number, number] {
  if (Array.isArray(value)) {
    const [before, after]: unknown[] = value;
    if (typeof before === 'number' && typeof after === 'number') return [before, after];
  }
  throw new Error('explicit padding must be a list of four pairs of numbers');
}

function padding(call: KernelCall): Padding {
  const value = call.attribute('pad');
  if (typeof value === 'number') return value;
  if (value === 'valid') return 'valid';
  if (value === 'same') return 'same';
  if (!Array.isArray(value)) throw new Error(`unknown padding ${JSON.stringify(value)}`);
  const last: unknown[] = value;
  const [batch, height, width, channels] =
    call.optionalText('dataFormat') === 'NCHW' ? [0, 2, 3, 1].map((axis) => last[axis]) : last;
  return [pair(batch), pair(height), pair(width), pair(channels)];
}

function rounding(call: KernelCall): Rounding {
  const mode = call.optionalText('dimRoundingMode');
  if (mode === undefined || mode === 'floor' || mode === 'round' || mode === 'ceil') return mode;
  throw new Error(`unknown rounding mode '${mode}'`);
}

function fourSizes(shape: readonly number[], what: string): [number, number, number, number] {
  const [a, b, c, d] = shape;
  if (a === undefined || b === undefined || c === undefined || d === undefined || shape.length !== 4) {
    throw new Error(`${what} must have four axes, got [${shape}]`);
  }
  return [a, b, c, d];
}

/** Plans a convolution over images [batch, height, width, channels]. */
export function convolutionPlan(
  call: KernelCall,
  imageShape: readonly number[],
  filterShape: readonly number[],
): WindowPlan {
  return backend_util.computeConv2DInfo(
    fourSizes(imageShape, 'the input of a convolution'),
    fourSizes(filterShape, 'the filter of a convolution'),
    extent(call, 'strides'),
    extent(call, 'dilations', 1),
    padding(call),
    rounding(call),
    false,
    'channelsLast',
  );
}

/** Steps of a convolution's windows over images with symmetric padding. */
export interface Steps {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** Plans a convolution with symmetric padding. */
export function paddedPlan(
  imageShape: readonly number[],
  filterShape: readonly number[],
  { stride, padding: [height, width], dilation }: Steps,
): WindowPlan {
  return backend_util.computeConv2DInfo(
    fourSizes(imageShape, 'the input of a convolution'),
    fourSizes(filterShape, 'the filter of a convolution'),
    [...stride],
    [...dilation],
    [
      [0, 0],
      [height, height],
      [width, width],
      [0, 0],
    ],
    'floor',
    false,
    'channelsLast',
  );
}

/** Plans a pooling over images [batch, height, width, channels]. */
export function poolingPlan(call: KernelCall, imageShape: readonly number[]): WindowPlan {
  return backend_util.computePool2DInfo(
    fourSizes(imageShape, 'the input of a pooling'),
    extent(call, 'filterSize'),
    extent(call, 'strides'),
    1,
    padding(call),
    rounding(call),
    'channelsLast',
  );
}

/** Adds the geometry to a job, in the order of assembly/geometry.ts. */
export function describeWindow(job: KernelRunner, plan: WindowPlan): KernelRunner {
  return job
    .int(plan.batchSize)
    .int(plan.inHeight)
    .int(plan.inWidth)
    .int(plan.inChannels)
    .int(plan.outHeight)
    .int(plan.outWidth)
    .int(plan.outChannels)
    .int(plan.filterHeight)
    .int(plan.filterWidth)
    .int(plan.strideHeight)
    .int(plan.strideWidth)
    .int(plan.dilationHeight)
    .int(plan.dilationWidth)
    .int(plan.padInfo.top)
    .int(plan.padInfo.left);
}
