import { expect, it } from 'vitest';
import { portionSize } from '../../src/trial/chunks.js';

it.each([1, 64, 784, 12_288, 67_107, 67_108, 67_109, 150_528, 2 ** 24, 2 ** 25, 2 ** 30])(
  'examples of %i values are taken four, eight … at a time, as many as a quarter of a gibibyte holds',
  (values) => {
    const most = 2 ** 28 / Float32Array.BYTES_PER_ELEMENT;
    const count = portionSize(values);
    expect(count % 4).toBe(0);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(1000);
    if (count > 4) expect(count * values).toBeLessThanOrEqual(most);
    if (count < 1000) expect((count + 4) * values).toBeGreaterThan(most);
  },
);
