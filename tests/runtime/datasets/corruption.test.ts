import { describe, expect, it } from 'vitest';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import type { Corruption } from '../../../src/runtime/datasets/corruption.js';
import type { Part } from '../../../src/runtime/datasets/dataset.js';
import type { Transform } from '../../../src/runtime/datasets/transform.js';
import { stream } from '../../../src/runtime/random/stream.js';
import { corruptionOf, transformWith } from './given-words.js';

const COUNT = 20;
const SIZE = 1000;
const grey: Part = { count: COUNT, values: new Uint8Array(COUNT * SIZE).fill(102), labels: null };
const raw = Math.fround(0.4);
const normalized: Transform[] = [transformWith('normalize', { mean: 0.1, std: 0.5 })];
const network = (x: number): number => Math.fround(Math.fround(x - Math.fround(0.1)) / 0.5);

interface Batch {
  readonly target: Float32Array;
  readonly input: Float32Array;
}

function corrupted(
  damage: Corruption | readonly Corruption[],
  transforms: Transform[] = [],
  step = 0,
  first = 0,
  count = COUNT,
): Batch {
  const corruptions = [damage].flat();
  const target = new Float32Array(count * SIZE);
  const input = new Float32Array(count * SIZE);
  const indices = Uint32Array.from({ length: count }, (_, i) => first + i);
  const maker = batchMaker([SIZE], transforms, 1);
  maker.fill(grey, indices, { step, firstExample: first }, target, { corruptions, input });
  return { target, input };
}

const uniforms = new Float32Array(COUNT * SIZE);
stream({ seed: 1, path: 'data', purpose: 'corruption' }).uniform(uniforms, 0);

describe('corruptions', () => {
  it.each<[string, (u: number) => number]>([
    ['salt', (u) => (u < 0.3 ? 1 : raw)],
    ['pepper', (u) => (u < 0.3 ? 0 : raw)],
    ['salt_and_pepper', (u) => (u < 0.15 ? 0 : u < 0.3 ? 1 : raw)],
    ['masking', (u) => (u < 0.3 ? 0 : raw)],
  ])('%s hits each value on its own, of the input only', (word, expected) => {
    const { target, input } = corrupted(corruptionOf(word, { p: 0.3 }));
    expect(target.every((x) => x === raw)).toBe(true);
    expect(input).toEqual(uniforms.map(expected));
    const hit = input.filter((x) => x !== raw).length / input.length;
    expect(Math.abs(hit - 0.3)).toBeLessThan(0.012);
  });

  it('gaussian adds noise of deviation sigma that is not cut off', () => {
    const { target, input } = corrupted(corruptionOf('gaussian', { sigma: 0.5 }));
    const normals = new Float32Array(input.length);
    stream({ seed: 1, path: 'data', purpose: 'corruption' }).normal(normals, 0);
    expect(input).toEqual(target.map((x, i) => x + Math.fround(0.5 * (normals[i] ?? 0))));
    expect(input.some((x) => x < 0)).toBe(true);
    expect(input.some((x) => x > 1)).toBe(true);
  });

  it('salt and pepper are white and black; masking is 0 as the network sees it', () => {
    const valuesOf = (corruption: Corruption): Set<number> => new Set(corrupted(corruption, normalized).input);
    expect(valuesOf(corruptionOf('salt', { p: 0.3 }))).toEqual(new Set([network(1), network(raw)]));
    expect(valuesOf(corruptionOf('pepper', { p: 0.3 }))).toEqual(new Set([network(0), network(raw)]));
    expect(valuesOf(corruptionOf('masking', { p: 0.3 }))).toEqual(new Set([0, network(raw)]));
  });

  it('levels 0 and 1 hit nothing and everything', () => {
    for (const word of ['salt', 'pepper', 'salt_and_pepper', 'masking']) {
      expect(corrupted(corruptionOf(word, { p: 0 })).input.every((x) => x === raw)).toBe(true);
      expect(corrupted(corruptionOf(word, { p: 1 })).input.some((x) => x === raw)).toBe(false);
    }
    expect(corrupted(corruptionOf('gaussian', { sigma: 0 })).input.every((x) => x === raw)).toBe(true);
  });

  it('act in their order, each with numbers of its own; the first draws what it draws alone', () => {
    const salt = corruptionOf('salt', { p: 0.3 });
    const second = new Float32Array(COUNT * SIZE);
    stream({ seed: 1, path: 'data', purpose: 'corruption_2' }).normal(second, 0);
    const noisy = corrupted([salt, corruptionOf('gaussian', { sigma: 0.5 })]).input;
    expect(noisy).toEqual(corrupted(salt).input.map((x, i) => x + Math.fround(0.5 * (second[i] ?? 0))));
    const others = new Float32Array(COUNT * SIZE);
    stream({ seed: 1, path: 'data', purpose: 'corruption_2' }).uniform(others, 0);
    const pepper = corruptionOf('pepper', { p: 0.2 });
    const both = corrupted([salt, pepper]).input;
    expect(both).toEqual(uniforms.map((u, i) => ((others[i] ?? 0) < 0.2 ? 0 : u < 0.3 ? 1 : raw)));
    const masking = corruptionOf('masking', { p: 0.2 });
    const seen = corrupted([salt, masking], normalized).input;
    expect(seen).toEqual(uniforms.map((u, i) => ((others[i] ?? 0) < 0.2 ? 0 : network(u < 0.3 ? 1 : raw))));
    // Without transforms, what the network sees is raw, and the order as written.
    const late = corrupted([masking, corruptionOf('gaussian', { sigma: 0.5 })]).input;
    expect(late).toEqual(corrupted(masking).input.map((x, i) => x + Math.fround(0.5 * (second[i] ?? 0))));
  });

  it('are fresh at every step, and the same for an evaluation in chunks of any size', () => {
    const salt = corruptionOf('salt', { p: 0.3 });
    expect(corrupted(salt, [], 1).input).not.toEqual(corrupted(salt, [], 0).input);
    const chunks = [corrupted(salt, [], 0, 0, 7), corrupted(salt, [], 0, 7, 13)];
    expect(Float32Array.from(chunks.flatMap(({ input }) => [...input]))).toEqual(corrupted(salt).input);
  });

  it('a stochastic binarize draws the same for target and input', () => {
    const { target, input } = corrupted(corruptionOf('salt', { p: 0.3 }), [
      transformWith('binarize', { threshold: 0.5, stochastic: true }),
    ]);
    expect(target.some((x) => x === 1)).toBe(true);
    expect(input.every((x, i) => x === target[i] || (x === 1 && (uniforms[i] ?? 1) < 0.3))).toBe(true);
  });
});
