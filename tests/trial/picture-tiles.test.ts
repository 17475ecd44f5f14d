import { decode, encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { drawFilters } from '../../src/runtime/figures/filters.js';
import { drawReconstructions } from '../../src/runtime/figures/reconstructions.js';
import { drawSamples } from '../../src/runtime/figures/samples.js';
import { tilesOf } from '../../src/trial/picture-tiles.js';
import { shrunk } from '../../src/trial/shrunk-picture.js';
import { builtinWords } from '../../src/words/words.js';

/** Numbers in [0, 1] of no pattern, with none of them the white or black of the paper. */
function images(count: number, size: number): Float32Array {
  return Float32Array.from({ length: count * size }, (_, i) => 0.1 + 0.8 * ((i * 0.6180339887) % 1));
}

function levels(values: ArrayLike<number>): readonly number[] {
  return Array.from(values, (value) => Math.round(value * 255));
}

/** The first channel of a group, which is grey. */
function grey(group: Uint8Array | undefined): readonly number[] {
  return Array.from(group ?? []).filter((_, i) => i % 3 === 0);
}

describe('the tiles of a figure', () => {
  it.each([1, 5, 16, 21])('of %d reconstructions are the images, each over its output', async (count) => {
    const [inputs, outputs] = [images(count, 49), images(count, 49).reverse()];
    const rows = [
      { label: 'input', images: inputs },
      { label: 'output', images: outputs },
    ];
    const png = await drawReconstructions({ rows, count, shape: [1, 7, 7] });
    const tiles = tilesOf(`reconstructions(${count})`, decode(png), builtinWords);
    expect(tiles).toMatchObject({ width: 7, height: 7, rows: 2 });
    expect(tiles?.groups).toHaveLength(count);
    for (let i = 0; i < count; i++) {
      const of = (all: Float32Array) => levels(all.subarray(i * 49, (i + 1) * 49));
      expect(grey(tiles?.groups[i])).toEqual([...of(inputs), ...of(outputs)]);
    }
  });

  it('of filters and of samples are one for each', async () => {
    const filters = await drawFilters({ weights: images(21, 12), units: 21, shape: [1, 3, 4] });
    expect(tilesOf('filters(code)', decode(filters), builtinWords)).toMatchObject({ width: 4, height: 3, rows: 1 });
    expect(tilesOf('filters(code)', decode(filters), builtinWords)?.groups).toHaveLength(21);
    const samples = await drawSamples({ images: images(10, 12), count: 10, shape: [1, 3, 4] });
    const tiles = tilesOf('samples(10)', decode(samples), builtinWords);
    expect(tiles?.groups.map(grey)).toEqual(
      Array.from({ length: 10 }, (_, i) => levels(images(10, 12).subarray(i * 12, (i + 1) * 12))),
    );
  });

  it('cannot be told from paper of their own colour: then the figure is one picture', async () => {
    const blank = new Float32Array(4 * 9).fill(1);
    const rows = [{ label: 'input', images: blank }];
    const png = await drawReconstructions({ rows, count: 4, shape: [1, 3, 3] });
    expect(tilesOf('reconstructions(4)', decode(png), builtinWords)).toBeNull();
    expect(shrunk({ name: 'reconstructions(4)', png }, builtinWords).tiles).toBeNull();
    expect(tilesOf('loss_curves()', decode(png), builtinWords)).toBeNull();
  });

  it('are packed side by side, the first 64 of them, large ones shrunk', async () => {
    const filters = await drawFilters({ weights: images(100, 100), units: 100, shape: [1, 10, 10] });
    const sheet = shrunk({ name: 'filters(code)', png: filters }, builtinWords);
    expect(sheet.tiles).toEqual({ count: 64, columns: 8, width: 10, height: 10, rows: 1 });
    expect([sheet.width, sheet.height]).toEqual([87, 87]);
    const large = await drawFilters({ weights: images(4, 64 * 64), units: 4, shape: [1, 64, 64] });
    expect(shrunk({ name: 'filters(code)', png: large }, builtinWords).tiles).toMatchObject({
      count: 4,
      width: 32,
      height: 32,
    });
  });

  it('that has none is shrunk whole, to the means of its blocks', () => {
    const [width, height] = [650, 7];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 251);
    const png = encode({ width, height, channels: 3, data });
    const small = shrunk({ name: 'loss_curves()', png }, builtinWords);
    expect(small).toMatchObject({ width: 216, height: 2, tiles: null });
    const mean = (x: number, y: number, channel: number) => {
      const block = [0, 1, 2].flatMap((dy) => [0, 1, 2].map((dx) => ((3 * y + dy) * width + 3 * x + dx) * 3 + channel));
      return Math.round(block.reduce((sum, at) => sum + (data[at] ?? 0), 0) / 9);
    };
    const expected = Array.from(small.rgb, (_, i) => mean(Math.floor(i / 3) % 216, Math.floor(i / 648), i % 3));
    expect(Array.from(small.rgb)).toEqual(expected);
  });
});
