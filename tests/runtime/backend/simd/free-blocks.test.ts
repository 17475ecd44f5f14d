import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FreeBlocks } from '../../../../src/runtime/backend/simd/free-blocks.js';

describe('free memory', () => {
  it('is given out once, whatever is put back and taken in which order', () => {
    const requests = fc.array(fc.record({ size: fc.integer({ min: 1, max: 12 }), which: fc.nat(40) }), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(requests, (list) => {
        const free = new FreeBlocks();
        const used: { address: number; size: number }[] = [];
        let top = 0;
        for (const { size, which } of list) {
          if (which % 3 === 0 && used.length > 0) {
            const [block] = used.splice(which % used.length, 1);
            if (block) free.put(block.address, block.size);
            continue;
          }
          let address = free.take(size);
          if (address === undefined) {
            address = free.takeLast(top);
            top = Math.max(top, address + size);
          }
          const end = address + size;
          expect(address).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(top);
          for (const other of used) expect(end <= other.address || address >= other.address + other.size).toBe(true);
          used.push({ address, size });
        }
      }),
    );
  });

  it('of neighbouring blocks serves a larger one', () => {
    const free = new FreeBlocks();
    for (const address of [64, 192, 0, 128]) free.put(address, 64);
    expect(free.take(192)).toBe(0);
    expect(free.take(128)).toBeUndefined();
    expect(free.take(64)).toBe(192);
    expect(free.take(64)).toBeUndefined();
  });

  it('is told in as few pieces as it lies in', () => {
    const free = new FreeBlocks();
    for (const address of [64, 256, 0]) free.put(address, 64);
    expect(free.pieces()).toEqual([
      { address: 0, size: 128 },
      { address: 256, size: 64 },
    ]);
    expect(free.take(128)).toBe(0);
  });
});
