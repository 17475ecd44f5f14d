import { describe, expect, it } from 'vitest';
import { closed } from '../../../src/compiler/ir/interval.js';
import type { Shape } from '../../../src/compiler/ir/shape.js';
import type { DescribeFile } from '../../../src/compiler/library/data-file.js';
import { failed, ok } from '../../../src/compiler/library/word.js';
import { idx } from '../../../src/words/dataset/idx.js';
import { npy } from '../../../src/words/dataset/npy.js';
import { compileStatements } from './statements.js';

interface Known {
  readonly shape: Shape;
  readonly count: number;
  readonly classes?: number;
}

/** A folder that holds these files. */
const folder =
  (files: Readonly<Record<string, Known>>): DescribeFile =>
  ({ path }) => {
    const file = files[path];
    if (!file) return failed('AE701', `cannot read '${path}'`);
    return ok({ range: closed(0, 1), classes: null, ...file });
  };

const nothing = {
  labels: null,
  test_images: null,
  test_labels: null,
  take: null,
  validation: 0,
  test: null,
  shuffle_seed: null,
  classes: null,
  train_on: null,
  range: null,
};
const images = { shape: [28, 28], count: 100 };

describe('data sets of files', () => {
  it('grey images have one channel, and labels tell the classes', () => {
    const files = folder({ x: images, y: { shape: [], count: 100, classes: 10 } });
    expect(idx.describe({ ...nothing, images: 'x', labels: 'y' }, files)).toEqual(
      ok({ shape: [1, 28, 28], train: 100, test: 0, isTestHeld: true, range: closed(0, 1), classes: 10 }),
    );
  });

  it('the last examples are the test part where there is no file of them', () => {
    const described = idx.describe({ ...nothing, images: 'x', test: 30 }, folder({ x: images }));
    expect(described).toMatchObject({ ok: true, value: { train: 70, test: 30 } });
    const all = idx.describe({ ...nothing, images: 'x', test: 100 }, folder({ x: images }));
    expect(all).toMatchObject({ ok: false, problem: { code: 'AE404', argument: 'test' } });
  });

  it('a test file is a part of its own', () => {
    const files = folder({ x: images, t: { shape: [28, 28], count: 20 }, small: { shape: [8, 8], count: 20 } });
    const described = idx.describe({ ...nothing, images: 'x', test_images: 't' }, files);
    expect(described).toMatchObject({ ok: true, value: { train: 100, test: 20 } });
    const other = idx.describe({ ...nothing, images: 'x', test_images: 'small' }, files);
    expect(other).toMatchObject({ ok: false, problem: { code: 'AE702', argument: 'test_images' } });
  });

  it('labels must be as many as examples, and classes', () => {
    const files = folder({ x: images, few: { shape: [], count: 99, classes: 10 }, reals: { shape: [], count: 100 } });
    for (const labels of ['few', 'reals']) {
      const described = idx.describe({ ...nothing, images: 'x', labels }, files);
      expect(described).toMatchObject({ ok: false, problem: { code: 'AE702', argument: 'labels' } });
    }
  });

  it('a file that cannot be read is the argument’s fault', () => {
    const described = idx.describe({ ...nothing, images: 'x', labels: 'gone' }, folder({ x: images }));
    expect(described).toMatchObject({ ok: false, problem: { code: 'AE701', argument: 'labels' } });
  });

  it.each([
    [[20], [20]],
    [
      [8, 9],
      [1, 8, 9],
    ],
    [
      [3, 8, 9],
      [3, 8, 9],
    ],
    [[], null],
    [[2, 2, 2, 2], null],
  ])('npy: examples of shape %j are %j', (stored, shape) => {
    const { test_images: _, ...rest } = nothing;
    const arrays = { array: null, labels_array: null, test_array: null, test_labels_array: null, layout: null };
    const described = npy.describe(
      { ...rest, ...arrays, test_file: null, file: 'x' },
      folder({ x: { shape: stored, count: 5 } }),
    );
    if (shape) expect(described).toMatchObject({ ok: true, value: { shape } });
    else expect(described).toMatchObject({ ok: false, problem: { code: 'AE702' } });
  });
});

describe('the parts of a data set', () => {
  const parts = (statement: string) => {
    const { value, diagnostics } = compileStatements(statement);
    return value ? [value.ir.data.train, value.ir.data.validation, value.ir.data.test] : diagnostics.map((d) => d.code);
  };

  it('are what was asked for, or all that is left', () => {
    expect(parts('data digits()')).toEqual([60000, 0, 10000]);
    expect(parts('data digits(validation=10000)')).toEqual([50000, 10000, 10000]);
    expect(parts('data digits(take=50000, validation=10000, test=500)')).toEqual([50000, 10000, 500]);
    expect(parts('data npy("x.npy", take=100, validation=50, test=56)')).toEqual([100, 50, 56]);
  });

  it('are never more than there are', () => {
    expect(parts('data digits(take=60001)')).toEqual(['AE404']);
    expect(parts('data digits(take=50001, validation=10000)')).toEqual(['AE404']);
    expect(parts('data digits(validation=60000)')).toEqual(['AE404']);
    expect(parts('data digits(test=10001)')).toEqual(['AE404']);
    expect(parts('data npy("x.npy", take=200, test=57)')).toEqual(['AE404']);
  });
});
