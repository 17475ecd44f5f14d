import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { mostPicturesReadWhole } from '../../../src/runtime/datasets/data-limits.js';
import { DatasetError } from '../../../src/runtime/datasets/dataset-error.js';
import { checkJpeg, decodeJpeg } from '../../../src/runtime/datasets/jpeg.js';
import { isUndamagedJpeg } from '../../../src/runtime/datasets/jpeg-walk.js';
import { loadData } from '../../../src/runtime/datasets/load.js';
import { describeImages, type ImageFolders, loadImages } from '../../../src/runtime/datasets/picture-dataset.js';
import { checkPicture, decodePicture, pictureHead, pictureLook } from '../../../src/runtime/datasets/pictures.js';
import { resizeImages } from '../../../src/runtime/datasets/resize-images.js';
import { datasetOf } from './given-words.js';
import { inMemory } from './in-memory.js';
import { scratchFolder } from './scratch-folder.js';
import { errorOf } from './thrown.js';

interface PictureCase {
  readonly name: string;
  /** In base64. */
  readonly content: string;
  readonly shape: readonly number[];
  readonly pixels: readonly number[];
}

interface Pictures {
  /** `most`: what stands for white. */
  readonly png: readonly (PictureCase & { readonly most: number })[];
  readonly jpeg: readonly PictureCase[];
  readonly cmyk: string;
}

/** What Pillow reads, and for 16 bits of colour what was written: see pictures.py. */
const PICTURES: Pictures = JSON.parse(readFileSync(new URL('pictures.json', import.meta.url), 'utf8'));

const folder = scratchFolder();
const asIs = pictureLook({});
const put = (name: string, base64: string): string => folder.put(name, Buffer.from(base64, 'base64'));
const grey = (height: number, width: number, level = 7) =>
  encode({ height, width, channels: 1, data: new Uint8Array(height * width).fill(level) });
const loaded = async (name: string, options: Partial<ImageFolders> = {}) =>
  (await loadImages({ examples: join(folder.path, name), testExamples: null, ...options })).dataset;

describe('every kind of PNG', () => {
  it.each(PICTURES.png)('$name', async ({ content, most, shape, pixels }) => {
    const path = put('kind.png', content);
    const { data } = decodePicture(path, asIs);
    expect(pictureHead(path, asIs)).toEqual({ shape, isDeep: most === 65535 });
    expect([...data]).toEqual(pixels);
  });

  it('transparent pixels are refused, or seen before a background', async () => {
    const data = Uint8Array.of(10, 255, 20, 128, 30, 0);
    const path = folder.put('alpha.png', encode({ width: 3, height: 1, channels: 2, data }));
    const error = await errorOf(() => decodePicture(path, asIs));
    expect(error.message).toContain('the pixel in row 0, column 1 is transparent');
    expect(error.hint).toContain('background=1');
    const seen = async (background: number) => [...decodePicture(path, pictureLook({ background })).data];
    expect(await seen(0)).toEqual([10, 10, 0]);
    expect(await seen(1)).toEqual([10, Math.round((20 * 128 + 255 * 127) / 255), 255]);
  });
});

describe('JPEG', () => {
  it.each(PICTURES.jpeg)('$name: to the bit what libjpeg makes of it, upright', async ({ content, shape, pixels }) => {
    const path = put('kind.jpg', content);
    expect(pictureHead(path, asIs).shape).toEqual(shape);
    const decoded = await decodePicture(path, asIs);
    expect(decoded.shape).toEqual(shape);
    expect([...decoded.data]).toEqual(pixels);
  });

  it('what is not decoded is named by its head', async () => {
    const error = await errorOf(() => pictureHead(put('cmyk.jpg', PICTURES.cmyk), asIs));
    expect(error).toMatchObject({ reason: 'wrong_type', hint: 'convert it to RGB' });
    const [{ content = '' } = {}] = PICTURES.jpeg;
    const bytes = Buffer.from(content, 'base64');
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    const lossless = folder.put('lossless.jpg', Buffer.from(bytes).fill(0xc3, frame + 1, frame + 2));
    expect((await errorOf(() => pictureHead(lossless, asIs))).message).toContain('lossless JPEG');
    const deep = folder.put('deep.jpg', Buffer.from(bytes).fill(12, frame + 4, frame + 5));
    expect((await errorOf(() => pictureHead(deep, asIs))).message).toContain('12 bits');
  });

  it('a file that is cut off or overwritten is damaged, and the next one is read', async () => {
    const [{ content = '', pixels = [] } = {}] = PICTURES.jpeg;
    const bytes = Buffer.from(content, 'base64');
    for (const length of [2, 20, bytes.length - 40]) {
      const path = folder.put('cut.jpg', bytes.subarray(0, length));
      expect((await errorOf(() => decodePicture(path, asIs))).reason, String(length)).toMatch(/truncated|wrong_format/);
    }
    expect([...(await decodePicture(folder.put('whole.jpg', bytes), asIs)).data]).toEqual(pixels);
  });
});

describe('damage within a JPEG', () => {
  /** Bytes changed, left out, put in and cut off, all behind the first two, which say that it is a JPEG. */
  function damaged(whole: Buffer, draw: (below: number) => number): Buffer {
    const at = 2 + draw(whole.length - 2);
    const bytes = Buffer.from(whole);
    const noise = () => Buffer.from([draw(256), draw(256)]);
    switch (draw(5)) {
      case 0:
        return bytes.fill(0, at, Math.min(bytes.length, at + 30));
      case 1:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + draw(9)))]);
      case 2:
        return Buffer.concat([bytes.subarray(0, at), noise(), bytes.subarray(at)]);
      case 3:
        return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xd9])]);
      default:
        return bytes.fill(bytes.readUInt8(at) ^ (1 << draw(8)), at, at + 1);
    }
  }

  const problemOf = (act: () => unknown): string | null => {
    try {
      act();
      return null;
    } catch (error) {
      return error instanceof DatasetError ? error.message : String(error);
    }
  };

  it.each(PICTURES.jpeg)('$name: what checks it says what decodes it, and whole it is not decoded', ({ content }) => {
    const whole = Buffer.from(content, 'base64');
    expect(isUndamagedJpeg(whole)).toBe(true);
    let state = 7;
    const draw = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let named = 0;
    for (let i = 0; i < 60; i++) {
      const bytes = damaged(whole, draw);
      const decoding = problemOf(() => decodeJpeg(bytes, 'x.jpg'));
      expect(
        problemOf(() => checkJpeg(bytes, 'x.jpg')),
        bytes.toString('base64'),
      ).toBe(decoding);
      if (decoding !== null) named++;
    }
    expect(named).toBeGreaterThan(20);
    const [quantization, huffman] = [Buffer.from([0xff, 0xdb]), Buffer.from([0xff, 0xc4])];
    const comment = Buffer.from(whole);
    for (let at = whole.indexOf(quantization); at >= 0; at = whole.indexOf(quantization, at + 2))
      comment[at + 1] = 0xfe;
    // The symbols of the last table, each with a size that is one larger.
    const larger = Buffer.from(whole);
    const table = whole.lastIndexOf(huffman);
    const end = table + 2 + whole.readUInt16BE(table + 2);
    for (let at = table + 21; at < end; at++)
      larger[at] = (whole.readUInt8(at) & 0xf0) | ((whole.readUInt8(at) + 1) & 15);
    for (const bytes of [comment, larger]) {
      expect(problemOf(() => decodeJpeg(bytes, 'x.jpg'))).toContain('damaged');
      expect(problemOf(() => checkJpeg(bytes, 'x.jpg'))).toContain('damaged');
    }
  });

  it('all are named together, by a look before training as by reading them', async () => {
    for (const [i, { content }] of PICTURES.jpeg.slice(0, 5).entries()) {
      const whole = Buffer.from(content, 'base64');
      const middle = whole.lastIndexOf(Buffer.from([0xff, 0xda])) + 20;
      folder.put(`spoilt/${i}_whole.jpg`, whole);
      folder.put(`spoilt/${i}_zeros.jpg`, Buffer.from(whole).fill(0, middle, whole.length - 4));
    }
    const path = join(folder.path, 'spoilt');
    const look = pictureLook({ size: [4, 4], color: 'grey' });
    const seen = problemOf(() => describeImages(path, look, ALL));
    expect(seen).toMatch(/: 5 of 10 pictures can't be read: 0_zeros.jpg, 1_zeros.jpg, .*4_zeros.jpg is damaged/);
    expect((await errorOf(() => loaded('spoilt', { size: [4, 4], color: 'grey' }))).message).toBe(seen);
  });

  it('reading ends where nobody waits for it any more', async () => {
    folder.put('many/a.png', grey(1, 1));
    const ended = new AbortController();
    const reading = loadImages({ examples: join(folder.path, 'many'), testExamples: null }, ALL, ended.signal);
    ended.abort();
    await expect(reading).rejects.toBe(ended.signal.reason);
  });
});

describe('folders of pictures', () => {
  it('PNG and JPEG may be mixed, by any name, and what systems put there does not count', async () => {
    const [{ content = '', pixels = [] } = {}] = PICTURES.jpeg;
    put('mixed/a.JPEG', content);
    put('mixed/b.png', content);
    folder.put('mixed/c.PNG', grey(13, 20));
    for (const name of ['.DS_Store', 'Thumbs.db', 'desktop.ini']) folder.put(`mixed/${name}`, 'x');
    const { shape, train } = await loaded('mixed');
    expect(shape).toEqual([1, 13, 20]);
    expect([...inMemory(train)]).toEqual([...pixels, ...pixels, ...new Array(260).fill(7)]);
  });

  it('channels of 16 bits are numbers from 0 to 1, those of 8 beside them too', async () => {
    folder.put('deep/a.png', grey(1, 2, 51));
    const data = Uint16Array.of(65535, 300);
    folder.put('deep/b.png', encode({ width: 2, height: 1, channels: 1, depth: 16, data }));
    expect((await loaded('deep')).train.values).toEqual(Float32Array.of(0.2, 0.2, 1, 300 / 65535));
    // Narrow enough for float64 in a table, which must not depend on the depth of one of the pictures.
    folder.put('bright/a.png', grey(1, 2, 254));
    folder.put('bright/b.png', encode({ width: 2, height: 1, channels: 1, depth: 16, data: data.fill(65535) }));
    expect((await loaded('bright')).train.values).toEqual(Float32Array.of(254 / 255, 254 / 255, 1, 1));
  });

  it.each(['webp', 'gif', 'bmp', 'tiff'])('%s is named, with what to do', async (ending) => {
    folder.put(`${ending}/a.png`, grey(1, 1));
    folder.put(`${ending}/b.${ending.toUpperCase()}`, 'x');
    const error = await errorOf(() => loaded(ending));
    expect(error.message).toContain(`not read (${ending.toUpperCase()})`);
    expect(error.hint).toContain('mogrify -format png');
  });

  it('differing sizes and colours are named with what makes them alike', async () => {
    folder.put('sizes/a.png', grey(2, 2, 200));
    folder.put('sizes/b.png', encode({ width: 4, height: 2, channels: 3, data: new Uint8Array(24).fill(100) }));
    const error = await errorOf(() => loaded('sizes'));
    expect(error.message).toContain('a coloured image of 2×4');
    expect(error.hint).toMatch(/size=\[2, 2\].*color=rgb/);
    const alike = await loaded('sizes', { size: [1, 1], color: 'rgb' });
    expect(alike.shape).toEqual([3, 1, 1]);
    expect(alike.train.values).toEqual(Uint8Array.of(200, 200, 200, 100, 100, 100));
    expect(describeImages(join(folder.path, 'sizes'), pictureLook({ size: [1, 1], color: 'rgb' }), ALL).shape).toEqual([
      3, 1, 1,
    ]);
  });

  it('grey of colours is Pillow’s, and a smaller picture has the means of areas', async () => {
    const data = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 200, 90);
    const path = folder.put('colours.png', encode({ width: 4, height: 1, channels: 3, data }));
    // Image.open(path).convert('L')
    expect([...(await decodePicture(path, pictureLook({ color: 'grey' }))).data]).toEqual([76, 150, 29, 131]);
    const small = await decodePicture(path, pictureLook({ size: [1, 2] }));
    expect([...small.data]).toEqual([128, 5, 128, 100, 0, 173]);
    const large = await decodePicture(path, pictureLook({ size: [2, 8], color: 'grey' }));
    const exact = resizeImages(Float32Array.of(76, 150, 29, 131), [1, 4], [2, 8], 'bilinear');
    expect([...large.data]).toEqual([...exact].map(Math.round));
  });

  it('a folder that is a link is a class, and a link to nothing is named', async () => {
    folder.put('far/cats/1.png', grey(1, 1, 1));
    folder.put('linked/dogs/2.png', grey(1, 1, 2));
    symlinkSync('../far/cats', join(folder.path, 'linked/cats'));
    const { train, classNames } = await loaded('linked');
    expect(classNames).toEqual(['cats', 'dogs']);
    expect([...inMemory(train)]).toEqual([1, 2]);
    symlinkSync('nowhere', join(folder.path, 'linked/birds'));
    expect((await errorOf(() => loaded('linked'))).message).toContain('birds: is a link that leads nowhere');
  });

  it('of large pictures only those are read that are used', async () => {
    const side = 2048;
    const count = mostPicturesReadWhole / side ** 2 + 4;
    // In the order of names, class 0 has the even ones: 00, 02, 04, …
    const used = [0, 2, 4, count - 1];
    for (let i = 0; i < count; i++) {
      const path = folder.put(`large/${i % 2}/${String(i).padStart(2, '0')}.png`, grey(side, side, i));
      // Whoever looks at the others finds no picture.
      if (!used.includes(i)) truncateSync(path, 20);
    }
    const path = join(folder.path, 'large');
    const parts = { take: 2, validation: 1, test: 1, shuffleSeed: null };
    const request = datasetOf('images', { folder: path });
    const data = await loadData(request, parts, { provided: null, cache: folder.path });
    const levels = ({ part, indices }: typeof data.train) => [...indices].map((i) => inMemory(part)[i * side ** 2]);
    expect([levels(data.train), levels(data.validation), levels(data.test)]).toEqual([[0, 2], [4], [count - 1]]);
    expect(data.dataset.train.labels).toEqual(Uint8Array.of(0, 0, 0, 1));
    expect(data.isWhole).toBe(false);
    expect(describeImages(path, asIs, parts)).toMatchObject({ count, shape: [1, side, side], classes: 2 });
    expect((await errorOf(() => describeImages(path, asIs, ALL))).reason).toBe('truncated');
    const shrunk = await loadImages({ examples: path, testExamples: null, size: [8, 8] }, parts);
    expect([shrunk.isWhole, inMemory(shrunk.dataset.train).length]).toEqual([false, 4 * 8 * 8]);
  });

  it('damaged ones are all named, by a look before training as by reading them, and a long list is cut', async () => {
    const data = Uint8Array.from({ length: 1600 }, (_, i) => (i * 7919) % 251);
    const whole = Buffer.from(encode({ width: 40, height: 40, channels: 1, data }));
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(300) ^ 4, 300);
    folder.put('damaged/a/0_empty.png', '');
    folder.put('damaged/a/1_flipped.png', flipped);
    folder.put('damaged/a/2_whole.png', whole);
    folder.put('damaged/b/3_cut.png', whole.subarray(0, 300));
    folder.put('damaged/b/4_middle.png', Buffer.concat([whole.subarray(0, 300), whole.subarray(-12)]));
    folder.put('damaged/b/5_text.png', 'not a picture');
    const path = join(folder.path, 'damaged');
    const seen = (await errorOf(() => describeImages(path, asIs, ALL))).message;
    expect(seen).toContain(": 5 of 6 pictures can't be read: a/0_empty.png is an empty file; a/1_flipped.png, ");
    expect(seen).toMatch(
      /a\/1_flipped.png, b\/3_cut.png, b\/4_middle.png is damaged: it is cut off.*b\/5_text.png is no picture/,
    );
    expect((await errorOf(() => loaded('damaged'))).message).toBe(seen);
    for (const name of ['a/0_empty.png', 'b/5_text.png']) rmSync(join(path, name));
    expect((await errorOf(() => loaded('damaged'))).message).toMatch(/3 of 4 .*1_flipped.*3_cut.*4_middle/);
    for (let i = 0; i < 12; i++) folder.put(`damaged/c/${i}.png`, flipped);
    const many = (await errorOf(() => describeImages(path, asIs, ALL))).message;
    expect([many, many.match(/\.png/g)?.length]).toEqual([expect.stringMatching(/15 of 16 pictures .*; …$/), 10]);
  });

  it('a photograph that is cut off is named, though the small picture in its head has an end', async () => {
    const [{ content = '' } = {}] = PICTURES.jpeg;
    const small = Buffer.from(content, 'base64');
    const head = Buffer.alloc(4 + 6);
    head.writeUInt16BE(0xffe1, 0);
    head.writeUInt16BE(2 + 6 + small.length, 2);
    head.write('Exif', 4);
    const photograph = Buffer.concat([small.subarray(0, 2), head, small, small.subarray(2)]);
    const behind = folder.put('photographs/behind.jpg', Buffer.concat([photograph, Buffer.from('more')]));
    expect(() => checkPicture(behind, asIs)).not.toThrow();
    const cut = folder.put('photographs/cut.jpg', photograph.subarray(0, -30));
    expect((await errorOf(() => checkPicture(cut, asIs))).reason).toBe('truncated');
  });

  it('an empty folder of a class, and a class in a class, are named', async () => {
    mkdirSync(join(folder.path, 'empty/a'), { recursive: true });
    expect((await errorOf(() => loaded('empty'))).message).toContain('has no images');
    folder.put('deeper/a/b/c.png', grey(1, 1));
    expect((await errorOf(() => loaded('deeper'))).message).toContain('a folder in that of a class');
  });

  it('folders of parts are not taken for classes', async () => {
    for (const name of ['parts/Train/a.png', 'parts/test/a.png', 'vehicles/train/a.png', 'vehicles/car/a.png']) {
      folder.put(name, grey(1, 1));
    }
    const { message, hint } = await errorOf(() => loaded('parts'));
    expect(message).toContain('has folders of parts (Train, test), and not of classes');
    expect(hint).toContain('test_folder=');
    expect((await loaded('vehicles')).classNames).toEqual(['car', 'train']);
  });
});

const ALL = { take: null, validation: 0, test: null, shuffleSeed: null };
