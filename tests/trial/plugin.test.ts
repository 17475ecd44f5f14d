import { expect, it } from 'vitest';
import { builtinWords, ExperimentError, extendLibrary, interval, type Loss, parameter, run } from '../../src/index.js';

// A loss as a package of its own would bring it along: everything comes from the public entry.

const parameters = {
  scale: parameter.real({
    doc: 'Multiplies the difference before it is raised.',
    default: 1,
    range: interval.open(0, Number.POSITIVE_INFINITY),
  }),
};

const quartic: Loss<typeof parameters> = {
  family: 'loss',
  name: 'quartic',
  version: 1,
  doc: 'The fourth power of the error, `(scale (y - t))⁴`, averaged over all elements.',
  parameters,
  example: 'loss quartic()',
  mistake: { text: 'loss quartic(scale=0)', code: 'AE306' },
  oracle: 'test:tests/trial/plugin.test.ts',
  role: 'reconstruction',
  weight: null,
  check: () => [],
  sumsOverExamples: () => false,
  lower: ({ mean, mul, square, squaredDifference }) => ({
    value: ({ scale }, { prediction, target }) =>
      mean(square(mul(squaredDifference(prediction, target), scale * scale))),
  }),
  pytorch: null,
};

const library = extendLibrary(builtinWords, { loss: [quartic] });

const text = `experiment own {
  data digits(take=64, test=32) { center_crop(12) }
  encoder { code: dense(8, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss quartic(scale=2) + 0.001 * l2(on=code)
  train adam(lr=0.02) { epochs = 5  batch = 16 }
}`;
const source = { path: 'own.ae', text };

it('a loss from outside the package trains like one of its own', async () => {
  const losses: number[] = [];
  const trained = await run({
    source,
    library,
    backend: 'cpu',
    store: null,
    listener: (event) => {
      if (event.event === 'epoch') losses.push(event.metrics['train.loss.quartic'] ?? Number.NaN);
    },
  });
  expect(trained.status).toBe('complete');
  expect(losses).toHaveLength(5);
  expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] ?? 0));
  expect(trained.metrics['test.loss.quartic']).toBeGreaterThan(0);
  const { 'test.loss': loss = 0, 'test.loss.quartic': own = 0, 'test.loss.l2': penalty = 0 } = trained.metrics;
  expect(loss).toBeCloseTo(own + 0.001 * penalty, 6);
  trained.model?.dispose();
});

it('its arguments are checked by what it declares', async () => {
  const wrong = { ...source, text: text.replace('scale=2', 'scale=0') };
  const attempt = run({ source: wrong, library, backend: 'cpu', store: null });
  await expect(attempt).rejects.toThrow(ExperimentError);
  await expect(attempt).rejects.toMatchObject({ diagnostics: [{ code: 'AE306' }] });
});

it('without it in the library the word is not known', async () => {
  const attempt = run({ source, backend: 'cpu', store: null });
  await expect(attempt).rejects.toThrow(/quartic/);
});
