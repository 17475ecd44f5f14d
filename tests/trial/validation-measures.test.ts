import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { fileWorld } from '../../src/project/world.js';
import { split } from '../../src/runtime/datasets/split.js';
import { planSweep } from '../../src/sweep/plan/sweep-plan.js';
import { run } from '../../src/sweep/run.js';
import { loadExamples } from '../../src/trial/data.js';
import { builtinWords } from '../../src/words/words.js';

const text = (measures: string, settings = '', data = '') => `experiment e {
  param rate = 0.01
  data digits(take=60, validation=40, test=40${data}) { center_crop(12) }
  encoder { code: dense(4, activation=relu) }
  decoder { dense(144, activation=sigmoid) }
  loss bce()
  train adam(lr=rate) { epochs = 4  batch = 20  ${settings} }
  ${measures}
}`;
const source = (...parts: Parameters<typeof text>) => ({ path: 'e.ae', text: text(...parts) });

async function trained(...parts: Parameters<typeof text>) {
  const validations: (Readonly<Record<string, number>> & { readonly epoch: number })[] = [];
  const finished = await run({
    source: source(...parts),
    backend: 'cpu',
    listener(event) {
      if (event.event !== 'evaluation' || event.part !== 'validation') return;
      validations.push({ ...event.metrics, epoch: event.epoch });
    },
  });
  finished.model?.dispose();
  return { finished, validations };
}

const said = (...parts: Parameters<typeof text>) => {
  const { diagnostics } = compile(source(...parts), null, { library: builtinWords, world: fileWorld() });
  return diagnostics.map(({ code, message }) => `${code} ${message}`).join();
};

describe('measures with part=validation', () => {
  it('are taken whenever the validation part is evaluated, and change nothing of the training', async () => {
    const measures = 'evaluate { knn()  knn(k=1, part=validation)  knn(k=3, part=validation)  psnr(part=validation) }';
    const { finished, validations } = await trained(measures, 'evaluate_every = 2');
    expect(validations.map(({ epoch }) => epoch)).toEqual([2, 4]);
    for (const metrics of validations) {
      expect(Object.keys(metrics)).toEqual(
        expect.arrayContaining(['validation.knn', 'validation.knn_2', 'validation.psnr', 'validation.loss']),
      );
    }
    expect(finished.metrics).toMatchObject({ ...finished.metrics, 'test.knn': expect.any(Number) });
    expect(finished.metrics).not.toHaveProperty('test.knn_2');
    expect(finished.metrics?.['validation.psnr']).toBe(validations.at(-1)?.['validation.psnr']);
    const without = await trained('');
    expect(without.finished.weightsSha256).toBe(finished.weightsSha256);
  });

  it('stop a training by what they measure, larger being better where it is', async () => {
    // The code of a network that learns too fast dies: neighbours get no better.
    const { validations, finished } = await trained(
      'evaluate { knn(part=validation) }',
      'stop = early(patience=1, metric="validation.knn", min_delta=0.9)',
    );
    expect(validations).toHaveLength(2);
    expect(finished.metrics).toHaveProperty('validation.knn');
    const { validations: all } = await trained(
      'evaluate { pca(components=2, part=validation) }',
      'stop = early(patience=4, metric="pca")',
    );
    expect(all).toHaveLength(4);
  });

  it('see what is not trained on, which the loss does not', async () => {
    const measures = 'evaluate { anomaly(part=validation)  anomaly() }';
    const { validations, finished } = await trained(measures, '', ', train_on=[1]');
    expect(validations[0]).toHaveProperty(['validation.anomaly.auroc']);
    expect(finished.metrics).toHaveProperty('test.anomaly.auroc');
    const { value } = compile(source(measures, '', ', train_on=[1]'), null, {
      library: builtinWords,
      world: fileWorld(),
    });
    if (value === null) throw new Error('it compiles');
    const loaded = await loadExamples({ ...value, library: builtinWords }, {});
    const labels = ({ part, indices }: typeof loaded.train) => [...indices].map((i) => part.labels?.[i]);
    expect(new Set(labels(loaded.validation))).toEqual(new Set([1]));
    expect(loaded.validation.indices).toHaveLength(40);
    const seen = labels(loaded.measuredValidation);
    expect(seen.filter((label) => label === 1)).toHaveLength(40);
    expect(seen.length).toBeGreaterThan(250);
    const trainedOn = new Set(loaded.train.indices);
    expect([...loaded.measuredValidation.indices].some((i) => trainedOn.has(i))).toBe(false);
    expect(split(loaded.dataset, loaded.parts).measuredValidation.indices).toEqual(loaded.measuredValidation.indices);
  });

  it.each([
    ['evaluate { knn(part=all) }', '', '', 'AE305 part must be one of test, validation'],
    ['evaluate { knn(part=validation) }', '', ', validation=0', 'AE303'],
    ['evaluate { knn() }', 'stop = early(patience=1, metric="knn")', '', "AE506 there is no metric 'knn'"],
    ['evaluate { knn(part=validation) }', 'stop = early(patience=1, metric="knn")', '', ''],
    ['evaluate { denoising(salt(0.1), part=validation) }', 'stop = early(patience=1, metric="denoising.sse")', '', ''],
  ])('are checked before anything trains: %s %s', (measures, settings, data, expected) => {
    if (expected === '') expect(said(measures, settings, data)).toBe('');
    else expect(said(measures, settings, data)).toContain(expected);
  });

  it('need validation data', () => {
    const none = text('evaluate { knn(part=validation) }').replace('validation=40, ', '');
    const { diagnostics } = compile({ path: 'e.ae', text: none }, null, { library: builtinWords, world: fileWorld() });
    expect(diagnostics).toMatchObject([
      { code: 'AE506', message: expect.stringContaining('measured on the validation part') },
    ]);
  });

  it('are what a sweep may go by, with their own goal', () => {
    const planned = (metric: string) =>
      planSweep({
        library: builtinWords,
        source: source('evaluate { knn(part=validation)  psnr() }'),
        axes: ['rate=0.01,0.02'],
        metric,
        prune: 'median(from=1)',
      });
    expect(planned('validation.knn').value?.objective).toMatchObject({ metric: 'validation.knn', goal: 'max' });
    expect(planned('knn').value?.objective).toMatchObject({ metric: 'validation.knn', goal: 'max' });
    expect(planned('validation.psnr').diagnostics[0]).toMatchObject({ code: 'AE506' });
    expect(planned('validation.loss').value?.objective).toMatchObject({ goal: 'min' });
  });
});
