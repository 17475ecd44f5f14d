import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../src/sweep/run.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-longer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Trains with an l1 term that rises over some epochs. */
async function trained(name: string, over: number, epochs: number, from: string | null = null) {
  const text = `experiment small {
    data digits(take=64, validation=16, test=16) { center_crop(8) }
    encoder { code: dense(4, activation=sigmoid) }
    decoder { dense(input.size, activation=sigmoid) }
    loss mse() + warmup(3, over=${over}) * l1()
    train adam(lr=0.1) { epochs = ${epochs}  batch = 16  keep = best }
  }`;
  const store = join(folder, `${name}.db`);
  const { model, ...result } = await run({ source: { path: 'small.ae', text }, backend: 'cpu', store, from });
  model?.dispose();
  return result;
}

describe('a longer training of a run that kept its best epoch', () => {
  it('is refused where the loss was still changing at its end, so that its epochs were compared by another', async () => {
    const { runId } = await trained('rising', 5, 2);
    await expect(trained('rising', 5, 6, runId)).rejects.toThrow(/a loss that was still changing at its end/);
  });

  it('is that of one that was never ended, where the loss had settled', async () => {
    const { runId } = await trained('settled', 2, 3);
    const longer = await trained('settled', 2, 6, runId);
    const whole = await trained('whole', 2, 6);
    expect(longer.weightsSha256).toBe(whole.weightsSha256);
    expect(longer.metrics).toEqual(whole.metrics);
  });
});
