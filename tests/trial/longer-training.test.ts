import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resumeRun } from '../../src/sweep/resume.js';
import { run } from '../../src/sweep/run.js';
import { builtinWords } from '../../src/words/words.js';

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

describe('a training measured in updates', () => {
  const source = (length: string) => ({
    path: 'small.ae',
    text: `experiment small {
      data digits(take=64, validation=16, test=16) { center_crop(8) }
      encoder { condition(label)  h: dense(8)  residual { dense(8)  batch_norm()  tanh() }  s: dense(8)  share(s)  code: dense(4) }
      decoder { dense(input.size) }
      loss mse()
      train adam(lr=0.1) { ${length}  batch = 16 }
    }`,
  });
  const results = async ({ model, ...result }: Awaited<ReturnType<typeof run>>) => {
    model?.dispose();
    return result;
  };

  it('goes on to more of them, or to epochs, from the end of an epoch, and not from within one', async () => {
    const store = join(folder, 'steps.db');
    const train = async (length: string, from: string | null = null) =>
      results(await run({ source: source(length), backend: 'cpu', store, from }));
    const { runId } = await train('steps = 8');
    for (const length of ['steps = 14', 'epochs = 3']) {
      const longer = await train(length, runId);
      const whole = await results(await run({ source: source(length), backend: 'cpu', store: null }));
      expect([longer.weightsSha256, longer.metrics]).toEqual([whole.weightsSha256, whole.metrics]);
    }
    await expect(train('steps = 20', 'r2')).rejects.toThrow(/r2: it ended within an epoch, with an evaluation/);
  });

  it('is resumed within its last epoch to the bits of one that was never interrupted', async () => {
    const store = join(folder, 'resumed.db');
    const stop = new AbortController();
    let epochs = 0;
    const part = await results(
      await run({
        ...{ source: source('steps = 10'), backend: 'cpu', store, signal: stop.signal },
        listener: ({ event }) => event === 'epoch' && ++epochs === 2 && stop.abort(),
      }),
    );
    expect(part.status).toBe('interrupted');
    const whole = await results(await run({ source: source('steps = 10'), backend: 'cpu', store: null }));
    const resumed = await results(await resumeRun({ library: builtinWords, store, run: 'r1' }));
    expect([resumed.weightsSha256, resumed.metrics]).toEqual([whole.weightsSha256, whole.metrics]);
  });
});
