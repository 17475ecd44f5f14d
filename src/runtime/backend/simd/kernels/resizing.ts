import type { KernelConfig } from '@tensorflow/tfjs-core';
import { type KernelCall, kernel } from '../kernel-call.js';
import type { SimdBackend } from '../simd-backend.js';
import { filled, withTemporary } from './copying.js';
import { gatherSlices, scatter } from './indexing.js';

/** Source position of each target position along one axis. */
function nearest(source: number, target: number, alignCorners: boolean, halfPixelCenters: boolean): number[] {
  const aligned = alignCorners && target > 1;
  const ratio = (aligned ? source - 1 : source) / (aligned ? target - 1 : target);
  return Array.from({ length: target }, (_, position) => {
    const at = ratio * (halfPixelCenters ? position + 0.5 : position);
    return Math.max(0, Math.min(source - 1, alignCorners ? Math.round(at) : Math.floor(at)));
  });
}

/** Source pixel of each target pixel, in `copies` images `offset` pixels apart, as an int32 tensor. */
function pixelIndices(
  backend: SimdBackend,
  rows: readonly number[],
  columns: readonly number[],
  width: number,
  copies: number,
  offset: number,
) {
  const indices = new Int32Array(copies * rows.length * columns.length);
  let i = 0;
  for (let copy = 0; copy < copies; ++copy) {
    for (const row of rows) for (const column of columns) indices[i++] = copy * offset + row * width + column;
  }
  return backend.constant([indices.length], indices);
}

function images(call: KernelCall, name: string): [number, number, number, number] {
  const [batch = 1, height = 1, width = 1, channels = 1] = call.tensor(name).shape;
  return [batch, height, width, channels];
}

export const resizingKernels: readonly KernelConfig[] = [
  kernel('ResizeNearestNeighbor', (call) => {
    const { backend } = call;
    const x = call.tensor('images');
    const [batch, height, width, channels] = images(call, 'images');
    const [newHeight = 1, newWidth = 1] = call.numbers('size');
    const [aligned, centers] = [call.flag('alignCorners'), call.flag('halfPixelCenters')];
    const [rows, columns] = [nearest(height, newHeight, aligned, centers), nearest(width, newWidth, aligned, centers)];
    return withTemporary(backend, pixelIndices(backend, rows, columns, width, 1, 0), (indices) => {
      const perGroup = newHeight * newWidth;
      const plan = {
        slices: batch * perGroup,
        sliceSize: channels,
        perGroup,
        groupSize: height * width * channels,
        groupsPerBatch: batch,
      };
      return gatherSlices(backend, x, indices, plan, [batch, newHeight, newWidth, channels]);
    });
  }),
  kernel('ResizeNearestNeighborGrad', (call) => {
    const { backend } = call;
    const dy = call.tensor('dy');
    const [batch, height, width, channels] = images(call, 'images');
    const [, newHeight, newWidth] = images(call, 'dy');
    const [aligned, centers] = [call.flag('alignCorners'), call.flag('halfPixelCenters')];
    const [rows, columns] = [nearest(height, newHeight, aligned, centers), nearest(width, newWidth, aligned, centers)];
    const dx = filled(backend, [batch, height, width, channels], 'float32', 0);
    withTemporary(backend, pixelIndices(backend, rows, columns, width, batch, height * width), (indices) =>
      scatter(backend, dx, indices, dy, channels, false),
    );
    return dx;
  }),
];
