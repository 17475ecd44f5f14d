import { readFileSync } from 'node:fs';

export interface KernelExports {
  runAlone(work: number): void;
  /** Returns 1 if a worker died, else 0. */
  runShared(work: number, patience: number): number;
  /** Runs the jobs from `program` to `end`. Returns 1 if a worker died, else 0. */
  runProgram(work: number, program: number, end: number, patience: number): number;
  serve(work: number): void;
}

/** The machine or the version of Node can't run the kernels. */
export class UnsupportedPlatformError extends Error {
  override readonly name = 'UnsupportedPlatformError';
  readonly hint =
    'use another Node or machine, or choose another backend, whose results differ in the last bits: --backend cpu';
}

/** A minimal module that uses a SIMD instruction. */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** Compiles the kernels. Throws `UnsupportedPlatformError` if WebAssembly lacks a required feature. */
export function compileKernels(): WebAssembly.Module {
  if (typeof WebAssembly === 'undefined') {
    throw new UnsupportedPlatformError('the simd backend needs WebAssembly, which this Node was started without');
  }
  if (!WebAssembly.validate(SIMD_PROBE)) {
    throw new UnsupportedPlatformError('the simd backend needs WebAssembly SIMD, which this processor or Node lacks');
  }
  if (typeof SharedArrayBuffer === 'undefined') {
    throw new UnsupportedPlatformError('the simd backend needs SharedArrayBuffer, which this Node was started without');
  }
  return new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return {
    runAlone: exportedFunction(exports, 'runAlone'),
    runShared: exportedFunction(exports, 'runShared'),
    runProgram: exportedFunction(exports, 'runProgram'),
    serve: exportedFunction(exports, 'serve'),
  };
}

function exportedFunction(exports: WebAssembly.Exports, name: string): (...values: number[]) => number {
  const value = exports[name];
  if (typeof value !== 'function') throw new Error(`kernels.wasm does not export '${name}'; build it again`);
  return (...values) => value(...values);
}
