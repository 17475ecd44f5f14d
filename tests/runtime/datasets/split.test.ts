import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenClasses } from '../../../src/runtime/datasets/chosen-classes.js';
import type { Dataset, Part } from '../../../src/runtime/datasets/dataset.js';
import { neededExamples, type SplitRequest, split } from '../../../src/runtime/datasets/split.js';
import { reasonOf } from './thrown.js';

const part = (count: number): Part => ({ count, values: new Uint8Array(count), labels: null });
const dataset = (train: number, test: number | null): Dataset => ({
  name: 'some',
  shape: [1],
  train: part(train),
  test: test === null ? null : part(test),
  classes: null,
  classNames: null,
  columns: null,
  unusedColumns: [],
  checksum: '',
});
const all: SplitRequest = { take: null, validation: 0, test: null, shuffleSeed: null };
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('the parts of the data', () => {
  it('are the first examples, those after them, and the first of the test part', () => {
    const { train, validation, test } = split(dataset(100, 50), { ...all, take: 60, validation: 20, test: 10 });
    expect([...train.indices]).toEqual(range(0, 60));
    expect([...validation.indices]).toEqual(range(60, 80));
    expect([...test.indices]).toEqual(range(0, 10));
  });

  it('are everything where nothing is said', () => {
    const { train, validation, test } = split(dataset(100, 50), { ...all, validation: 30 });
    expect([...train.indices]).toEqual(range(0, 70));
    expect([...validation.indices]).toEqual(range(70, 100));
    expect([...test.indices]).toEqual(range(0, 50));
  });

  it('of a set without a test part: its last examples are the test', () => {
    const one = dataset(100, null);
    const { train, validation, test } = split(one, { ...all, validation: 10, test: 20 });
    expect([...train.indices]).toEqual(range(0, 70));
    expect([...validation.indices]).toEqual(range(70, 80));
    expect([...test.indices]).toEqual(range(80, 100));
    expect(test.part).toBe(one.train);
    expect(split(one, all).test.indices).toHaveLength(0);
  });

  it('never share an example, shuffled or not, and shuffling depends on its seed alone', () => {
    const numbers = fc.nat({ max: 30 });
    fc.assert(
      fc.property(numbers, numbers, numbers, fc.option(fc.nat()), fc.boolean(), (take, validation, test, seed, own) => {
        const some = dataset(take + validation + test + 1, own ? 30 : null);
        const request = { take: take + 1, validation, test, shuffleSeed: seed };
        const parts = split(some, request);
        const taken = [...parts.train.indices, ...parts.validation.indices, ...(own ? [] : parts.test.indices)];
        expect(new Set(taken).size).toBe(taken.length);
        expect(taken).toHaveLength(take + 1 + validation + (own ? 0 : test));
        expect(taken.every((index) => index < some.train.count)).toBe(true);
        expect(split(some, request)).toEqual(parts);
      }),
    );
    const shuffled = (seed: number): string =>
      split(dataset(100, null), { ...all, shuffleSeed: seed }).train.indices.join();
    expect(shuffled(1)).not.toBe(shuffled(2));
  });

  it.each([[{ take: 101 }], [{ take: 91, validation: 10 }], [{ validation: 100 }], [{ test: 51 }], [{ take: 0 }]])(
    'asking for more than there is is an error: %j',
    async (asked) => {
      expect(await reasonOf(() => split(dataset(100, 50), { ...all, ...asked }))).toBe('not_enough_examples');
    },
  );

  it('of a set without a test part, what the test takes is not there to train on', async () => {
    expect(await reasonOf(() => split(dataset(100, null), { ...all, take: 90, test: 11 }))).toBe('not_enough_examples');
    expect(await reasonOf(() => split(dataset(100, null), { ...all, test: 100 }))).toBe('not_enough_examples');
  });
});

describe('the examples that a division needs', () => {
  it('are divided in their order as the whole set is', () => {
    const request = fc.record({
      take: fc.integer({ min: 1, max: 20 }),
      validation: fc.nat(10),
      test: fc.nat(10),
      shuffleSeed: fc.option(fc.nat(5)),
    });
    fc.assert(
      fc.property(request, fc.boolean(), (asked, hasTest) => {
        const whole = split(dataset(60, hasTest ? 10 : null), asked);
        const needed = neededExamples(60, asked, hasTest);
        expect(needed).not.toBeNull();
        const parts = split(dataset(needed?.length ?? 0, hasTest ? 10 : null), { ...asked, shuffleSeed: null });
        const original = ({ indices }: { readonly indices: Uint32Array }) => [...indices].map((i) => needed?.[i]);
        expect(original(parts.train)).toEqual([...whole.train.indices]);
        expect(original(parts.validation)).toEqual([...whole.validation.indices]);
        if (!hasTest) expect(original(parts.test)).toEqual([...whole.test.indices]);
      }),
    );
  });

  it('are so of chosen classes too, whatever is left out between them', () => {
    const labels = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * i + (i >> 2)) % 5);
    const labelled = (count: number, used?: Uint32Array | null): Part => ({
      ...part(used?.length ?? count),
      labels: used ? Uint8Array.from(used, (i) => labels(count)[i] ?? 0) : labels(count),
    });
    const set = (train: Part, hasTest: boolean): Dataset => ({
      ...dataset(1, null),
      train,
      test: hasTest ? labelled(20) : null,
      classes: 5,
    });
    const request = fc.record({
      take: fc.integer({ min: 1, max: 8 }),
      validation: fc.nat(4),
      test: fc.nat(4),
      shuffleSeed: fc.option(fc.nat(5)),
      classes: fc.constant(['0', '1', '2', '4']),
      trainOn: fc.constantFrom<readonly string[]>(['0', '1'], ['1', '2', '4']),
    });
    fc.assert(
      fc.property(request, fc.boolean(), (asked, hasTest) => {
        const all = set(labelled(100), hasTest);
        const whole = split(all, asked);
        const needed = neededExamples(100, asked, hasTest, chosenClasses(all, all.train.labels, asked));
        const parts = split(set(labelled(100, needed), hasTest), { ...asked, shuffleSeed: null });
        const original = ({ indices }: { readonly indices: Uint32Array }) => [...indices].map((i) => needed?.[i]);
        expect(original(parts.train)).toEqual([...whole.train.indices]);
        expect(original(parts.validation)).toEqual([...whole.validation.indices]);
        if (!hasTest) expect(original(parts.test)).toEqual([...whole.test.indices]);
        expect(original(parts.measuredValidation)).toEqual([...whole.measuredValidation.indices]);
        const kinds = [...whole.train.indices, ...whole.validation.indices].map((i) => String(labels(100)[i]));
        expect(kinds.every((kind) => asked.trainOn.includes(kind))).toBe(true);
      }),
    );
  });

  it('are not named where all are needed, or more than there are', () => {
    const asked = { take: 50, validation: 5, test: 5, shuffleSeed: null };
    expect(neededExamples(60, asked, false)).toBeNull();
    expect(neededExamples(59, asked, false)).toBeNull();
    expect(neededExamples(60, asked, true)).toHaveLength(55);
    expect(neededExamples(60, { ...asked, take: null }, false)).toBeNull();
  });
});
