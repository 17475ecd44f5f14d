import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { arrayChecksum, datasetChecksum } from '../../../../src/runtime/datasets/checksum.js';
import {
  DIGITS_CHECKSUM,
  DIGITS_OF_CLASS,
  DIGITS_TEST,
  DIGITS_TRAIN,
  digitLabels,
  drawDigits,
  loadDigits,
} from '../../../../src/runtime/datasets/digits/digits.js';

const PIXELS = 784;

const sha256 = (...bytes: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of bytes) hash.update(part);
  return hash.digest('hex');
};

describe('the bytes of the digits', () => {
  it('are these: the first hundred of each part', () => {
    const train = drawDigits('train', 100);
    const test = drawDigits('test', 100);
    expect(sha256(train.values, train.labels)).toBe('b3e352147cd12464fe99d6736ba636188e5bf9afb5b30fb9115ec113b84f6472');
    expect(sha256(test.values, test.labels)).toBe('d2762e74665ab32d43f3555061904da9aeafe4aa46e02f3531d915d77f42f81c');
  });

  it('are these: all 70,000, images and labels', () => {
    const train = drawDigits('train', DIGITS_TRAIN);
    const test = drawDigits('test', DIGITS_TEST);
    expect(train.labels).toHaveLength(60000);
    const counted = (labels: Uint8Array) =>
      Array.from({ length: 10 }, (_, kind) => labels.filter((l) => l === kind).length);
    expect({ train: counted(train.labels), test: counted(test.labels) }).toEqual(DIGITS_OF_CLASS);
    expect(digitLabels('train', DIGITS_TRAIN)).toEqual(train.labels);
    const some = Uint32Array.of(59_999, 3, 700);
    const bytes = [...some].flatMap((i) => [...train.values.subarray(i * PIXELS, (i + 1) * PIXELS)]);
    expect(drawDigits('train', some).values).toEqual(Uint8Array.from(bytes));
    expect(test.labels).toHaveLength(10000);
    expect(sha256(train.values)).toBe('a4c066915005943db7e710600a3bd1e2ea00aea25b9cc473d6ac56ae8b7a3cfd');
    expect(sha256(train.labels)).toBe('65a03a27fd2bccdb297a031fe087bd244c21fc1a7eb386aae2283ad90403f1d3');
    expect(sha256(test.values)).toBe('2fd94be6bd48ca6e6f32f3f194945a217dce95577625c552f4d2404c045bda34');
    expect(sha256(test.labels)).toBe('01e79cfbbdbca5d29b7b51eb4ea60867bafd1d1598b1150bd400e7be10560d07');
    const checksum = datasetChecksum([1, 28, 28], {
      trainValues: arrayChecksum([60000, 28, 28], train.values),
      trainLabels: arrayChecksum([60000], train.labels),
      testValues: arrayChecksum([10000, 28, 28], test.values),
      testLabels: arrayChecksum([10000], test.labels),
    });
    expect(DIGITS_CHECKSUM).toBe(checksum);
  });
});

describe('drawing without floating point', () => {
  const INTEGER_FUNCTIONS = ['abs', 'clz32', 'floor', 'imul', 'max', 'min', 'sign', 'trunc'];

  it('needs no function of Math beyond those of integers, no chance and no clock', () => {
    const expected = sha256(drawDigits('train', 50).values);
    const trap = (): never => {
      throw new Error('the drawing left the integers');
    };
    const originals = Object.getOwnPropertyDescriptors(Math);
    const date = vi.spyOn(Date, 'now').mockImplementation(trap);
    for (const [name, { value }] of Object.entries(originals)) {
      if (typeof value !== 'function' || INTEGER_FUNCTIONS.includes(name)) continue;
      Object.defineProperty(Math, name, { value: trap });
    }
    try {
      expect(() => Math.sin(1)).toThrow('the drawing left the integers');
      expect(sha256(drawDigits('train', 50).values)).toBe(expected);
    } finally {
      Object.defineProperties(Math, originals);
      date.mockRestore();
    }
  });

  it('has no number with a fraction in its source', () => {
    const folder = new URL('../../../../src/runtime/datasets/digits/', import.meta.url);
    const sources = readdirSync(folder).filter((file) => file.endsWith('.ts'));
    expect(sources).toContain('trace.ts');
    for (const file of sources) {
      const code = readFileSync(new URL(file, folder), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'/g, '');
      expect(code, file).not.toMatch(/\d\.\d|\de-?\d|\*\*|Float(32|64)Array|Math\.(?!abs|floor|imul|max|min)/);
      // A division is whole-numbered: it stands in brackets and is truncated at once.
      expect(code.match(/ \/ /g) ?? [], file).toHaveLength((code.match(/ \/ \w+\) \| 0/g) ?? []).length);
    }
  });
});

describe('an example', () => {
  it('does not depend on how many are drawn', () => {
    for (const part of ['train', 'test'] as const) {
      const many = drawDigits(part, 300);
      for (const count of [0, 1, 7, 256]) {
        const few = drawDigits(part, count);
        expect(Buffer.compare(few.values, many.values.subarray(0, count * PIXELS))).toBe(0);
        expect(Buffer.compare(few.labels, many.labels.subarray(0, count))).toBe(0);
      }
    }
  });

  it('comes once: no image twice, none in both parts', () => {
    const images = new Set<string>();
    for (const part of ['train', 'test'] as const) {
      const { values } = drawDigits(part, 5000);
      for (let i = 0; i < 5000; i++) {
        images.add(Buffer.from(values.buffer, values.byteOffset + i * PIXELS, PIXELS).toString('latin1'));
      }
    }
    expect(images.size).toBe(10000);
  });
});

describe('asking for examples', () => {
  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 60001])('refuses %s of the training part', (count) => {
    expect(() => drawDigits('train', count)).toThrow(RangeError);
  });

  it('refuses more than the test part has, and says how many there are', () => {
    expect(() => drawDigits('test', 10001)).toThrow('digits has 10000 examples for test, not 10001');
  });
});

describe('the data set', () => {
  it('has the shape, classes and parts that were asked for, and one checksum however few they are', () => {
    const { train, test, ...rest } = loadDigits(30, 20);
    expect(rest).toMatchObject({ name: 'digits', shape: [1, 28, 28], classes: 10, checksum: DIGITS_CHECKSUM });
    expect(train).toEqual({ count: 30, ...drawDigits('train', 30) });
    expect(test).toEqual({ count: 20, ...drawDigits('test', 20) });
  });
});
