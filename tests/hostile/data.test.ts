import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { idxArrays, loadArrays, loadTensors, numpyArrays } from '../../src/runtime/datasets/array-dataset.js';
import { csvRows } from '../../src/runtime/datasets/csv.js';
import { readTable } from '../../src/runtime/datasets/csv-arrays.js';
import { leastUnpackedBytes } from '../../src/runtime/datasets/data-limits.js';
import { DatasetError } from '../../src/runtime/datasets/dataset-error.js';
import { readContent, readContentBeside } from '../../src/runtime/datasets/file-bytes.js';
import { loadImages } from '../../src/runtime/datasets/picture-dataset.js';
import { loadTables } from '../../src/runtime/datasets/table-dataset.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { describeFile } from '../runtime/datasets/given-words.js';
import { idxBytes } from '../runtime/datasets/idx-file.js';
import { inMemory } from '../runtime/datasets/in-memory.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';
import { errorOf } from '../runtime/datasets/thrown.js';
import { growth, linearGrowth } from './growth.js';

const { path: folder, put } = scratchFolder();
const loadPictures = async (path: string) => (await loadImages({ examples: path, testExamples: null })).dataset;
const none = { labels: null, testExamples: null, testLabels: null };

/** Everything that reads a data file, with what it makes of a path. */
const loaders = {
  idx: (path: string) => loadArrays(idxArrays, { examples: path, ...none }).dataset,
  npy: (path: string) => loadArrays(numpyArrays, { examples: path, ...none }).dataset,
  csv: (path: string) => loadTables({ examples: path, testExamples: null, label: null, drop: [] }).dataset,
  safetensors: (path: string) => loadTensors({ path, examples: null, ...none }).dataset,
} as const;
const formats = ['idx', 'npy', 'csv', 'safetensors'] as const;
type Format = (typeof formats)[number];

function requestOf(format: Format, path: string) {
  switch (format) {
    case 'idx':
    case 'npy':
      return { format, path, role: 'examples' };
    case 'safetensors':
      return { format, path, tensor: null, role: 'examples' };
    case 'csv':
      return { format, path, label: null, drop: [] };
  }
}

/** A PNG file of chunks. */
function pngOf(...chunks: readonly (readonly [type: string, data: Uint8Array])[]): Uint8Array {
  const parts = chunks.flatMap(([type, data]) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return [length, body, sum];
  });
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...parts]);
}

function header(width: number, height: number, depth = 8, colour = 0, interlaced = 0): [string, Uint8Array] {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colour, 0, 0, interlaced], 8);
  return ['IHDR', data];
}

/** A grey JPEG file of scans, whose Huffman tables have one code of one bit: 0, for a difference of 0 and the end of a block. */
function jpegOf(frame: number, size: number, scans: readonly Uint8Array[]): Uint8Array {
  const segment = (marker: number, ...data: readonly number[]) => [0xff, marker, 0, data.length + 2, ...data];
  const side = [size >> 8, size & 255];
  const table = (place: number) => [place, 1, ...new Uint8Array(16)];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    Buffer.from(segment(0xdb, 0, ...new Uint8Array(64).fill(1))),
    Buffer.from(segment(frame, 8, ...side, ...side, 1, 1, 0x11, 0)),
    Buffer.from(segment(0xc4, ...table(0), ...table(0x10))),
    ...scans,
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** A scan from the mean to a coefficient, of zeros. */
function jpegScan(last: number, bytes: number): Uint8Array {
  return Buffer.concat([Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, last, 0]), new Uint8Array(bytes)]);
}

const end: [string, Uint8Array] = ['IEND', new Uint8Array()];

describe('files that never end, or that are none', () => {
  const pipe = join(folder, 'pipe.png');
  execFileSync('mkfifo', [pipe]);
  symlinkSync('/dev/zero', join(folder, 'zeros'));

  it.each(formats)('%s: pipes, devices, folders and /proc are refused at once', async (format) => {
    for (const path of [pipe, '/dev/zero', join(folder, 'zeros'), folder]) {
      expect(await errorOf(() => loaders[format](path)), path).toMatchObject({ reason: 'unreadable' });
      const described = describeFile(requestOf(format, path));
      expect(described, path).toMatchObject({ ok: false, problem: { code: 'AE701' } });
    }
    // A file of /proc that states a size of 0 and has 2⁴⁷ / 512 bytes; a table is read in pieces, and the first is no text.
    const reason = format === 'csv' ? /wrong_format/ : /too_large|unreadable/;
    expect((await errorOf(() => loaders[format]('/proc/self/pagemap'))).reason).toMatch(reason);
  });

  it('so are those in a folder of images, and those of a published set', async () => {
    mkdirSync(join(folder, 'images'));
    put('images/a.png', encode({ width: 2, height: 2, channels: 1, data: new Uint8Array(4) }));
    execFileSync('mkfifo', [join(folder, 'images/b.png')]);
    const images = join(folder, 'images');
    expect((await errorOf(() => loadPictures(images))).message).toContain('a pipe');
    expect(describeFile({ format: 'images', path: images })).toMatchObject({ ok: false, problem: { code: 'AE701' } });
    expect((await errorOf(() => readContentBeside(pipe))).reason).toBe('unreadable');
  });

  it.each(formats)('%s: a file of a terabyte of nothing is refused before it is read', async (format) => {
    const path = put(`sparse.${format}`, '');
    truncateSync(path, 2 ** 40);
    expect(await errorOf(() => loaders[format](path))).toMatchObject({ reason: 'too_large' });
    expect((await errorOf(() => readContentBeside(path))).message).toMatch(/more than the limit of [\d.]+ [KMG]iB/);
  });
});

describe('what unpacks to more than it should', () => {
  /** A gzipped file of 2 MiB that unpacks to 2 GiB, as many files one after the other. */
  const bomb = Buffer.concat(Array.from({ length: 128 }, () => gzipSync(new Uint8Array(2 ** 24))));

  it.each(formats)('%s: a gzipped bomb ends at the limit', async (format) => {
    const path = put(`bomb.${format}.gz`, bomb);
    const error = await errorOf(() => loaders[format](path));
    expect(error.reason).toBe('too_large');
    expect(error.message).toContain('unpacks to more than the limit of 256 MiB');
    expect(error.hint).toContain('gunzip');
  });

  it('a limit for what comes out holds to the byte, beside and in this thread', async () => {
    const path = put('hello.gz', gzipSync('hello'));
    expect(new TextDecoder().decode(readContent(path, 25))).toBe('hello');
    const zeros = put('zeros.gz', gzipSync(new Uint8Array(1000)));
    expect(readContent(zeros, 1000).length).toBe(1000);
    expect((await readContentBeside(zeros, 1000)).length).toBe(1000);
    expect((await errorOf(() => readContent(zeros, 999))).reason).toBe('too_large');
    expect((await errorOf(() => readContentBeside(zeros, 999))).reason).toBe('too_large');
    expect(leastUnpackedBytes).toBeGreaterThan(60000 * 28 * 28 * 4);
  });

  /** An archive with one deflated member, whose directory states what is given. */
  function npzOf(content: Uint8Array, stated: { readonly size?: number; readonly crc?: number } = {}): Uint8Array {
    const name = Buffer.from('x.npy');
    const packed = deflateRawSync(content);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(8, 4);
    facts.writeUInt32LE(stated.crc ?? crc32(content), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(stated.size ?? content.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, name, packed]);
    const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), facts, Buffer.alloc(14), name]);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt16LE(1, 8);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(entry.length, 12);
    end.writeUInt32LE(local.length, 16);
    return Buffer.concat([local, entry, end]);
  }

  it('an array of an archive is unpacked as far as the archive states, and its checksum counts', async () => {
    const array = encodeNpy([2, 2], Float32Array.of(1, 2, 3, 4));
    const loaded = (bytes: Uint8Array) => loaders.npy(put('array.npz', bytes));
    expect(loaded(npzOf(array)).train.values).toEqual(Float32Array.of(1, 2, 3, 4));
    const bomb = npzOf(Buffer.concat([array, new Uint8Array(2 ** 24)]), { size: array.length });
    const error = await errorOf(() => loaded(bomb));
    expect(error.reason).toBe('too_large');
    expect(error.message).toContain('unpacks to more than the 144 bytes that it states');
    const empty = await errorOf(() => loaded(npzOf(array, { size: 0 })));
    expect(empty.reason).toBe('too_large');
    const short = await errorOf(() => loaded(npzOf(array, { size: array.length + 1 })));
    expect(short).toMatchObject({ reason: 'wrong_format', message: expect.stringContaining('damaged archive') });
    const altered = await errorOf(() => loaded(npzOf(array, { crc: 1 })));
    expect(altered).toMatchObject({ reason: 'wrong_format', message: expect.stringContaining('CRC-32') });
  });

  it.each([
    ['60000×60000 pixels', 'too_large', pngOf(header(60000, 60000), ['IDAT', deflateSync('')], end)],
    ['2³¹ rows', 'too_large', pngOf(header(1, 2 ** 31), ['IDAT', deflateSync('')], end)],
    ['pixels of 1 GiB for 4', 'too_large', pngOf(header(2, 2), ['IDAT', deflateSync(new Uint8Array(2 ** 26))], end)],
    [
      'a second stream behind the pixels',
      'too_large',
      pngOf(
        header(2, 2),
        ['IDAT', Buffer.concat([deflateSync(new Uint8Array(6)), deflateSync(new Uint8Array(2 ** 26))])],
        end,
      ),
    ],
    [
      'a colour profile of 64 MiB',
      'too_large',
      pngOf(
        header(1, 1),
        ['iCCP', Buffer.concat([Buffer.from('p\0\0', 'latin1'), deflateSync(new Uint8Array(2 ** 26))])],
        ['IDAT', deflateSync(new Uint8Array(2))],
        end,
      ),
    ],
    ['another header behind the first', 'wrong_format', pngOf(header(1, 1), header(16000, 16000), end)],
    ['a header that is not the first', 'wrong_format', pngOf(['tEXt', new Uint8Array(13)], header(16000, 16000), end)],
    ['a palette of a million colours', 'wrong_format', pngOf(header(1, 1, 8, 3), ['PLTE', new Uint8Array(3e6)], end)],
    [
      'pixels of 16 bits that are missing',
      'wrong_format',
      pngOf(header(1, 1, 16), ['IDAT', deflateSync(new Uint8Array(2))], end),
    ],
    [
      'interlaced pixels that are missing',
      'wrong_format',
      pngOf(header(9, 9, 8, 0, 1), ['IDAT', deflateSync('')], end),
    ],
  ])('an image with %s: %s', async (name, reason, bytes) => {
    const place = name.replaceAll(/\W/g, '');
    put(`png-${place}/a.png`, bytes);
    const error = await errorOf(() => loadPictures(join(folder, `png-${place}`)));
    expect(error.message).not.toContain('Cannot read');
    expect(error.reason).toBe(reason);
  });

  it('flat JPEG pictures of as few bytes as there can be are read, and of fewer are refused', async () => {
    const blocks = (2048 / 8) ** 2;
    // A bit for the mean of each block, and in a baseline file one for the end of the block.
    put('flat/a.jpg', jpegOf(0xc0, 2048, [jpegScan(63, blocks / 4)]));
    put('flat/b.jpg', jpegOf(0xc2, 2048, [jpegScan(0, blocks / 8)]));
    const { train } = await loadPictures(join(folder, 'flat'));
    expect([train.count, inMemory(train).every((value) => value === 128)]).toEqual([2, true]);
    const bomb = jpegOf(0xc2, 16383, [jpegScan(0, 100)]);
    expect(bomb.length).toBeLessThan(300);
    put('jpeg-bomb/a.jpg', bomb);
    const error = await errorOf(() => loadPictures(join(folder, 'jpeg-bomb')));
    expect(error.reason).toBe('wrong_format');
    expect(error.message).toContain(`it states 16383×16383 pixels, more than its ${bomb.length} bytes can hold`);
    const described = describeFile({ format: 'images', path: join(folder, 'jpeg-bomb') });
    expect(described).toMatchObject({ ok: false });
  });

  it('a JPEG picture has a few hundred scans at most, and fewer of many pixels', async () => {
    const means = (size: number) => jpegScan(0, (size / 8) ** 2 / 8);
    const scans = (count: number) => Array.from({ length: count }, () => means(64));
    put('scans/a.jpg', jpegOf(0xc2, 64, scans(500)));
    expect((await loadPictures(join(folder, 'scans'))).train.count).toBe(1);
    const hidden = (marker: number) => Buffer.from([0xff, marker, 0, 200]);
    const large = [means(16384), ...scans(33)];
    for (const [size, parts, most] of [
      [64, scans(501), 500],
      [64, [...scans(1), hidden(0x02), ...scans(500)], 500],
      [64, [...scans(1), hidden(0xd3), ...scans(500)], 500],
      [16384, large, 32],
    ] as const) {
      put('many-scans/a.jpg', jpegOf(0xc2, size, parts));
      const error = await errorOf(() => loadPictures(join(folder, 'many-scans')));
      expect(error.reason).toBe('too_large');
      expect(error.message).toContain(`has more than ${most} scans`);
    }
    // A film behind the picture, as telephones put it there, has no scans of the picture.
    put('film/a.jpg', Buffer.concat([jpegOf(0xc2, 64, scans(1)), ...scans(600)]));
    expect((await loadPictures(join(folder, 'film'))).train.count).toBe(1);
  });

  it('an animated image is its first one, and a large one with as much as it states is read', async () => {
    const frame: [string, Uint8Array] = [
      'fdAT',
      Buffer.concat([Buffer.alloc(4), deflateSync(new Uint8Array(2 ** 26))]),
    ];
    const first: [string, Uint8Array] = ['IDAT', deflateSync(Uint8Array.of(0, 7, 8, 0, 9, 10))];
    put('animated/a.png', pngOf(header(2, 2), ['acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])], first, frame, end));
    const animated = await loadPictures(join(folder, 'animated'));
    expect(animated.train.values).toEqual(Uint8Array.of(7, 8, 9, 10));

    const data = Uint8Array.from({ length: 200 * 200 }, (_, i) => (i * i * 7919) >> 3);
    put('large/a.png', encode({ width: 200, height: 200, channels: 1, data }));
    expect((await loadPictures(join(folder, 'large'))).train.values).toEqual(data);
  });
});

describe('files that claim more than there can be', () => {
  const npy = (header: string, version = 1) => {
    const text = Buffer.from(header.padEnd(117).concat('\n'), 'latin1');
    const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0, 0, 0, 0, 0]).subarray(
      0,
      version === 1 ? 10 : 12,
    );
    if (version === 1) start.writeUInt16LE(text.length, 8);
    else start.writeUInt32LE(text.length, 8);
    return Buffer.concat([start, text]);
  };
  const shaped = (shape: string) => npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`);
  const tensors = (header: unknown, data = new Uint8Array()) => {
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, data]);
  };

  it.each<[string, Format, Uint8Array]>([
    ['2³¹ examples', 'idx', idxBytes([2 ** 31, 28, 28], [])],
    [
      '255 dimensions of 2³² - 1',
      'idx',
      idxBytes(
        Array.from({ length: 255 }, () => 2 ** 32 - 1),
        [],
      ),
    ],
    ['2⁶³ numbers', 'npy', shaped('9223372036854775808, 9223372036854775808')],
    ['a dimension beyond all numbers', 'npy', shaped(`0, ${'9'.repeat(400)}`)],
    [
      'ten thousand dimensions',
      'npy',
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'1, '.repeat(10000)}), }`, 2),
    ],
    ['a header of 2 MiB', 'npy', npy(`{${' '.repeat(2 ** 21)}`, 2)],
    ['a header of 4 GiB', 'npy', Buffer.from([0x93, ...Buffer.from('NUMPY'), 2, 0, 0xff, 0xff, 0xff, 0xff])],
    ['a type of any length', 'npy', npy(`{'descr': '${'x'.repeat(9000)}', 'fortran_order': False, 'shape': (1,), }`)],
    [
      'a tensor of 2⁵³ numbers',
      'safetensors',
      tensors({ x: { dtype: 'F32', shape: [2 ** 53 - 1, 4], data_offsets: [0, 8] } }),
    ],
    [
      'a tensor that ends far behind the file',
      'safetensors',
      tensors({ x: { dtype: 'U8', shape: [2 ** 40], data_offsets: [0, 2 ** 40] } }),
    ],
    ['lists in lists in lists', 'safetensors', tensors(JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`))],
    [
      'ten thousand tensors',
      'safetensors',
      tensors(
        Object.fromEntries(
          Array.from({ length: 10000 }, (_, i) => [`t${i}`, { dtype: 'U8', shape: [0], data_offsets: [0, 0] }]),
        ),
      ),
    ],
  ])('%s', async (_, format, bytes) => {
    const path = put(`claim.${format}`, bytes);
    const { message, hint } = await errorOf(() => loaders[format](path));
    expect(`${message}\n${hint}`.length).toBeLessThan(folder.length + 400);
    expect(describeFile(requestOf(format, path))).toMatchObject({ ok: false });
  });
});

describe('names in files', () => {
  it('stay on the line of their message, and harmless', async () => {
    const name = 'a\nr1 is complete\u001b[2J\u202e\u2028\r';
    const shown = 'a\\nr1 is complete\\u001b[2J\\u202e\\u2028\\u000d';
    const tensors = [name, 'b'].map((each) => ({ name: each, shape: [1], values: Float32Array.of(Number.NaN) }));
    const one = put('names.safetensors', encodeSafetensors(tensors.slice(0, 1)));
    const two = put('two-names.safetensors', encodeSafetensors(tensors));
    const cut = put('cut-names.safetensors', encodeSafetensors(tensors).subarray(0, -1));
    const columns = put('names.csv', `"${name}",b\nx,1\n`);
    const npy = Buffer.from(encodeNpy([1, 1], Float32Array.of(1)));
    const type = put('names.npy', Buffer.from(npy.toString('latin1').replace("'<f4'", "'<\n\u001b'"), 'latin1'));
    put('named-pictures/a\nb.png', 'x');
    for (const [read, quoted] of [
      [() => loaders.safetensors(one), shown],
      [() => loaders.safetensors(two), 'a\\nr1 is complet'],
      [() => loaders.safetensors(cut), 'within tensor'],
      [() => loaders.csv(columns), 'a\\nr1 is complet'],
      [() => loaders.npy(type), '<\\n\\u001b'],
      [() => loadPictures(join(folder, 'named-pictures')), 'a\\nb.png'],
    ] as const) {
      const { message, hint } = await errorOf(read);
      expect(`${message} ${hint}`).toContain(quoted);
      expect(`${message} ${hint}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
    const long = encodeSafetensors([{ name: 'n'.repeat(1e5), shape: [1], values: Float32Array.of(1) }]);
    expect(() => decodeSafetensors(long.subarray(0, -1))).toThrow(/^.{40,120}$/);
  });
});

describe('tables', () => {
  const refused = (read: () => unknown): DatasetError => {
    try {
      read();
    } catch (error) {
      if (error instanceof DatasetError) return error;
      throw error;
    }
    throw new Error('it was read');
  };
  const decode = (text: string) => Array.from(csvRows([text], ',', null, 'f.csv'), ({ fields }) => fields.length);

  it.each<[string, number, (n: number) => void]>([
    [
      'many columns',
      40000,
      (n) => decode(`${Array.from({ length: n }, (_, i) => `c${i}`).join(',')}\n${'1,'.repeat(n - 1)}1`),
    ],
    ['many rows', 200000, (n) => decode(`a,b\n${'1,2\n'.repeat(n)}`)],
    ['one quoted field', 4e5, (n) => decode(`a\n"${'x""'.repeat(n)}"`)],
    ['a quote that is never closed', 4e5, (n) => refused(() => decode(`a\n"${'x""'.repeat(n)}`))],
    ['quotes that are never closed, in each row', 4e5, (n) => refused(() => decode(`a\n${'"x\n'.repeat(n)}`))],
    [
      'a number of many digits that is none',
      40000,
      (n) => refused(() => readTable(put('digits.csv', `a\n${'1'.repeat(n)}x\n`), { label: null, drop: [] })),
    ],
    [
      'as many columns that are dropped',
      20000,
      (n) => {
        const names = Array.from({ length: n }, (_, i) => `c${i}`);
        const path = put('dropped.csv', `a,${names.join(',')}\n${'1,'.repeat(n)}1`);
        expect(readTable(path, { label: null, drop: names }).features).toEqual(['a']);
      },
    ],
  ])('%s: the time grows as the size does', (_, size, work) => {
    expect(growth(work, size)).toBeLessThan(linearGrowth);
  });

  it('a cell is quoted by its beginning', async () => {
    const path = put('cell.csv', `${'n'.repeat(1e5)}\n${'1'.repeat(80000)}x\n`);
    const { message, hint } = await errorOf(() => readTable(path, { label: null, drop: [] }));
    expect(message).toContain('row 2');
    expect(message.length + hint.length).toBeLessThan(folder.length + 400);
  });
});

describe('whatever a data file has in it', () => {
  const valid: Readonly<Record<Format | 'png', Uint8Array>> = {
    idx: idxBytes([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    npy: encodeNpy([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)),
    csv: Buffer.from('a,b\n1,2\n"3",4e1\n'),
    safetensors: encodeSafetensors([{ name: 'x', shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }]),
    png: encode({ width: 3, height: 2, channels: 3, data: Uint8Array.from({ length: 18 }, (_, i) => i) }),
  };
  const altered = (original: Uint8Array) =>
    fc
      .record({
        edits: fc.array(fc.record({ at: fc.nat(original.length), bytes: fc.uint8Array({ maxLength: 8 }) }), {
          maxLength: 4,
        }),
        length: fc.option(fc.nat(original.length + 16)),
        packed: fc.constantFrom('no', 'gzip', 'gzip, cut'),
      })
      .map(({ edits, length, packed }) => {
        const bytes = new Uint8Array(length ?? original.length);
        bytes.set(original.subarray(0, bytes.length));
        for (const edit of edits)
          bytes.set(edit.bytes.subarray(0, Math.max(0, bytes.length - edit.at)), Math.min(edit.at, bytes.length));
        const zipped = gzipSync(bytes);
        return packed === 'no' ? bytes : packed === 'gzip' ? zipped : zipped.subarray(0, -3);
      });
  const runs = Number(process.env.AEDSL_FUZZ_RUNS ?? 300);

  it.each(formats)('%s: it is read, or a DatasetError says why not', (format) => {
    fc.assert(
      fc.property(fc.oneof(altered(valid[format]), fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const path = put(`fuzz.${format}`, bytes);
        try {
          expect(loaders[format](path).train.count).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof DatasetError)) throw error;
        }
        expect(describeFile(requestOf(format, path)).ok).toBeTypeOf('boolean');
      }),
      { numRuns: runs },
    );
  });

  it('png: it is read, or a DatasetError says why not', async () => {
    await fc.assert(
      fc.asyncProperty(altered(valid.png), async (bytes) => {
        put('fuzz-png/a.png', bytes);
        try {
          await loadPictures(join(folder, 'fuzz-png'));
        } catch (error) {
          if (!(error instanceof DatasetError)) throw error;
        }
      }),
      { numRuns: runs },
    );
    expect(readFileSync(join(folder, 'fuzz-png/a.png'))).toBeDefined();
  });
});
