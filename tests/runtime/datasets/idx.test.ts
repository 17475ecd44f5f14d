import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeArrayFile, idxArrays, loadArrays } from '../../../src/runtime/datasets/array-dataset.js';
import { DatasetError } from '../../../src/runtime/datasets/dataset-error.js';
import { decodeIdx } from '../../../src/runtime/datasets/idx.js';
import { idxBytes } from './idx-file.js';
import { scratchFolder } from './scratch-folder.js';
import { errorOf, reasonOf } from './thrown.js';

const folder = scratchFolder();
const images = idxBytes([2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
const labels = idxBytes([2], [7, 3]);

describe('the IDX format', () => {
  it('bytes, row by row', () => {
    expect(decodeIdx(images, 'a')).toEqual({
      dims: [2, 2, 3],
      data: Uint8Array.from([0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]),
    });
  });

  it('wider types are big-endian', () => {
    expect(decodeIdx(idxBytes([2], [1, 2, 255, 254], 0x0b), 'a').data).toEqual(Int32Array.of(258, -2));
    expect(decodeIdx(idxBytes([1], [0, 1, 0, 0], 0x0c), 'a').data).toEqual(Int32Array.of(65536));
    expect(decodeIdx(idxBytes([1], [0xbf, 0x80, 0, 0], 0x0d), 'a').data).toEqual(Float32Array.of(-1));
    expect(decodeIdx(idxBytes([1], [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], 0x0e), 'a').data).toEqual(Float64Array.of(0.5));
  });

  it.each([
    ['truncated', images.subarray(0, images.length - 1)],
    ['truncated', images.subarray(0, 9)],
    ['truncated', images.subarray(0, 2)],
    ['trailing_bytes', Uint8Array.from([...images, 0])],
    ['wrong_format', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0])],
    ['wrong_type', idxBytes([1], [0], 0x0a)],
    ['wrong_value', idxBytes([1], [0x7f, 0xc0, 0, 0], 0x0d)],
  ])('%s', async (reason, bytes) => {
    expect(await reasonOf(() => decodeIdx(bytes, 'a'))).toBe(reason);
  });

  it('any bytes are an array or a DatasetError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, plausible) => {
        if (plausible) bytes.set([0, 0, 8].slice(0, bytes.length));
        try {
          decodeIdx(bytes, 'a');
        } catch (error) {
          expect(error).toBeInstanceOf(DatasetError);
        }
      }),
    );
  });
});

describe('data sets of IDX files', () => {
  const examples = folder.put('images', images);
  const files = { examples, labels: folder.put('labels', labels), testExamples: null, testLabels: null };

  it('grey images with labels', () => {
    const { dataset } = loadArrays(idxArrays, files);
    expect(dataset).toMatchObject({ name: 'idx', shape: [1, 2, 3], classes: 8, test: null });
    expect(dataset.train).toMatchObject({ count: 2, labels: Uint8Array.of(7, 3) });
  });

  it('gzipped files are the same data set', () => {
    const zipped = {
      ...files,
      examples: folder.put('images.anything', gzipSync(images)),
      labels: folder.put('labels.gz', gzipSync(labels)),
    };
    expect(loadArrays(idxArrays, zipped)).toEqual(loadArrays(idxArrays, files));
  });

  it('every byte, label and dimension is in the checksum', () => {
    const variants = [
      files,
      { ...files, labels: null },
      { ...files, labels: folder.put('labels2', idxBytes([2], [7, 4])) },
      { ...files, examples: folder.put('images2', idxBytes([2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12])) },
      { ...files, examples: folder.put('images3', idxBytes([2, 3, 2], [...images.subarray(16)])) },
      { ...files, testExamples: examples },
      { ...files, testExamples: examples, testLabels: files.labels },
    ];
    const sums = variants.map((variant) => loadArrays(idxArrays, variant).dataset.checksum);
    expect(new Set(sums).size).toBe(variants.length);
  });

  it.each([
    ['not_found', { ...files, examples: 'nowhere/at-all' }],
    ['unreadable', { ...files, examples: folder.path }],
    ['truncated', { ...files, examples: folder.put('cut.gz', gzipSync(images).subarray(0, 30)) }],
    ['wrong_format', { ...files, examples: folder.put('bad.gz', gzipSync(images).fill(85, 12, 20)) }],
    ['wrong_shape', { ...files, examples: files.labels }],
    ['wrong_shape', { ...files, examples: folder.put('none', idxBytes([0, 2, 3], [])) }],
    ['wrong_shape', { ...files, labels: examples }],
    ['wrong_type', { ...files, labels: folder.put('real', idxBytes([2], [0, 0, 0, 0, 0x3f, 0, 0, 0], 0x0d)) }],
    ['mismatch', { ...files, labels: folder.put('three', idxBytes([3], [1, 2, 3])) }],
    ['mismatch', { ...files, testExamples: folder.put('other', idxBytes([1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])) }],
  ])('%s', async (reason, wrong) => {
    const error = await errorOf(() => loadArrays(idxArrays, wrong));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(error.subject);
    expect(error.hint).not.toBe('');
  });

  it('a description is what the compiler needs', () => {
    expect(describeArrayFile(idxArrays, examples, null, { role: 'examples' })).toEqual({
      count: 2,
      shape: [2, 3],
      low: 0,
      high: 1,
      classes: null,
      contents: { numbers: 'bytes', columns: null, classNames: null, featureRanges: null },
      staysAbove: 2 ** 30,
    });
    expect(describeArrayFile(idxArrays, files.labels, null, { role: 'labels' })).toMatchObject({
      count: 2,
      classes: 8,
    });
  });
});
