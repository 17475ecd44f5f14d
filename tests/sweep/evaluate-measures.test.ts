import { expect, it } from 'vitest';
import { openStore } from '../../src/runtime/store/store.js';
import { evaluateRun } from '../../src/sweep/evaluate-run.js';
import { run } from '../../src/sweep/run.js';
import { builtinWords } from '../../src/words/words.js';
import { inResults } from './sweep-places.js';

const text = `experiment base {
  param size = 4
  data digits(take=40, validation=20, test=20) { center_crop(12) }
  encoder { code: dense(size) }
  decoder { dense(144, activation=sigmoid) }
  loss bce()
  train adam(lr=0.01) { epochs = 2  batch = 20 }
  evaluate { psnr() }
}
experiment small extends base {
  param size = 2
}`;

it('measures that are typed are taken of a stored run, beside its own', async () => {
  await inResults(async (store) => {
    const trained = await run({ source: { path: 'small.ae', text }, experiment: 'small', backend: 'cpu', store });
    trained.model?.dispose();
    const id = trained.runId ?? '';
    const again = async (measures: string) => {
      const finished = await evaluateRun({ library: builtinWords, store, run: id, as: { measures } });
      finished.model?.dispose();
      return finished;
    };
    const before = trained.metrics ?? {};
    expect(before).not.toHaveProperty('test.knn');
    await again('knn(k=3)  linear_probe()');
    const results = await openStore(store, { mode: 'read' });
    const [stored, found] = [results.findRun(id), results.readFinal(id)];
    results.close();
    expect(found).toMatchObject({
      'test.knn': expect.any(Number),
      'test.linear_probe': expect.any(Number),
      'test.psnr': before['test.psnr'],
      'test.loss': before['test.loss'],
    });
    expect(stored).toMatchObject({ identity: expect.any(String), status: 'complete' });

    await expect(again('nn()')).rejects.toMatchObject({ diagnostics: [{ code: 'AE201' }] });
    await expect(again('knn(part=validation)')).rejects.toThrow('while a run trains');
    await expect(again('knn() } train adam() { epochs = 1 ')).rejects.toThrow('is more than measures');
  });
});
