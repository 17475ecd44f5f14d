import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, streamKey } from '../../../src/runtime/random/address.js';

/** seedrandom's generator (ARC4 over a key of up to 256 bytes, 256 bytes discarded), written out from its description. */
function referenceKey(text: string): number[] {
  const key = [...text].map((character) => character.charCodeAt(0) & 255);
  const state = Array.from({ length: 256 }, (_, i) => i);
  const at = (i: number): number => state[i & 255] ?? 0;
  const swap = (i: number, j: number): void => {
    [state[i & 255], state[j & 255]] = [at(j), at(i)];
  };
  let j = 0;
  for (let i = 0; i < 256; i++) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let i = 0;
  j = 0;
  const bytes = Array.from({ length: 256 + 8 }, () => {
    i = (i + 1) & 255;
    j = (j + at(i)) & 255;
    swap(i, j);
    return at(at(i) + at(j));
  }).slice(256);
  const word = (from: number): number => bytes.slice(from, from + 4).reduce((sum, byte) => sum * 256 + byte, 0);
  return [word(0), word(4)];
}

describe('stream addresses', () => {
  it('are keyed by seedrandom', () => {
    const address = { seed: 1, path: 'encoder/1', purpose: 'eps' };
    expect(canonicalAddress(address)).toBe('aedsl-stream-1|1|encoder/1|eps');
    expect(streamKey(address)).toEqual(referenceKey('aedsl-stream-1|1|encoder/1|eps'));
  });

  it('have different keys when anything in them differs', () => {
    const seeds = [1, 2, -1, 12, Number.MAX_SAFE_INTEGER, 'evaluation'] as const;
    const parts = ['a', 'b', 'encoder/1', 'encoder/11', 'encoder/1/mu'];
    const keys = seeds.flatMap((seed) =>
      parts.flatMap((path) => parts.map((purpose) => streamKey({ seed, path, purpose }).join())),
    );
    expect(new Set(keys).size).toBe(seeds.length * parts.length ** 2);
  });

  it('refuse what would make two addresses share a text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (part) => {
        const valid = /^[A-Za-z0-9_./-]+$/.test(part);
        const keyed = (): unknown => streamKey({ seed: 1, path: part, purpose: 'x' });
        if (valid) keyed();
        else expect(keyed).toThrow(RangeError);
      }),
    );
    expect(() => streamKey({ seed: 0.5, path: 'a', purpose: 'b' })).toThrow(RangeError);
    expect(() => streamKey({ seed: 2 ** 53, path: 'a', purpose: 'b' })).toThrow(RangeError);
    expect(() => streamKey({ seed: 1, path: 'a\n', purpose: 'b' })).toThrow(RangeError);
  });
});
