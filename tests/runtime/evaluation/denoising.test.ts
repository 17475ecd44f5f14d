import { describe, expect, it } from 'vitest';
import { type DenoisingInput, DenoisingSums } from '../../../src/runtime/evaluation/denoising.js';
import { matrixOf } from './codes.js';

function denoisingErrors(chunks: readonly DenoisingInput[]) {
  const sums = new DenoisingSums();
  for (const chunk of chunks) sums.add(chunk);
  return sums.errors;
}

describe('denoising', () => {
  it('is the error against the clean examples, beside that of the corrupted ones', () => {
    const errors = denoisingErrors([
      {
        clean: matrixOf([[0, 0, 1, 1]]),
        corrupted: matrixOf([[1, 0, 1, 0]]),
        rebuilt: matrixOf([[0.5, 0, 1, 0.5]]),
      },
      {
        clean: matrixOf([[1, 1, 1, 1]]),
        corrupted: matrixOf([[1, 1, 0, 1]]),
        rebuilt: matrixOf([[1, 1, 1, 1]]),
      },
    ]);
    // Rebuilt: 0.25 + 0.25 and 0; corrupted: 2 and 1.
    expect(errors).toEqual({ mse: 0.0625, sse: 0.25, inputMse: 0.375, inputSse: 1.5 });
  });

  it('compares examples of one shape', () => {
    const [clean, corrupted] = [matrixOf([[1, 2]]), matrixOf([[1, 2, 3]])];
    expect(() => denoisingErrors([{ clean, corrupted, rebuilt: clean }])).toThrow(RangeError);
  });
});
