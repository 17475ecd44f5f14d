import { expect, test } from 'vitest';
import { drawFilters } from '../../../src/runtime/figures/filters.js';
import { affordableUnits, drawReceptiveFields } from '../../../src/runtime/figures/receptive_fields.js';

const shape = [1, 2, 2];
/** Two units that see four pixels. */
const lowest = { kind: 'weighted' as const, weights: [1, 0, 0, 2, 0, 3, 1, 0], units: 2 };

test('the fields of the lowest layer are its filters', async () => {
  const filters = await drawFilters({ weights: lowest.weights, units: 2, shape });
  expect(await drawReceptiveFields({ layers: [lowest], shape })).toEqual(filters);
});

test('those of a deeper one are the filters below, added up with its weights', async () => {
  const middle = { kind: 'weighted' as const, weights: [1, 1, 2, -1, 0, 3], units: 3 };
  const top = { kind: 'weighted' as const, weights: [1, 0, 1], units: 1 };
  // By hand: rows of middle times lowest, then the first plus the third.
  const ofMiddle = [1, 3, 1, 2, 2, -3, -1, 4, 0, 9, 3, 0];
  const ofTop = [1, 12, 4, 2];
  const drawn = (layers: (typeof top)[]) => drawReceptiveFields({ layers, shape });
  expect(await drawn([lowest, middle])).toEqual(await drawFilters({ weights: ofMiddle, units: 3, shape }));
  expect(await drawn([lowest, middle, top])).toEqual(await drawFilters({ weights: ofTop, units: 1, shape }));
});

test('a convolution above a pool above a convolution adds up the kernels where its middle unit sees them', async () => {
  const image = [1, 5, 5];
  const first = {
    kind: 'convolution' as const,
    input: image,
    output: [1, 4, 4],
    kernel: [2, 2] as const,
    stride: [1, 1] as const,
    padding: [0, 0] as const,
    weights: [1, 2, 3, 4],
  };
  const pool = {
    kind: 'pool' as const,
    input: [1, 4, 4],
    output: [1, 2, 2],
    kernel: [2, 2] as const,
    stride: [2, 2] as const,
    padding: [0, 0] as const,
  };
  // Its middle unit of one map, row 1 and column 1, sees the last pool alone.
  const second = {
    kind: 'convolution' as const,
    input: [1, 2, 2],
    output: [1, 2, 2],
    kernel: [1, 1] as const,
    stride: [1, 1] as const,
    padding: [0, 0] as const,
    weights: [4],
  };
  // By hand: the mean of the kernel at four places, times 4: the kernel added up over its shifts.
  const field = [...[0, 0, 0, 0, 0], ...[0, 0, 0, 0, 0], ...[0, 0, 1, 3, 2], ...[0, 0, 4, 10, 6], ...[0, 0, 3, 7, 4]];
  const drawn = await drawReceptiveFields({ layers: [first, pool, second], shape: image });
  expect(drawn).toEqual(await drawFilters({ weights: field, units: 1, shape: image }));
});

test('a convolution in groups with its taps apart sees its own channels, and no pixel in between', async () => {
  const shape = [2, 3, 3];
  const grouped = {
    kind: 'convolution' as const,
    input: shape,
    output: [2, 1, 1],
    kernel: [2, 2] as const,
    stride: [1, 1] as const,
    padding: [0, 0] as const,
    dilation: [2, 2] as const,
    groups: 2,
    weights: [1, 2, 3, 4, 5, 6, 7, 8],
  };
  const nothing = Array<number>(9).fill(0);
  const fields = [...[1, 0, 2, 0, 0, 0, 3, 0, 4], ...nothing, ...nothing, ...[5, 0, 6, 0, 0, 0, 7, 0, 8]];
  expect(await drawReceptiveFields({ layers: [grouped], shape })).toEqual(
    await drawFilters({ weights: fields, units: 2, shape }),
  );
});

test('layers that do not fit are refused', async () => {
  const tooWide = { kind: 'weighted' as const, weights: [1, 2, 3], units: 1 };
  await expect(drawReceptiveFields({ layers: [lowest, tooWide], shape })).rejects.toThrow(RangeError);
  await expect(drawReceptiveFields({ layers: [], shape })).rejects.toThrow(RangeError);
});

test('of large layers as many units are drawn as the time allows, of all sizes before all of them', () => {
  const layer = (units: number, inputs: number) => ({
    kind: 'weighted' as const,
    weights: { length: units * inputs },
    units,
  });
  expect(affordableUnits([layer(1000, 784), layer(500, 1000), layer(250, 500)], [1, 28, 28])).toBe(4096);
  expect(affordableUnits([layer(4096, 12_288), layer(4096, 4096)], [3, 64, 64])).toBe(397);
  expect(affordableUnits([layer(50_000, 150_528), layer(10, 50_000)], [3, 224, 224])).toBe(2);
});
