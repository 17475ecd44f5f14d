import { totalmem } from 'node:os';
import { addressSpace } from './address-space.js';
import type { BackendName } from './backend.js';

/** All that addresses of 32 bits reach, but for the last page: the end of a tensor is an address, too. */
export const mostAddresses = 2 ** 32 - 65536;

/** Bytes of tensors that a backend can hold on this machine, in this process. */
export function mostMemory(backend: BackendName): number {
  const machine = physicalMemory();
  return backend === 'simd' ? Math.min(machine, reservable()) : machine;
}

/** Bytes that the machine has, or the container. */
export function physicalMemory(): number {
  // 0 without a limit; of a control group without one, nearly 2^64.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** What of the addresses `simd` takes: half of those that are left are for JavaScript's heaps, data, and threads. */
export function reservable(): number {
  const space = addressSpace();
  return space === null ? mostAddresses : Math.min(mostAddresses, Math.max(0, space.limit - space.used) / 2);
}
