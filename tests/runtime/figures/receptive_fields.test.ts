import { expect, test } from 'vitest';
import { drawFilters } from '../../../src/runtime/figures/filters.js';
import { drawReceptiveFields } from '../../../src/runtime/figures/receptive_fields.js';

const shape = [1, 2, 2];
/** Two units that see four pixels. */
const lowest = { weights: [1, 0, 0, 2, 0, 3, 1, 0], units: 2 };

test('the fields of the lowest layer are its filters', async () => {
  const filters = await drawFilters({ weights: lowest.weights, units: 2, shape });
  expect(await drawReceptiveFields({ layers: [lowest], shape })).toEqual(filters);
});

test('those of a deeper one are the filters below, added up with its weights', async () => {
  const middle = { weights: [1, 1, 2, -1, 0, 3], units: 3 };
  const top = { weights: [1, 0, 1], units: 1 };
  // By hand: rows of middle times lowest, then the first plus the third.
  const ofMiddle = [1, 3, 1, 2, 2, -3, -1, 4, 0, 9, 3, 0];
  const ofTop = [1, 12, 4, 2];
  const drawn = (layers: (typeof top)[]) => drawReceptiveFields({ layers, shape });
  expect(await drawn([lowest, middle])).toEqual(await drawFilters({ weights: ofMiddle, units: 3, shape }));
  expect(await drawn([lowest, middle, top])).toEqual(await drawFilters({ weights: ofTop, units: 1, shape }));
});

test('layers that do not fit are refused', async () => {
  const tooWide = { weights: [1, 2, 3], units: 1 };
  await expect(drawReceptiveFields({ layers: [lowest, tooWide], shape })).rejects.toThrow(RangeError);
  await expect(drawReceptiveFields({ layers: [], shape })).rejects.toThrow(RangeError);
});
