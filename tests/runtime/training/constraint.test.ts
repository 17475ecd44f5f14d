import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { train } from './trial.js';

beforeAll(async () => {
  await chooseBackend('simd');
});

/** The code's weight after some epochs, a row for each unit. */
async function rowsAfter(constraint: string, epochs = 2): Promise<readonly (readonly number[])[]> {
  const { weights } = await train(`data digits(take=48, validation=16, test=16) { center_crop(10) }
    encoder { code: dense(6, constraint=${constraint}, activation=relu) }
    decoder tied(encoder, output=sigmoid)
    train adam(lr=0.05) { epochs = ${epochs}  batch = 16 }`);
  const values = [...(weights.find(({ key }) => key === 'encoder/0/weight')?.values ?? [])];
  return Array.from({ length: 6 }, (_, unit) => values.slice(unit * 100, (unit + 1) * 100));
}

const norms = (rows: readonly (readonly number[])[]) => rows.map((row) => Math.hypot(...row));

describe('a constraint holds after each update, for each unit by itself', () => {
  it('unit_norm', async () => {
    for (const norm of norms(await rowsAfter('unit_norm'))) expect(norm).toBeCloseTo(1, 6);
  });

  it('max_norm', async () => {
    const free = norms(await rowsAfter('max_norm(100)'));
    const bound = norms(await rowsAfter('max_norm(0.9)'));
    expect(Math.max(...free)).toBeGreaterThan(1);
    for (const norm of bound) expect(norm).toBeLessThanOrEqual(0.9 + 1e-6);
    expect(Math.min(...bound)).toBeLessThan(0.9);
  });

  it('soft_frozen, and where the start is still is as the training goes on', async () => {
    const angle = (row: readonly number[], start: readonly number[]) =>
      row.reduce((sum, x, i) => sum + x * (start[i] ?? 0), 0) / (Math.hypot(...row) * Math.hypot(...start));
    const start = await rowsAfter('soft_frozen(1)');
    const [bound, free] = [await rowsAfter('soft_frozen(0.95)', 6), await rowsAfter('soft_frozen(0)', 6)];
    for (const [i, norm] of norms(bound).entries()) expect(norm).toBeCloseTo(Math.hypot(...(start[i] ?? [])), 5);
    const cosines = bound.map((row, i) => angle(row, start[i] ?? []));
    expect(Math.min(...cosines)).toBeCloseTo(0.95, 5);
    expect(Math.min(...free.map((row, i) => angle(row, start[i] ?? [])))).toBeLessThan(0.9);
  });

  it('non_negative', async () => {
    const values = (await rowsAfter('non_negative')).flat();
    expect(Math.min(...values)).toBe(0);
    expect(Math.max(...values)).toBeGreaterThan(0);
  });
});
