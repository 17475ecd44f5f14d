import { describe, expect, it, vi } from 'vitest';
import type { Evaluating, JournalEvent } from '../../src/runtime/events.js';
import { ExperimentError, run } from '../../src/sweep/run.js';
import { Model } from '../../src/trial/model.js';
import { deep, runOf, variational } from './picture-runs.js';

describe('evaluate', () => {
  it('gives metrics of the test part like any other', async () => {
    const events: JournalEvent[] = [];
    const finished = await runOf(
      `${deep}
      evaluate { linear_probe()  knn(k=3)  pca()  psnr()  ssim()  denoising(salt(0.3))  denoising(salt(0)) linear_probe(on=h1, train=50) }`,
      (event) => events.push(event),
    );
    finished.model?.dispose();
    const { metrics } = finished;
    const names = Object.keys(metrics).filter((name) => name.startsWith('test.'));
    expect(names).toEqual([
      ...['test.loss', 'test.loss.mse', 'test.mse', 'test.sse'],
      ...['test.linear_probe', 'test.knn', 'test.pca', 'test.psnr', 'test.ssim'],
      ...['mse', 'sse', 'input_mse', 'input_sse'].map((name) => `test.denoising.${name}`),
      ...['mse', 'sse', 'input_mse', 'input_sse'].map((name) => `test.denoising_2.${name}`),
      'test.linear_probe_2',
    ]);
    for (const name of ['test.linear_probe', 'test.knn']) {
      expect(metrics[name]).toBeGreaterThanOrEqual(0);
      expect(metrics[name]).toBeLessThanOrEqual(1);
    }
    // Without noise there is nothing to remove, and the error is that of the test.
    expect(metrics['test.denoising_2.input_sse']).toBe(0);
    expect(metrics['test.denoising_2.sse']).toBeCloseTo(metrics['test.sse'] ?? Number.NaN, 4);
    expect(metrics['test.denoising.input_mse']).toBeGreaterThan(0.1);
    expect(metrics['test.denoising.input_sse']).toBeCloseTo(144 * (metrics['test.denoising.input_mse'] ?? 0), 9);
    const tested = events.filter((event) => event.event === 'evaluation' && event.part === 'test');
    expect(tested).toHaveLength(1);
    expect(tested[0]).toMatchObject({ metrics: { 'test.knn': metrics['test.knn'], 'test.sse': metrics['test.sse'] } });
  });

  it('rebuilds the test part once for all that measure how, and once for each damage', async () => {
    const rebuilding = vi.spyOn(Model.prototype, 'reconstructScaled');
    const words = 'psnr()  ssim()  denoising(salt(0.3))  psnr()  denoising(pepper(0.3))  denoising(salt(0.3))';
    const finished = await runOf(`${deep} evaluate { ${words} }`);
    finished.model?.dispose();
    expect(rebuilding).toHaveBeenCalledTimes(3);
    rebuilding.mockRestore();
    expect(finished.metrics['test.psnr_2']).toBe(finished.metrics['test.psnr']);
    expect(finished.metrics['test.denoising_3.sse']).toBe(finished.metrics['test.denoising.sse']);
    expect(finished.metrics['test.denoising_2.sse']).not.toBe(finished.metrics['test.denoising.sse']);
  });

  it('moves no number of the training', async () => {
    const [plain, measured] = [await runOf(variational), await runOf(`${variational} evaluate { knn()  pca() }`)];
    plain.model?.dispose();
    measured.model?.dispose();
    expect(measured.weightsSha256).toBe(plain.weightsSha256);
    expect(measured.metrics).toMatchObject(plain.metrics);
  });

  it('refuses more training examples than there are', async () => {
    await expect(runOf(`${deep} evaluate { linear_probe(train=121) }`)).rejects.toThrow(ExperimentError);
    await expect(runOf(`${deep} evaluate { knn(k=11, train=10) }`)).rejects.toThrow(/AE306/);
  });

  it.each(['knn', 'linear_probe', 'pca'])('ends %s itself, not only what comes after it', async (word) => {
    const events: Evaluating[] = [];
    const ending = new AbortController();
    // Every look at the clock is a turn and a report.
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1001));
    const ended = await run({
      source: {
        path: 'small.ae',
        text: `experiment e { data digits(take=120, test=60) ${deep} evaluate { ssim() ${word}() psnr() } }`,
      },
      backend: 'cpu',
      maxSteps: 20,
      signal: ending.signal,
      listener(event) {
        if (event.event !== 'evaluating') return;
        events.push(event);
        if (event.share > 0 && event.names[0] === word) ending.abort();
      },
    });
    clock.mockRestore();
    ended.model?.dispose();
    expect(ended).toMatchObject({ status: 'complete', evaluation: 'pending', failures: [] });
    expect(ended.metrics).toHaveProperty(['test.ssim']);
    expect(ended.metrics).not.toHaveProperty([`test.${word}`]);
    expect(events[0]).toEqual({ event: 'evaluating', trial: 0, names: ['ssim', 'psnr'], done: 0, of: 3, share: 0 });
    const last = events.at(-1);
    expect(last).toMatchObject({ names: [word], done: 2, of: 3 });
    expect(last?.share).toBeLessThan(1);
  });
});
