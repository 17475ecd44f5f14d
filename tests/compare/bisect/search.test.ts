import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCondition } from '../../../src/compare/bisect/condition.js';
import { changesAmong, findBoundary, type Outcomes } from '../../../src/compare/bisect/search.js';

/** Searches a list of outcomes, of which only the ends are known. */
async function search(all: readonly (boolean | null)[], known: Outcomes = new Map()) {
  const last = all.length - 1;
  const outcomes: Outcomes = new Map([...known, [0, all[0] ?? null], [last, all[last] ?? null]]);
  let attempts = 0;
  const boundary = await findBoundary(outcomes, last, async (index) => {
    attempts++;
    return all[index] ?? null;
  });
  return { boundary, attempts, outcomes };
}

describe('the search for the commit that changed an outcome', () => {
  it('finds the only change in as many trials as halving takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.nat(199), async (last, at) => {
        const first = 1 + (at % last);
        const all = Array.from({ length: last + 1 }, (_, i) => i >= first);
        const { boundary, attempts } = await search(all);
        expect(boundary).toEqual({ last: first - 1, first });
        expect(attempts).toBeLessThanOrEqual(Math.ceil(Math.log2(last + 1)));
      }),
    );
  });

  it('always ends where the outcome does change, with nothing between that could be tried', async () => {
    const outcome = fc.constantFrom(true, false, null);
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { maxLength: 40 }), fc.boolean(), async (middle, start) => {
        const all = [start, ...middle, !start];
        const { boundary } = await search(all);
        const { last, first } = boundary ?? { last: -1, first: -1 };
        expect(all[last]).toBe(start);
        expect(all[first]).toBe(!start);
        expect(all.slice(last + 1, first).every((x) => x === null)).toBe(true);
      }),
    );
  });

  it('tries nothing that is known, and counts the changes among what is known', async () => {
    const all = [false, true, false, true];
    const { attempts, outcomes, boundary } = await search(all, new Map(all.entries()));
    expect(attempts).toBe(0);
    expect(boundary).toEqual({ last: 2, first: 3 });
    expect(changesAmong(outcomes)).toBe(3);
    expect(
      changesAmong(
        new Map([
          [0, true],
          [1, null],
          [2, true],
        ]),
      ),
    ).toBe(0);
  });
});

describe('a condition', () => {
  it('compares a metric with a number', () => {
    expect(readCondition('test.loss < 0.05').holds(0.04)).toBe(true);
    expect(readCondition('test.loss<0.05').holds(0.05)).toBe(false);
    expect(readCondition('test.loss <= 5e-2').holds(0.05)).toBe(true);
    expect(readCondition(' a.b >= -1 ').holds(-1)).toBe(true);
    expect(readCondition('a > 1').metric).toBe('a');
    for (const wrong of ['test.loss', 'test.loss = 1', 'test.loss < x', '']) {
      expect(() => readCondition(wrong)).toThrow('no condition');
    }
  });
});
