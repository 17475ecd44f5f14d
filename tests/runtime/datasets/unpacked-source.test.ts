import { createHash } from 'node:crypto';
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeArrayFile, loadArrays, numpyArrays } from '../../../src/runtime/datasets/array-dataset.js';
import { type ByteSource, bytesAt, bytesInMemory, withBytesOf } from '../../../src/runtime/datasets/byte-source.js';
import { arrayChecksum, datasetChecksum } from '../../../src/runtime/datasets/checksum.js';
import { openNpy } from '../../../src/runtime/datasets/npy.js';
import { arrayInNpz } from '../../../src/runtime/datasets/npz.js';
import { rawExamples } from '../../../src/runtime/datasets/row-reader.js';
import { gunzippedSource } from '../../../src/runtime/datasets/unpacked-source.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { inMemory } from './in-memory.js';
import { scratchFolder } from './scratch-folder.js';
import { reasonOf } from './thrown.js';

const folder = scratchFolder();
const none = { labels: null, testExamples: null, testLabels: null };

beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', folder.path);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** An archive of one array as numpy.savez or numpy.savez_compressed writes it (APPNOTE.TXT 4.3). */
function zipOf(content: Uint8Array, isPacked: boolean, { crc = crc32(content), size = content.length } = {}): Buffer {
  const packed = isPacked ? deflateRawSync(content) : content;
  const name = Buffer.from('x.npy');
  const local = Buffer.alloc(30);
  const entry = Buffer.alloc(46);
  const end = Buffer.alloc(22);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(isPacked ? 8 : 0, 10);
  entry.writeUInt32LE(crc, 16);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(size, 24);
  entry.writeUInt16LE(name.length, 28);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, name, packed, entry, name, end]);
}

/** Bytes that no two pieces of a stream have alike, and that shrink to a quarter. */
function someBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 32) {
    bytes.set(
      createHash('sha256')
        .update(`${i}`)
        .digest()
        .subarray(0, Math.min(8, length - i)),
      i,
    );
  }
  return bytes;
}

const contentOf = (source: ByteSource): Uint8Array => bytesAt(source, 0, source.length);

describe('an array in an archive that is unpacked as it is read', () => {
  const content = someBytes(1_000_003);
  const open = (archive: Uint8Array) => arrayInNpz(bytesInMemory(archive), null, 'x.npz', 0);

  it('has the bytes of one that is unpacked at once, wherever it is read, forwards and backwards', () => {
    const source = open(zipOf(content, true));
    expect(source).toMatchObject({ length: content.length, memory: null });
    expect(Buffer.compare(contentOf(source), content)).toBe(0);
    for (const place of [700_000, 3, 262_143, 262_144, 999_998, 0]) {
      expect(bytesAt(source, place, 9)).toEqual(content.slice(place, place + 9));
    }
    expect(bytesAt(source, content.length, 4)).toHaveLength(0);
    expect(Buffer.compare(contentOf(arrayInNpz(bytesInMemory(zipOf(content, true)), null, 'x.npz')), content)).toBe(0);
  });

  it.each([true, false])('compares its checksum once it is read to its end, deflated: %s', (isPacked) => {
    const source = open(zipOf(content, isPacked, { crc: 1 }));
    expect(bytesAt(source, 5, 100_000)).toEqual(content.slice(5, 100_005));
    expect(() => contentOf(source)).toThrow('its checksum (CRC-32) is wrong');
    const inPieces = open(zipOf(content, isPacked, { crc: 1 }));
    bytesAt(inPieces, 0, 12);
    bytesAt(inPieces, 10, 500_000);
    expect(() => bytesAt(inPieces, 500_010, 499_993)).toThrow('CRC-32');
  });

  it('that is damaged, or has another size than it states, is refused', async () => {
    const damaged = zipOf(content, true);
    damaged.fill(0xff, 10_000, 10_400);
    expect(await reasonOf(() => contentOf(open(damaged)))).toBe('wrong_format');
    const more = (size: number) => open(zipOf(content, true, { size: content.length + size }));
    expect(await reasonOf(() => contentOf(more(-1)))).toBe('too_large');
    expect(await reasonOf(() => contentOf(more(1)))).toBe('wrong_format');
    expect(await reasonOf(() => open(zipOf(content, false, { size: 5 })))).toBe('wrong_format');
  });

  it('gives rows in any order', () => {
    const values = Float32Array.from({ length: 3000 * 50 }, (_, i) => i / 7);
    const npy = encodeNpy([3000, 50], values);
    const rows = Uint32Array.of(2999, 4, 5, 1200, 0);
    const whole = openNpy(bytesInMemory(npy), 'x.npy').read(rows);
    expect(openNpy(open(zipOf(npy, true)), 'x.npy').read(rows)).toEqual(whole);
    expect([...whole.array.data.slice(0, 50)]).toEqual([...values.slice(2999 * 50)]);
  });
});

describe('a gzipped file that is unpacked as it is read', () => {
  const content = someBytes(400_000);
  const read = (file: Uint8Array) => withBytesOf(folder.put('x.gz', file), contentOf, 0);

  it('has all members, and not what pads it', () => {
    const members = [content.subarray(0, 7), content.subarray(7, 200_000), content.subarray(200_000)].map((part) =>
      gzipSync(part),
    );
    expect(Buffer.compare(read(Buffer.concat(members)), content)).toBe(0);
    expect(Buffer.compare(read(Buffer.concat([...members, new Uint8Array(70_000)])), content)).toBe(0);
  });

  it('has a member that begins where a piece of the file ends', () => {
    const named = (length: number): Buffer => {
      const plain = gzipSync(content.subarray(0, 10_000));
      // A name in the header (RFC 1952, 2.3.1) makes it as long as it has to be.
      const header = Buffer.from(plain.subarray(0, 10));
      header[3] = 8;
      return Buffer.concat([header, Buffer.alloc(length - plain.length - 1, 'n'), Buffer.of(0), plain.subarray(10)]);
    };
    const file = Buffer.concat([named(2 ** 15), gzipSync(content.subarray(10_000))]);
    expect(Buffer.compare(read(file), content)).toBe(0);
  });

  it('that is cut off, damaged, or unpacks too far is refused as one that is unpacked at once', async () => {
    const packed = gzipSync(content);
    const damaged = Buffer.from(packed).fill(0xff, 5000, 5400);
    for (const [file, reason] of [
      [packed.subarray(0, 9000), 'truncated'],
      [packed.subarray(0, 2), 'truncated'],
      [damaged, 'wrong_format'],
      [Buffer.concat([packed, Buffer.from('more')]), 'wrong_format'],
    ] as const) {
      expect(await reasonOf(() => read(file))).toBe(reason);
    }
    const errors = {
      cut: () => new Error('cut'),
      damaged: () => new Error('damaged'),
      tooFar: (most: number) => new Error(`${most}`),
    };
    expect(() => gunzippedSource(bytesInMemory(packed), content.length - 1, errors)).toThrow('399999');
    expect(gunzippedSource(bytesInMemory(packed), content.length, errors).length).toBe(content.length);
  });
});

describe('memory that reading takes', () => {
  it('a stored array of an archive stays in its file as that of a .npy does', () => {
    const values = Float32Array.from({ length: 600 }, (_, i) => i / 7);
    const npy = encodeNpy([60, 10], values);
    const examples = folder.put('x.npz', zipOf(npy, false));
    const kept = loadArrays(numpyArrays, { ...none, examples }).dataset;
    const stored = loadArrays(numpyArrays, { ...none, examples, mostInMemory: 0 }).dataset;
    expect(stored.checksum).toBe(kept.checksum);
    expect(stored.train.values).toMatchObject({ rows: { files: [{ path: examples, rows: 60 }] } });
    expect([...rawExamples(stored.train, Uint32Array.of(59, 3))].flatMap((some) => [...some])).toEqual([
      ...values.subarray(590),
      ...values.subarray(30, 40),
    ]);
    const inArchive = describeArrayFile(numpyArrays, examples, null, { role: 'examples' });
    const alone = describeArrayFile(numpyArrays, folder.put('y.npy', npy), null, { role: 'examples' });
    expect(inArchive).toEqual(alone);
    expect(alone.staysAbove).toBe(2 ** 30);
  });

  it('many integers are converted a piece at a time, to the same numbers', () => {
    const [rows, width] = [70, 2 ** 18];
    const text = `{'descr': '<u2', 'fortran_order': False, 'shape': (${rows}, ${width}), }`.padEnd(117);
    const head = Buffer.concat([
      Buffer.of(0x93),
      Buffer.from('NUMPY\u0001\u0000\u0076\u0000'),
      Buffer.from(`${text}\n`),
    ]);
    const path = folder.put('u16.npy', head);
    truncateSync(path, head.length + 2 * rows * width);
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.of(0xff, 0xff, 7), 0, 3, head.length + 2 * (rows * width - 2));
    closeSync(file);
    const { dataset } = loadArrays(numpyArrays, { ...none, examples: path });
    const wanted = new Float32Array(rows * width);
    wanted.set([65535, 7], wanted.length - 2);
    const values = inMemory(dataset.train);
    expect(values).toBeInstanceOf(Float32Array);
    expect(Buffer.compare(new Uint8Array(values.buffer), new Uint8Array(wanted.buffer))).toBe(0);
    const sums = { trainLabels: null, testValues: null, testLabels: null };
    expect(dataset.checksum).toBe(
      datasetChecksum([width], { ...sums, trainValues: arrayChecksum([rows, width], wanted) }),
    );
  });

  it('is said where it is more than the data take', () => {
    const images = encodeNpy([4, 8, 8, 3], new Float32Array(768).fill(2));
    const reading = (name: string, file: Uint8Array, more: object = {}) =>
      describeArrayFile(numpyArrays, folder.put(name, file), null, { role: 'examples', ...more }).readingBytes;
    expect(reading('a.npy', images, { layout: 'nchw' })).toBeUndefined();
    expect(reading('a.npy', images, { layout: 'nhwc' })).toBe(8);
    expect(reading('a.npy', images, { layout: 'nchw', range: [0, 4] })).toBe(8);
    expect(reading('b.npy', encodeNpy([4, 8], new Float64Array(32)))).toBeUndefined();
    expect(reading('b.npz', zipOf(encodeNpy([4, 8], new Float64Array(32)), true))).toBe(12);
    expect(reading('c.npz', zipOf(encodeNpy([4, 8], new Float32Array(32)), true))).toBeUndefined();
    const text = Buffer.from(encodeNpy([4, 8], new Float32Array(32)));
    text.write('True, ', text.indexOf('False,'));
    expect(reading('d.npy', text)).toBe(8);
  });

  it('and after it are eight bytes a value where the training examples need float64', () => {
    const path = folder.put('times.npy', encodeNpy([4, 1], Float64Array.of(1, 2, 1.7e9, 1.7e9 + 1)));
    const bytes = () => {
      const { valueBytes, readingBytes } = describeArrayFile(numpyArrays, path, null, { role: 'examples' });
      return [valueBytes, readingBytes];
    };
    expect(bytes()).toEqual([undefined, undefined]);
    folder.put('times.npy', encodeNpy([4, 1], Float64Array.of(1.7e9, 1.7e9 + 1, 1.7e9 + 2, 1.7e9 + 3)));
    expect(bytes()).toEqual([8, undefined]);
  });
});
