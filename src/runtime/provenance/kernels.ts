import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** SHA-256 of the installed kernels of the `simd` backend; null if they are missing. */
export function kernelsSha256(): string | null {
  const path = fileURLToPath(new URL('../backend/simd/kernels.wasm', import.meta.url));
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
}
