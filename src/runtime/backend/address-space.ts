import { readFileSync } from 'node:fs';
import { isSystemError } from '../../files/system-error.js';

/** Limit on a process's address space, in bytes: `ulimit -v`. */
export interface AddressSpace {
  readonly limit: number;
  readonly used: number;
}

/** Makes V8 check addresses in code, instead of reserving 10 GiB of address space per WebAssembly memory. */
export const withoutTrapHandler = '--disable-wasm-trap-handler';

/** Address space that V8 reserves per WebAssembly memory: 4 GiB, and guard regions around it. */
const GUARDED_MEMORY = 10.5 * 1024 ** 3;
/** Address space of Node itself, and of everything else a training needs. */
const PROCESS = 2 * 1024 ** 3;

/** Returns null if there is no limit, or the system doesn't say. */
export function addressSpace(): AddressSpace | null {
  const limit = firstNumber('/proc/self/limits', /^Max address space +(\d+)/m);
  if (limit === null) return null;
  return { limit, used: (firstNumber('/proc/self/status', /^VmSize:\s+(\d+)/m) ?? 0) * 1024 };
}

/**
 * Returns whether the process must restart without V8's trap handler to fit this many WebAssembly memories. Kernels are
 * up to a seventh slower then, with identical bits.
 */
export function needsSmallerMemories(memories: number): boolean {
  const space = addressSpace();
  return space !== null && space.limit < PROCESS + memories * GUARDED_MEMORY && !isWithoutTrapHandler();
}

/** Returns whether this process runs without V8's trap handler. */
export function isWithoutTrapHandler(): boolean {
  const { NODE_OPTIONS: options = '' } = process.env;
  return process.execArgv.includes(withoutTrapHandler) || options.split(/\s+/).includes(withoutTrapHandler);
}

function firstNumber(path: string, pattern: RegExp): number | null {
  try {
    const [, digits] = pattern.exec(readFileSync(path, 'latin1')) ?? [];
    return digits === undefined ? null : Number(digits);
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
