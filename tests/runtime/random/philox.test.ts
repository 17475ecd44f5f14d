import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiplyHigh, Philox } from '../../../src/runtime/random/philox.js';

const words = (philox: Philox): string[] =>
  [philox.word0, philox.word1, philox.word2, philox.word3].map((word) => (word >>> 0).toString(16).padStart(8, '0'));

describe('Philox4x32-10', () => {
  // The vectors for "philox 4x32 10" in the known-answer file of Random123, the authors' library.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      ['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd'],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      ['d16cfe09', '94fdcceb', '5001e420', '24126ea1'],
    ],
  ] as const)('counter %j, key %j', (counter, key, expected) => {
    const philox = new Philox(key);
    const [c0, c1, c2, c3] = counter;
    philox.draw(c0, c1, c2, c3);
    expect(words(philox)).toEqual(expected);
  });

  it('a block of a step is the counter [block low, block high, step low, step high]', () => {
    const byBlock = new Philox([7, 9]);
    const byCounter = new Philox([7, 9]);
    byBlock.drawBlock(3 * 2 ** 32 + 5, 2 ** 33 + 11);
    byCounter.draw(5, 3, 11, 2);
    expect(words(byBlock)).toEqual(words(byCounter));
  });

  it('the upper half of a product is that of integer arithmetic', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(BigInt(multiplyHigh(a, b) >>> 0)).toBe((BigInt(a) * BigInt(b)) >> 32n);
      }),
      { numRuns: 2000 },
    );
  });
});
