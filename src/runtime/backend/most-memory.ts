import { totalmem } from 'node:os';
import { addressSpace } from './address-space.js';
import type { BackendName } from './backend.js';

/** Everything that 32-bit addresses reach except the last page, because the end of a tensor is an address too. */
export const mostAddresses = 2 ** 32 - 65536;

/** Most memory for tensors that a backend can have on this machine, in this process, in bytes. */
export function mostMemory(backend: BackendName): number {
  const machine = physicalMemory();
  return backend === 'simd' ? Math.min(machine, reservable()) : machine;
}

/** Memory of the machine or the container, in bytes. */
export function physicalMemory(): number {
  // 0 without a limit; nearly 2^64 for an unlimited control group.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Address space for `simd`: half of what is left; the rest is for JavaScript heaps, data and threads. */
export function reservable(): number {
  const space = addressSpace();
  return space === null ? mostAddresses : Math.min(mostAddresses, Math.max(0, space.limit - space.used) / 2);
}
