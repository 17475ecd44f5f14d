import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, kernel } from '../kernel-call.js';
import { Operation } from '../operations.js';
import { withType } from './copying.js';
import { describeWindow, poolingPlan, type WindowPlan } from './window.js';

/** Estimated nanoseconds of a pooling. */
function costOf(plan: WindowPlan): number {
  return plan.batchSize * plan.outHeight * plan.outWidth * plan.inChannels * plan.filterHeight * plan.filterWidth * 2;
}

function outShape(plan: WindowPlan): number[] {
  return [plan.batchSize, plan.outHeight, plan.outWidth, plan.inChannels];
}

/** Returns whether every window is a single pixel, so that the result equals the input. */
function isIdentity(plan: WindowPlan): boolean {
  return (
    plan.filterWidth === 1 &&
    plan.filterHeight === 1 &&
    plan.inHeight === plan.outHeight &&
    plan.inWidth === plan.outWidth
  );
}

function pool(call: KernelCall, operation: Operation.MaxPool | Operation.AveragePool): TensorInfo {
  const { backend } = call;
  const given = call.tensor('x');
  const plan = poolingPlan(call, given.shape);
  if (isIdentity(plan)) return backend.alias(given, given.shape);
  return withType(backend, given, 'float32', (x) => {
    const y = backend.allocate(outShape(plan), 'float32');
    const job = describeWindow(backend.kernels.begin(operation), plan);
    job.int(backend.address(x)).int(backend.address(y)).int(0).int(0).run(costOf(plan));
    return y;
  });
}

function maxPoolWithIndices(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const x = call.tensor('x');
  const plan = poolingPlan(call, x.shape);
  const y = backend.allocate(outShape(plan), 'float32');
  const indices = backend.allocate(outShape(plan), 'int32');
  const job = describeWindow(backend.kernels.begin(Operation.MaxPool), plan);
  job.int(backend.address(x)).int(backend.address(y)).int(backend.address(indices));
  job.int(call.flag('includeBatchInIndex') ? 1 : 0).run(costOf(plan));
  return [y, indices];
}

export const poolingKernels: readonly KernelConfig[] = [
  kernel('MaxPool', (call) => pool(call, Operation.MaxPool)),
  kernel('AvgPool', (call) => pool(call, Operation.AveragePool)),
  kernel('MaxPoolWithArgmax', maxPoolWithIndices),
  kernel('MaxPoolGrad', (call) => {
    const { backend } = call;
    const x = call.tensor('input');
    const plan = poolingPlan(call, x.shape);
    const dx = backend.allocate(x.shape, 'float32');
    const job = describeWindow(backend.kernels.begin(Operation.MaxPoolGradient), plan);
    job
      .int(backend.address(x))
      .int(backend.address(call.tensor('dy')))
      .int(backend.address(dx))
      .run(costOf(plan));
    return dx;
  }),
  kernel('AvgPoolGrad', (call) => {
    const { backend } = call;
    const x = call.tensor('input');
    const plan = poolingPlan(call, x.shape);
    const dx = backend.allocate(x.shape, 'float32');
    const job = describeWindow(backend.kernels.begin(Operation.AveragePoolGradient), plan);
    job
      .int(backend.address(call.tensor('dy')))
      .int(backend.address(dx))
      .run(costOf(plan));
    return dx;
  }),
];
