import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { type ImageFolders, loadImages } from '../../../src/runtime/datasets/picture-dataset.js';
import { describeFile } from './given-words.js';
import { scratchFolder } from './scratch-folder.js';
import { errorOf } from './thrown.js';

const folder = scratchFolder();
const place = (name: string): string => join(folder.path, name);

type Png = Parameters<typeof encode>[0];

const loaded = async (name: string, folders: Partial<ImageFolders> = {}) =>
  (await loadImages({ examples: place(name), testExamples: null, ...folders })).dataset;

const grey = (...data: number[]): Png => ({
  width: 2,
  height: data.length / 2,
  data: Uint8Array.from(data),
  channels: 1,
});
const png = (name: string, image: Png): string => folder.put(name, encode(image));

describe('images', () => {
  it('lie in the order of their names, grey ones with one channel', async () => {
    png('grey/b.png', grey(5, 6, 7, 8));
    png('grey/A.PNG', grey(1, 2, 3, 4));
    png('grey/a10.png', grey(9, 10, 11, 12));
    folder.put('grey/.DS_Store', 'not an image');
    const dataset = await loaded('grey');
    expect(dataset).toMatchObject({ name: 'images', shape: [1, 2, 2], classes: null });
    expect(dataset.train.values).toEqual(Uint8Array.of(1, 2, 3, 4, 9, 10, 11, 12, 5, 6, 7, 8));
  });

  it('coloured ones have three channels, one after the other; an opaque alpha channel is left out', async () => {
    png('rgb/a.png', { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
    png('rgb/b.png', { width: 2, height: 1, channels: 4, data: Uint8Array.of(7, 8, 9, 255, 10, 11, 12, 255) });
    const dataset = await loaded('rgb');
    expect(dataset.shape).toEqual([3, 1, 2]);
    expect(dataset.train.values).toEqual(Uint8Array.of(1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12));
  });

  it('folders are the classes, in the order of their names', async () => {
    png('classes/dog/1.png', grey(1, 1));
    png('classes/cat/2.png', grey(2, 2));
    png('classes/dog/0.png', grey(3, 3));
    png('tested/dog/0.png', grey(4, 4));
    png('strange/eel/0.png', grey(4, 4));
    const dataset = await loaded('classes', { testExamples: place('tested') });
    expect(dataset.train.values).toEqual(Uint8Array.of(2, 2, 3, 3, 1, 1));
    expect(dataset.train.labels).toEqual(Uint8Array.of(0, 1, 1));
    expect(dataset.test?.labels).toEqual(Uint8Array.of(1));
    const strange = await loaded('classes', { testExamples: place('strange') });
    expect(strange.test?.labels).toEqual(Uint8Array.of(2));
    expect(strange.classNames).toEqual(['cat', 'dog', 'eel']);
    expect(describeFile({ format: 'images', path: place('classes') })).toEqual({
      ok: true,
      value: {
        shape: [1, 1, 2],
        count: 3,
        classes: 2,
        classPlaces: { names: ['cat', 'dog'], first: [0, 1], last: [0, 2] },
        range: { low: 0, high: 1, lowOpen: false, highOpen: false },
        contents: { numbers: 'bytes', columns: null, classNames: ['cat', 'dog'], featureRanges: null },
      },
    });
  });

  it('grey levels of one bit are black and white, every row from a new byte', async () => {
    // 101 and 010: libpng packs pixels from the high bit on (PNG specification, 7.2).
    png('bits/a.png', { width: 3, height: 2, depth: 1, channels: 1, data: Uint8Array.of(0b10100000, 0b01000000) });
    expect((await loaded('bits')).train.values).toEqual(Uint8Array.of(255, 0, 255, 0, 255, 0));
  });

  it.each([
    [
      'wrong_value',
      'the pixel in row 0, column 1 is transparent',
      () => png('f1/a.png', { width: 2, height: 1, channels: 2, data: Uint8Array.of(1, 255, 1, 254) }),
    ],
    ['wrong_format', 'is a GIF picture, whatever its name', () => folder.put('f3/a.png', 'GIF89a and so on')],
    [
      'wrong_format',
      'is damaged',
      () =>
        folder.put(
          'f4/a.png',
          encode(grey(1, 2, 3, 4)).map((byte, i) => (i === 45 ? byte ^ 1 : byte)),
        ),
    ],
    ['wrong_format', 'is damaged', () => folder.put('f5/a.png', encode(grey(1, 2, 3, 4)).subarray(0, 50))],
    ['truncated', 'header', () => folder.put('f6/a.png', encode(grey(1, 2, 3, 4)).subarray(0, 20))],
    ['wrong_format', 'notes.txt: is no PNG or JPEG file', () => folder.put('f7/notes.txt', 'x')],
    [
      'mismatch',
      'a grey image of 2×2, and',
      () => [png('f8/a.png', grey(1, 2)), png('f8/b.png', grey(1, 2, 3, 4))].join(),
    ],
    [
      'wrong_shape',
      'has both files (a.png) and folders (dog)',
      () => [png('f9/a.png', grey(1, 2)), png('f9/dog/b.png', grey(1, 2))].join(),
    ],
    [
      'wrong_shape',
      'has both files (b.bmp)',
      () => [folder.put('f10/b.bmp', 'x'), png('f10/dog/b.png', grey(1, 2))].join(),
    ],
    [
      'wrong_format',
      'b.bmp',
      () => [folder.put('f11/b.bmp', 'x'), folder.put('f11/a.txt', 'x'), png('f11/b.png', grey(1, 2))].join(),
    ],
    ['not_found', 'no such folder', () => ''],
  ])('%s: %s', async (reason, message, put) => {
    const name = /[\\/](f\d+)[\\/]/.exec(put())?.[1] ?? 'nowhere';
    const error = await errorOf(() => loaded(name));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(message);
  });
});
