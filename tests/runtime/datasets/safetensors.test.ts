import { describe, expect, it } from 'vitest';
import { loadTensors } from '../../../src/runtime/datasets/array-dataset.js';
import { encodeSafetensors } from '../../../src/runtime/formats/safetensors.js';
import { describeFile } from './given-words.js';
import { scratchFolder } from './scratch-folder.js';
import { errorOf } from './thrown.js';

const folder = scratchFolder();

/** A file written from the format's description, with tensors of any type. */
function fileOf(
  tensors: Readonly<Record<string, { dtype: string; shape: readonly number[]; data: Uint8Array }>>,
): Uint8Array {
  let end = 0;
  const header = Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, json.length, true);
  return Uint8Array.from([...length, ...json, ...Object.values(tensors).flatMap(({ data }) => [...data])]);
}

const bytesOf = (array: Float64Array | BigInt64Array): Uint8Array => new Uint8Array(array.buffer);
const none = { labels: null, testExamples: null, testLabels: null };

const mixed = folder.put(
  'mixed.safetensors',
  fileOf({
    pixels: { dtype: 'U8', shape: [2, 1, 2], data: Uint8Array.of(0, 255, 51, 102) },
    reals: { dtype: 'F64', shape: [2, 2], data: bytesOf(Float64Array.of(0.1, -2, 3, 4)) },
    y: { dtype: 'I64', shape: [2], data: bytesOf(BigInt64Array.of(4n, 0n)) },
    huge: { dtype: 'I64', shape: [2], data: bytesOf(BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n)) },
    hole: { dtype: 'F64', shape: [1, 2], data: bytesOf(Float64Array.of(1, Number.NaN)) },
  }),
);

describe('data sets of safetensors files', () => {
  it('bytes stay bytes, doubles are rounded to float32, labels are whole numbers', () => {
    const { dataset: images } = loadTensors({ ...none, path: mixed, examples: 'pixels', labels: 'y' });
    expect(images).toMatchObject({ name: 'safetensors', shape: [1, 1, 2], classes: 5 });
    expect(images.train.values).toEqual(Uint8Array.of(0, 255, 51, 102));
    expect(images.train.labels).toEqual(Uint8Array.of(4, 0));
    const { dataset: reals } = loadTensors({
      ...none,
      path: mixed,
      examples: 'reals',
      testExamples: 'reals',
      testLabels: 'y',
    });
    expect(reals.train.values).toEqual(Float32Array.of(0.1, -2, 3, 4));
    expect(reals.test?.count).toBe(2);
  });

  it('the name of an only tensor may be left out', () => {
    const path = folder.put(
      'one.safetensors',
      encodeSafetensors([{ name: 'x', shape: [1, 2], values: Float32Array.of(1, 2) }]),
    );
    expect(loadTensors({ ...none, path, examples: null }).dataset.shape).toEqual([2]);
    expect(describeFile({ format: 'safetensors', path, tensor: null, role: 'examples' })).toMatchObject({
      ok: true,
      value: { shape: [2], count: 1, range: { low: 1, high: 2 } },
    });
  });

  it.each([
    ['unknown_name', 'has 5 tensors: pixels, reals, y, huge, hole', { examples: null }],
    ['unknown_name', "has no tensor 'x'", { examples: 'x' }],
    ['wrong_value', "tensor 'hole': element 1 is NaN", { examples: 'hole' }],
    ['wrong_value', "tensor 'huge': label 0", { examples: 'reals', labels: 'huge' }],
    ['wrong_shape', 'no list of labels', { examples: 'reals', labels: 'reals' }],
    ['mismatch', 'has examples of shape [1, 1, 2]', { examples: 'reals', testExamples: 'pixels' }],
  ])('%s: %s', async (reason, message, names) => {
    const error = await errorOf(() => loadTensors({ ...none, path: mixed, ...names }));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(message);
  });

  it('a damaged file says what is wrong with it', async () => {
    const whole = encodeSafetensors([{ name: 'x', shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }]);
    const reasonOf = async (content: Uint8Array) => {
      const path = folder.put('damaged.safetensors', content);
      return (await errorOf(() => loadTensors({ ...none, path, examples: null }))).reason;
    };
    expect(await reasonOf(whole.subarray(0, whole.length - 1))).toBe('truncated');
    expect(await reasonOf(Uint8Array.from([...whole, 0]))).toBe('wrong_format');
    const half = fileOf({ x: { dtype: 'F8_E5M2', shape: [1, 2], data: Uint8Array.of(0, 0) } });
    expect(await reasonOf(half)).toBe('wrong_type');
  });
});
