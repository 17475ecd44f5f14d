import util from 'node:util';
import { backend } from '@tensorflow/tfjs-core';
import type { Loaded } from './backend.js';

/** An optional package: loading it is the only way to find out whether it is installed. */
const packageName: string = '@tensorflow/tfjs-node';

/** TensorFlow's C library, through `@tensorflow/tfjs-node`. */
export async function loadTensorflow(): Promise<Loaded> {
  restoreRemovedFunctions();
  // TensorFlow reads it once, while loading: warnings and errors only.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  try {
    await import(packageName);
    return { loaded: true, version: libraryVersion() };
  } catch (error) {
    if (!isMissing(error)) return { loaded: false, reason: firstLineOf(error), hint: null };
    return {
      loaded: false,
      reason: `${packageName} is not installed`,
      hint: `install it beside aedsl: npm install ${packageName}@4.22.0`,
    };
  }
}

/** tfjs-node calls two functions of node:util that Node 23 removed. */
function restoreRemovedFunctions(): void {
  const removed = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, value] of Object.entries(removed)) {
    // The deprecated originals print a warning in every process that uses them, so replace them where they still exist.
    Object.defineProperty(util, name, { value, configurable: true, enumerable: true, writable: true });
  }
}

/** Version of the C library, which determines the last bits of a result; the package's own version says little. */
function libraryVersion(): string {
  const version = member(member(backend(), 'binding'), 'TF_Version');
  return typeof version === 'string' ? version : 'unknown';
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}

function firstLineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [firstLine = message] = message.split('\n');
  return firstLine;
}
