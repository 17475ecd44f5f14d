import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compiler/compile.js';
import { dataBytes, readingBytes } from '../../../src/compiler/ir/experiment.js';
import { fileWorld } from '../../../src/project/world.js';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import { drawActivations, drawExamples } from '../../../src/runtime/datasets/drawn-rows.js';
import { drawnDataset } from '../../../src/runtime/datasets/synth/drawn-dataset.js';
import type { WorldSpec } from '../../../src/runtime/datasets/synth/spec.js';
import { sphere } from '../../../src/runtime/datasets/synth/sphere.js';
import { worldOf } from '../../../src/runtime/datasets/synth/world.js';
import { stream } from '../../../src/runtime/random/stream.js';
import { builtinWords } from '../../../src/words/words.js';

const plain: WorldSpec = {
  seed: 0,
  features: 40,
  dim: 16,
  repel: 0,
  exponent: 0.5,
  frequent: 0.4,
  rare: 0.01,
  correlation: 0,
  rank: 3,
  trees: 0,
  children: 4,
  depth: 1,
  exclusive: true,
  magnitude: 2,
  spread: 0.25,
  noise: 0,
};
const examples = 20_000;

function active(spec: WorldSpec, count = examples): { readonly rows: Float32Array; share(i: number): number } {
  const rows = drawActivations(
    { world: spec, part: 'train' },
    Uint32Array.from({ length: count }, (_, i) => i),
  );
  return {
    rows,
    share(feature) {
      let fires = 0;
      for (let i = 0; i < count; i++) if (rows[i * spec.features + feature] !== 0) fires++;
      return fires / count;
    },
  };
}

/** Five standard deviations of a share of examples. */
function margin(rate: number, count = examples): number {
  return 5 * Math.sqrt((rate * (1 - rate)) / count);
}

function expectRates(spec: WorldSpec, wanted: (feature: number) => number): void {
  const { share } = active(spec);
  for (let feature = 0; feature < spec.features; feature++) {
    const rate = wanted(feature);
    expect(worldOf(spec).rates[feature]).toBeCloseTo(rate, 12);
    expect(Math.abs(share(feature) - rate), `feature ${feature}`).toBeLessThanOrEqual(margin(rate));
  }
}

/** Zipf's law as the documentation has it. */
function zipf({ features: n, exponent: a, frequent, rare }: WorldSpec): (feature: number) => number {
  return (i) => rare + ((frequent - rare) * ((i + 1) ** -a - n ** -a)) / (1 - n ** -a);
}

describe('features', () => {
  it('have norm 1 and random directions', () => {
    const { directions } = worldOf({ ...plain, features: 500 });
    let squares = 0;
    for (let i = 0; i < 500; i++) {
      const one = directions.subarray(i * 16, (i + 1) * 16);
      expect(one.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 6);
      squares += dot(one, directions.subarray(((i + 1) % 500) * 16, (((i + 1) % 500) + 1) * 16)) ** 2;
    }
    // The squared cosine of two random directions is 1 / dim on average.
    expect(squares / 500).toBeCloseTo(1 / 16, 2);
  });

  it('become orthogonal by repelling where there are no more of them than values, and a tight frame otherwise', () => {
    const cosines = (spec: WorldSpec) => {
      const { directions } = worldOf(spec);
      const { features, dim } = spec;
      const one = (i: number) => directions.subarray(i * dim, (i + 1) * dim);
      let squares = 0;
      for (let i = 0; i < features; i++) for (let j = 0; j < features; j++) squares += dot(one(i), one(j)) ** 2;
      return squares;
    };
    expect(cosines({ ...plain, features: 12, repel: 20 })).toBeCloseTo(12, 4);
    expect(cosines({ ...plain, features: 12 })).toBeGreaterThan(15);
    // The least frame potential is n² / d (Benedetto and Fickus 2003).
    expect(cosines({ ...plain, repel: 40 })).toBeCloseTo(40 ** 2 / 16, 2);
    expect(cosines(plain)).toBeGreaterThan(110);
  });
});

describe('firing', () => {
  it("follows Zipf's law between the two ends", () => {
    expectRates(plain, zipf(plain));
    expectRates({ ...plain, rare: 0.4 }, () => 0.4);
    expectRates({ ...plain, frequent: 1, exponent: 1.5, seed: 3 }, zipf({ ...plain, frequent: 1, exponent: 1.5 }));
  });

  it('is independent from feature to feature without a correlation', () => {
    const { rows, share } = active(plain);
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [5, 6],
    ] as const) {
      const expected = share(a) * share(b);
      expect(Math.abs(together(rows, plain, a, b) - expected)).toBeLessThan(margin(expected));
    }
  });

  it('keeps its rates with a correlation, and that of pairs is that of a Gaussian copula', () => {
    const spec = { ...plain, correlation: 0.8, rank: 2, frequent: 0.5, rare: 0.5, features: 12 };
    const { rows, share } = active(spec);
    const source = stream({ seed: 0, path: 'synth/world', purpose: 'loadings' });
    const loadings = sphere({ features: 12, dim: 2, repel: 0 }, source);
    const one = (i: number) => loadings.subarray(i * 2, i * 2 + 2);
    for (let feature = 0; feature < 12; feature++) expect(Math.abs(share(feature) - 0.5)).toBeLessThan(margin(0.5));
    for (let a = 0; a < 12; a++) {
      for (let b = 0; b < a; b++) {
        // P(both above their medians) = 1/4 + asin(r) / 2π.
        const both = 0.25 + Math.asin(0.8 * dot(one(a), one(b))) / (2 * Math.PI);
        expect(Math.abs(together(rows, spec, a, b) - both), `features ${a} and ${b}`).toBeLessThan(margin(both));
      }
    }
  });

  it('of children needs their parent, and one excludes the others', () => {
    const spec = { ...plain, trees: 2, children: 3, depth: 2, frequent: 0.6, rare: 0.05 };
    const rate = zipf(spec);
    const { rows } = active(spec, 5000);
    const drawer = worldOf(spec).examples('train');
    for (let i = 0; i < 5000; i++) {
      const { features } = drawer.active(i);
      expect(features).toEqual([...features].sort((a, b) => a - b));
      const fires = (feature: number) => rows[i * spec.features + feature] !== 0;
      for (let parent = 0; parent < 8; parent++) {
        const own = [0, 1, 2].map((c) => 2 + parent * 3 + c).filter(fires);
        expect(own.length).toBeLessThanOrEqual(fires(parent) ? 1 : 0);
      }
    }
    // Each child as often as it is to fire, or the parent's firings in the ratio of the rates.
    const rates: number[] = [];
    for (let feature = 0; feature < spec.features; feature++) {
      const parent = feature < 2 || feature >= 26 ? null : Math.floor((feature - 2) / 3);
      if (parent === null) rates.push(rate(feature));
      else {
        const siblings = [0, 1, 2].map((c) => rate(2 + parent * 3 + c)).reduce((a, b) => a + b);
        rates.push(((rates[parent] ?? 0) * rate(feature)) / Math.max(rates[parent] ?? 0, siblings));
      }
    }
    expectRates(spec, (feature) => rates[feature] ?? 0);
  });

  it('of children that do not exclude one another is independent given the parent', () => {
    const spec = { ...plain, trees: 1, children: 3, depth: 1, exclusive: false };
    expectRates(spec, zipf(spec));
    const { rows } = active(spec);
    const rate = zipf(spec);
    const both = (rate(1) * rate(2)) / rate(0);
    expect(Math.abs(together(rows, spec, 1, 2) - both)).toBeLessThan(margin(both));
  });

  it('has folded normal values', () => {
    const { rows } = active({ ...plain, spread: 0.25 });
    const values = rows.filter((value) => value !== 0);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
    expect(mean).toBeCloseTo(2, 1);
    expect(deviation).toBeCloseTo(0.5, 1);
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect([...active({ ...plain, spread: 0 }, 50).rows].every((value) => value === 0 || value === 2)).toBe(true);
  });
});

describe('examples', () => {
  it('are the sums of the features that fire', () => {
    const rows = { world: { ...plain, trees: 2, repel: 2 }, part: 'test' } as const;
    const some = Uint32Array.of(0, 7, 123456);
    const values = new Float32Array(3 * 16);
    drawExamples(rows, some, values);
    const activations = drawActivations(rows, some);
    const { directions } = worldOf(rows.world);
    for (let example = 0; example < 3; example++) {
      for (let j = 0; j < 16; j++) {
        let sum = 0;
        for (let i = 0; i < 40; i++) sum += (activations[example * 40 + i] ?? 0) * (directions[i * 16 + j] ?? 0);
        expect(values[example * 16 + j]).toBeCloseTo(sum, 5);
      }
    }
  });

  it('have noise of the given deviation', () => {
    const draw = (noise: number) => {
      const values = new Float32Array(2000 * 16);
      const all = Uint32Array.from({ length: 2000 }, (_, i) => i);
      drawExamples({ world: { ...plain, noise }, part: 'train' }, all, values);
      return values;
    };
    const [clean, noisy] = [draw(0), draw(0.5)];
    const squares = noisy.reduce((sum, x, i) => sum + (x - (clean[i] ?? 0)) ** 2, 0);
    expect(Math.sqrt(squares / noisy.length)).toBeCloseTo(0.5, 2);
  });

  it('depend on their number, the part and the world alone', () => {
    const one = (spec: WorldSpec, part: 'train' | 'test', ...indices: readonly number[]) => {
      const values = new Float32Array(indices.length * 16);
      drawExamples({ world: spec, part }, Uint32Array.from(indices), values);
      return [...values];
    };
    expect(one(plain, 'train', 3, 900).slice(16)).toEqual(one(plain, 'train', 900));
    expect(one({ ...plain }, 'train', 900)).toEqual(one(plain, 'train', 900));
    const others = [
      one(plain, 'test', 900),
      one({ ...plain, seed: 1 }, 'train', 900),
      one(plain, 'train', 900 + 2 ** 28),
    ];
    for (const other of others) expect(other).not.toEqual(one(plain, 'train', 900));
  });

  it('come out of a batch as they are drawn, without memory, and their checksum tells worlds apart, not how many are used', () => {
    const set = drawnDataset('synth', plain, { train: 1e6, test: 10 });
    const out = new Float32Array(2 * 16);
    batchMaker([16], [], 1).fill(set.train, Uint32Array.of(5, 999_999), { step: 0, firstExample: 0 }, out);
    const drawn = new Float32Array(2 * 16);
    drawExamples({ world: plain, part: 'train' }, Uint32Array.of(5, 999_999), drawn);
    expect([...out]).toEqual([...drawn]);
    expect(JSON.stringify(set).length).toBeLessThan(2000);
    const all = { ...plain, trees: 2, children: 3, depth: 2, noise: 0.1, repel: 2 };
    const sum = '67a8a7a2b47fb9a1c09aed8a9945c2e24ba30d0fab725e14967edd72907fda38';
    expect(drawnDataset('synth', all, { train: 5, test: 5 }).checksum, 'the bits that every machine draws').toBe(sum);
    expect(set.checksum).toBe(drawnDataset('synth', { ...plain }, { train: 5, test: 5 }).checksum);
    expect(set.checksum).not.toBe(drawnDataset('synth', { ...plain, noise: 1e-3 }, { train: 5, test: 5 }).checksum);
  });
});

describe('impossible worlds', () => {
  const describeWorld = (data: string) => {
    const text = `experiment world {
      data synth(${data})
      encoder { code: dense(4) }
      decoder { dense(input.size) }
      loss mse()
      train adam() { epochs = 1 }
      evaluate { recovery() }
    }`;
    const { value, diagnostics } = compile({ path: 'world.ae', text }, null, {
      library: builtinWords,
      world: fileWorld(),
    });
    return {
      messages: diagnostics.map(({ code, message }) => `${code} ${message}`),
      memory: value && [dataBytes(value.ir), readingBytes(value.ir)],
    };
  };

  it('are refused with what is wrong', () => {
    expect(describeWorld('frequent=0.1, rare=0.2').messages).toEqual([
      'AE306 the last feature is to fire more often (0.2) than the first (0.1)',
    ]);
    expect(describeWorld('features=20, trees=4, children=2, depth=2').messages).toEqual([
      'AE306 4 trees of 2 children in 2 levels have 28 features, and there are 20',
    ]);
    expect(describeWorld('features=1000000, dim=1000').messages).toEqual([
      'AE306 1000000 features of 1000 values are more than 134217728 numbers',
    ]);
    expect(describeWorld('test=0').messages).toEqual([
      "AE510 'recovery' is measured on the test part, but the data has none",
    ]);
    expect(describeWorld('correlation=1').messages[0]).toMatch(/^AE306/);
  });

  it('are none of these: any number of examples takes no memory, and all features may be in trees', () => {
    expect(describeWorld('take=200000000, validation=50000000')).toEqual({ messages: [], memory: [0, 0] });
    expect(describeWorld('features=28, trees=4, children=2, depth=2').messages).toEqual([]);
  });
});

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
}

/** Share of the examples for which two features fire. */
function together(rows: Float32Array, { features }: WorldSpec, a: number, b: number): number {
  const count = rows.length / features;
  let both = 0;
  for (let i = 0; i < count; i++) if (rows[i * features + a] !== 0 && rows[i * features + b] !== 0) both++;
  return both / count;
}
