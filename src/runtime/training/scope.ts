import { engine } from '@tensorflow/tfjs-core';

/**
 * Frees every tensor that `compute` makes and doesn't keep. Unlike TF.js's `tidy`, it may return anything but tensors.
 */
export function scoped<T>(compute: () => T): T {
  engine().startScope();
  try {
    return compute();
  } finally {
    engine().endScope();
  }
}
