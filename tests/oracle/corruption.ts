import { tensor } from '@tensorflow/tfjs-core';
import type { LayerLowering } from '../../src/runtime/lowering/lowering.js';
import { elementsOf } from '../../src/runtime/training/weight-store.js';
import { gaussian } from '../../src/words/corruption/gaussian.js';
import { masking } from '../../src/words/corruption/masking.js';
import { salt } from '../../src/words/corruption/salt.js';
import { GoldenFormatError } from './fields.js';

/**
 * Elements become `value` where the stored mask is nonzero, or where the stored uniform number is below p. White and
 * black go through the corruptions of the data sets.
 */
export const corruption: Pick<LayerLowering, 'forward'> = {
  forward({ stored, p, value, sigma }, input, { noise }) {
    if (typeof sigma === 'number' && typeof stored === 'string') {
      const noisy = elementsOf(input);
      gaussian.damage({ sigma }, noisy, elementsOf(noise.normal(stored, input.shape)));
      return tensor(noisy, input.shape, 'float32');
    }
    if (typeof value !== 'number' || typeof stored !== 'string') {
      throw new GoldenFormatError("a 'corrupt' layer needs a value and stored noise");
    }
    const numbers = elementsOf(noise.uniform(stored, input.shape));
    const values = elementsOf(input);
    if (stored === 'mask') corrupt(values, uniformsOfMask(numbers), 0.5, value);
    else if (typeof p === 'number') corrupt(values, numbers, p, value);
    else throw new GoldenFormatError("a 'corrupt' layer without a mask needs p");
    return tensor(values, input.shape, 'float32');
  },
};

/** Uniform numbers that are below a half where the mask is set. */
function uniformsOfMask(mask: Float32Array): Float32Array {
  return mask.map((hit) => (hit === 0 ? 1 : 0));
}

function corrupt(values: Float32Array, uniforms: Float32Array, p: number, value: number): void {
  if (value === 1) salt.damage({ p }, values, uniforms);
  else if (value === 0) masking.damage({ p }, values, uniforms);
  else {
    uniforms.forEach((u, i) => {
      if (u < Math.fround(p)) values[i] = value;
    });
  }
}
