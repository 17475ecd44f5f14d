import { setFlagsFromString } from 'node:v8';

/** Versions whose compiler has passed the kernels' tests with wide vectors; `npm run test:nodes`. */
const TESTED_V8 = /^(13\.6|14\.6)\./;

/**
 * Makes V8 merge adjacent 128-bit operations into 256-bit ones where it can: on x64 with AVX2, in the builds of Node 24
 * and 26 for Linux and Windows. Lanes are computed as before, so no bit changes. V8 calls this experimental, so only
 * tested versions use it; `AEDSL_VECTORS=128` turns it off.
 * @returns whether it is on
 */
export function widenVectors(): boolean {
  const variables: Readonly<Record<string, unknown>> = { ...process.config.variables };
  const canWiden = variables.v8_enable_wasm_simd256_revec === 1 && TESTED_V8.test(process.versions.v8);
  if (!canWiden || process.env.AEDSL_VECTORS === '128') return false;
  setFlagsFromString('--experimental-wasm-revectorize');
  return true;
}
