import { readFileSync } from 'node:fs';
import { isSystemError } from '../../files/system-error.js';

/** What a process may have of addresses, in bytes: `ulimit -v`. */
export interface AddressSpace {
  readonly limit: number;
  readonly used: number;
}

/** Makes V8 check addresses in code, in place of reserving 10 GiB of them for each memory of WebAssembly. */
export const withoutTrapHandler = '--disable-wasm-trap-handler';

/** Addresses that V8 reserves for one memory of WebAssembly: 4 GiB, and the regions around it that trap. */
const GUARDED_MEMORY = 10.5 * 1024 ** 3;
/** What Node takes when it starts, and what else a training needs. */
const PROCESS = 2 * 1024 ** 3;

/** Null where there is no limit, or the system doesn't say. */
export function addressSpace(): AddressSpace | null {
  const limit = firstNumber('/proc/self/limits', /^Max address space +(\d+)/m);
  if (limit === null) return null;
  return { limit, used: (firstNumber('/proc/self/status', /^VmSize:\s+(\d+)/m) ?? 0) * 1024 };
}

/**
 * Whether the process must do without V8's trap handler to have some memories of WebAssembly, and doesn't yet. Kernels are up to
 * a seventh slower then, and their bits are the same.
 */
export function needsSmallerMemories(memories: number): boolean {
  const space = addressSpace();
  return space !== null && space.limit < PROCESS + memories * GUARDED_MEMORY && !isWithoutTrapHandler();
}

/** Whether this process was started without V8's trap handler. */
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
