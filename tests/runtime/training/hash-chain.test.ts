import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainFileError, decodeChain, encodeChain } from '../../../src/runtime/training/chain-file.js';
import { type ChainState, HashChain } from '../../../src/runtime/training/hash-chain.js';
import { noSteps, withStep } from '../../../src/runtime/training/step-digest.js';

interface Step {
  readonly indices: readonly number[];
  readonly terms: readonly number[];
  readonly weight: number;
}

/** A training of one stage; the weights after each step are one number. */
function chained(steps: readonly Step[], from: ChainState | null = null, first = 0): HashChain {
  const chain = new HashChain({ state: from });
  steps.slice(first).forEach(({ indices, terms, weight }, i) => {
    const weights = () => new Map([['encoder/0/weight', Float32Array.of(weight)]]);
    chain.add({ stage: 'train', step: first + i + 1, indices: Uint32Array.from(indices), terms }, null, weights);
  });
  return chain;
}

const step = fc.record({
  indices: fc.array(fc.nat(), { maxLength: 5 }),
  terms: fc.array(fc.double(), { maxLength: 3 }),
  weight: fc.float(),
});
const steps = fc.array(step, { minLength: 1, maxLength: 40 });

describe('the chain of a training', () => {
  it('has a link after steps 1, 2, 4, …, every 128th, and the last of a stage', () => {
    const one = { indices: [0], terms: [1], weight: 1 };
    const chain = chained(Array.from({ length: 300 }, () => one));
    chain.endStage('train', 300, () => new Map());
    expect(chain.state().links.map((link) => link.step)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
  });

  it('is the same when it was interrupted anywhere and went on', () => {
    fc.assert(
      fc.property(steps, fc.nat(40), (all, at) => {
        const cut = Math.min(at, all.length);
        const before = structuredClone(chained(all.slice(0, cut)).state());
        const resumed = chained(all, decodeChain(encodeChain(before)), cut).state();
        expect(resumed).toEqual(chained(all).state());
      }),
    );
  });

  it('differs from the first link on that covers a change', () => {
    fc.assert(
      fc.property(steps, fc.nat(39), fc.constantFrom('indices', 'terms', 'weight'), (all, at, what) => {
        const changed = Math.min(at, all.length - 1);
        const other = all.map((s, i) => {
          if (i !== changed) return s;
          if (what === 'indices') return { ...s, indices: [...s.indices, 7] };
          return what === 'terms' ? { ...s, terms: [...s.terms, 0.5] } : { ...s, weight: s.weight === 1 ? 2 : 1 };
        });
        const [a, b] = [chained(all).state().links, chained(other).state().links];
        a.forEach((link, i) => {
          const covers = what === 'weight' ? link.step === changed + 1 : link.step > changed;
          if (link.step <= changed) expect(b[i]).toEqual(link);
          else if (covers) expect(b[i]?.sha256).not.toBe(link.sha256);
        });
      }),
    );
  });

  it('takes every NaN for the same', () => {
    const nan = new Float64Array(new BigUint64Array([0x7ff8000000000001n]).buffer)[0] ?? 0;
    expect(withStep(noSteps, Uint32Array.of(1), [nan])).toEqual(withStep(noSteps, Uint32Array.of(1), [Number.NaN]));
    expect(withStep(noSteps, Uint32Array.of(1), [0])).not.toEqual(withStep(noSteps, Uint32Array.of(1), [-0]));
  });

  it('bears witness of the powers of two and the first step of a layer, wherever it goes on from', () => {
    const wanted = (chain: HashChain, from: number) =>
      Array.from({ length: 20 - from }, (_, i) => {
        const step = from + i + 1;
        return chain.witness('train', step, step === 11) === null ? [] : [step];
      }).flat();
    expect(wanted(new HashChain(), 0)).toEqual([1, 2, 4, 8, 11, 16]);
    const state = chained([{ indices: [], terms: [], weight: 0 }]).state();
    expect(wanted(new HashChain({ state }), 2)).toEqual([4, 8, 11, 16]);
  });
});

describe('the file of a chain', () => {
  it.each(['', '{}', '[]', '{"version":2}', '{"version":1,"digest":"","added":[1],"links":[],"witnesses":[]}'])(
    'is refused when it says %j',
    (text) => expect(() => decodeChain(new TextEncoder().encode(text))).toThrow(ChainFileError),
  );
});
