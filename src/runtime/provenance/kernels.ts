import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** SHA-256 of the `simd` backend's kernels, as they are installed; null where they are missing. */
export function kernelsSha256(): string | null {
  const path = fileURLToPath(new URL('../backend/simd/kernels.wasm', import.meta.url));
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
}
