import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensors,
  SafetensorsError,
} from '../../../src/runtime/formats/safetensors.js';

/** A file with this header and these bytes of data, right or wrong. */
function fileOf(header: string, data: number | Uint8Array = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = typeof data === 'number' ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + text.length + bytes.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(bytes, 8 + text.length);
  return file;
}

function reasonOf(file: Uint8Array): string {
  try {
    decodeSafetensors(file);
    return 'accepted';
  } catch (error) {
    if (error instanceof SafetensorsError) return error.reason;
    throw error;
  }
}

const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) => {
  const length = shape.reduce((product, n) => product * n, 1);
  return fc.record({
    name: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', '0', '__proto__', 'encoder/0.weight')),
    shape: fc.constant(shape),
    values: fc.float32Array({ minLength: length, maxLength: length }),
  });
});
const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 });

test('the bytes are those of the specification, worked out by hand', () => {
  const file = encodeSafetensors([{ name: 'b', shape: [2], values: Float32Array.of(1, -2) }], { z: '1', a: 'é' });
  const header = '{"__metadata__":{"a":"é","z":"1"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  const padded = new TextEncoder().encode(header).length;
  expect(padded).toBe(88);
  expect(Buffer.from(file).toString('hex')).toBe(
    `5800000000000000${Buffer.from(header).toString('hex')}0000803f000000c0`,
  );
});

test('tensors come back as they were, in their order, whatever their names', () => {
  fc.assert(
    fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (written, metadata) => {
      const file = encodeSafetensors(written, metadata);
      const read = decodeSafetensors(file);
      expect(float32Tensors(read).filter(({ values }) => values.length > 0)).toEqual(
        written.filter(({ values }) => values.length > 0),
      );
      expect(new Set(read.tensors.map(({ name }) => name))).toEqual(new Set(written.map(({ name }) => name)));
      expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
      expect((new DataView(file.buffer).getBigUint64(0, true) + 8n) % 8n).toBe(0n);
    }),
  );
});

test('every NaN is written as 0x7fc00000', () => {
  const values = new Float32Array(1);
  new Uint32Array(values.buffer)[0] = 0xffc00001;
  expect([...encodeSafetensors([{ name: 'x', shape: [], values }]).slice(-4)]).toEqual([0, 0, 0xc0, 0x7f]);
});

test('what could not be read back is not written', () => {
  const values = new Float32Array(2);
  expect(() => encodeSafetensors([{ name: 'x', shape: [3], values }])).toThrow(RangeError);
  expect(() => encodeSafetensors([{ name: '__metadata__', shape: [2], values }])).toThrow(RangeError);
  expect(() =>
    encodeSafetensors([
      { name: 'x', shape: [2], values },
      { name: 'x', shape: [2], values },
    ]),
  ).toThrow('two tensors');
});

test('a file cut anywhere is refused', () => {
  const file = encodeSafetensors([
    { name: 'a', shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) },
    { name: 'b', shape: [1], values: Float32Array.of(5) },
  ]);
  for (let length = 0; length < file.length; length++) expect(reasonOf(file.subarray(0, length))).toBe('truncated');
  expect(reasonOf(file)).toBe('accepted');
});

test('a file with any byte changed is refused or read, never an error of another kind', () => {
  const file = encodeSafetensors([{ name: 'a', shape: [2], values: Float32Array.of(1, 2) }], { k: 'v' });
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = file.slice();
      changed[at] = byte;
      reasonOf(changed);
    }),
    { numRuns: 1000 },
  );
});

test('float64 is written as it is, wherever float32 puts it', () => {
  const single = { name: 'single', shape: [3], values: Float32Array.of(1.5, Number.NaN, -2) };
  const double = { name: 'double', shape: [2], values: Float64Array.of(1 / 3, 1e300) };
  const read = decodeSafetensors(encodeSafetensors([single, double])).tensors;
  expect(read).toMatchObject([single, double]);
});

describe('each rule of the format', () => {
  const entry = (dtype: string, shape: string, offsets: string) =>
    `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;
  test.each([
    ['not JSON', fileOf('{"a"', 0), 'bad_header'],
    ['not an object', fileOf('[1]', 0), 'bad_header'],
    ['not UTF-8', fileOf('{}', 0).fill(0xff, 8), 'bad_header'],
    ['a length beyond 100 MB', new Uint8Array(16).fill(0xff), 'bad_header'],
    ['metadata that is not text', fileOf('{"__metadata__":{"a":1}}'), 'bad_header'],
    ['no dtype', fileOf('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4), 'bad_header'],
    ['an unknown dtype', fileOf(`{"a":${entry('"F31"', '[1]', '[0,4]')}}`, 4), 'unsupported_type'],
    [
      'a dtype of the format that we have no use for',
      fileOf(`{"a":${entry('"BF16"', '[2]', '[0,4]')}}`, 4),
      'unsupported_type',
    ],
    [
      'a name of Object.prototype as dtype',
      fileOf(`{"a":${entry('"toString"', '[1]', '[0,4]')}}`, 4),
      'unsupported_type',
    ],
    ['a negative size', fileOf(`{"a":${entry('"F32"', '[-1]', '[0,4]')}}`, 4), 'bad_header'],
    ['a fraction', fileOf(`{"a":${entry('"F32"', '[1.5]', '[0,6]')}}`, 6), 'bad_header'],
    [
      'sizes whose product overflows',
      fileOf(`{"a":${entry('"F32"', '[4294967296,4294967296]', '[0,0]')}}`),
      'bad_offsets',
    ],
    ['a shape of another size', fileOf(`{"a":${entry('"F32"', '[2]', '[0,4]')}}`, 4), 'bad_offsets'],
    ['offsets backwards', fileOf(`{"a":${entry('"F32"', '[1]', '[4,0]')}}`, 4), 'bad_offsets'],
    ['three offsets', fileOf(`{"a":${entry('"F32"', '[1]', '[0,4,4]')}}`, 4), 'bad_offsets'],
    [
      'an overlap',
      fileOf(`{"a":${entry('"F32"', '[2]', '[0,8]')},"b":${entry('"F32"', '[1]', '[4,8]')}}`, 8),
      'bad_offsets',
    ],
    ['a hole', fileOf(`{"a":${entry('"F32"', '[1]', '[4,8]')}}`, 8), 'bad_offsets'],
    ['bytes that belong to none', fileOf(`{"a":${entry('"F32"', '[1]', '[0,4]')}}`, 5), 'bad_offsets'],
    ['a tensor beyond the end', fileOf(`{"a":${entry('"F32"', '[2]', '[0,8]')}}`, 4), 'truncated'],
  ])('%s', (_, file, reason) => expect(reasonOf(file)).toBe(reason));
});

test('other element types are read, and are not weights', () => {
  const header =
    '{"l":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"u":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}';
  const file = decodeSafetensors(fileOf(header, Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0, 3, 4)));
  expect(file.tensors.map(({ values }) => [...values])).toEqual([[7n], [3, 4]]);
  expect(() => float32Tensors(file)).toThrow(SafetensorsError);
});

/** Files written by PyTorch's safetensors; re-encoding them gives its bytes, as it sorts by name and so do these. */
const goldens = ['../../goldens', '../../../../shared/goldens']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path));

test.skipIf(goldens === undefined)('files of PyTorch are read, and re-encoding gives its bytes', () => {
  const files = readdirSync(goldens ?? '', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('final.safetensors'),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const name of files) {
    const bytes = readFileSync(`${goldens}/${name}`);
    const { metadata, ...file } = decodeSafetensors(bytes);
    const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
    expect(hash(encodeSafetensors(float32Tensors({ metadata, ...file }), metadata))).toBe(hash(bytes));
  }
});

test('a name that comes twice is refused, wherever it is', () => {
  const entry = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
  for (const header of [
    `{"a":${entry},"a":${entry}}`,
    `{"a":${entry},"\\u0061":${entry}}`,
    `{"__proto__":${entry},"__proto__":${entry}}`,
    '{"a":{"dtype":"F32","shape":[2],"shape":[1],"data_offsets":[0,4]}}',
    `{"__metadata__":{"b":"1","b":"2"},"a":${entry}}`,
  ]) {
    expect(reasonOf(fileOf(header, 4)), header).toBe('bad_header');
  }
  expect(reasonOf(fileOf(`{"__metadata__":{"a:\\":\\\\":"b:c"},"a:b":${entry}}`, 4))).toBe('accepted');
});

test('a shape whose product cannot be computed is refused, also beside a 0', () => {
  for (const shape of ['[9007199254740991,9007199254740991,0]', '[4503599627370496,2]', `[${'9,'.repeat(40)}0]`]) {
    const header = `{"a":{"dtype":"F32","shape":${shape},"data_offsets":[0,0]}}`;
    expect(reasonOf(fileOf(header)), shape).toBe('bad_offsets');
  }
  expect(reasonOf(fileOf('{"a":{"dtype":"F32","shape":[7,0],"data_offsets":[0,0]}}'))).toBe('accepted');
});
