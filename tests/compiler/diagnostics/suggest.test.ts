import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest, didYouMean, editDistance } from '../../../src/compiler/diagnostics/suggest.js';

describe('edit distance', () => {
  // Counted by hand; 'ca' to 'abc' is 3 because a swapped pair is not edited again (optimal string alignment).
  const distances: readonly (readonly [string, string, number])[] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['dense', 'dense', 0],
    ['dens', 'dense', 1],
    ['dnese', 'dense', 1],
    ['tense', 'dense', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ];
  for (const [a, b, distance] of distances) {
    it(`'${a}' to '${b}'`, () => {
      expect(editDistance(a, b)).toBe(distance);
      expect(editDistance(b, a)).toBe(distance);
    });
  }

  it('is within the bounds of any edit distance', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance === 0).toBe(a === b);
      }),
    );
  });
});

describe('did you mean', () => {
  const words = ['dense', 'dropout', 'flatten', 'mse'];

  it('the nearest word, if it is near', () => {
    expect(didYouMean('dens', words)).toBe("did you mean 'dense'?");
    expect(didYouMean('Dropuot', words)).toBe("did you mean 'dropout'?");
    expect(closest('convolution', words)).toBeNull();
    expect(closest('x', words)).toBeNull();
  });

  it('does not measure what nobody typed', () => {
    expect(closest('d'.repeat(1_000_000), words)).toBeNull();
  });
});
