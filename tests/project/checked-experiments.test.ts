import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ExperimentError, run } from '../../src/sweep/run.js';

// What `check` lets pass trains: experiments put together from words of every family, in places where they may stand, fitting
// or not. AEDSL_FUZZ_RUNS=500 looks further.
const runs = Number(process.env.AEDSL_FUZZ_RUNS ?? 60);

const one = (...words: readonly string[]) => fc.constantFrom(...words);
/** Mostly nothing, so that most of what is drawn fits. */
const perhaps = (words: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: words });

const activation = one(
  'linear',
  'relu',
  'leaky_relu(slope=0.2)',
  'elu',
  'selu',
  'gelu',
  'softplus',
  'sigmoid',
  'tanh',
  'silu',
);
const reconstruction = one('mse', 'mae', 'huber(delta=0.3)', 'bce', 'bce_with_logits', 'bce(reduction=sum)');
const penalty = one(
  'l1',
  'l2',
  'l2(on=h)',
  'kl_sparsity(rho=0.1)',
  'kl_sparsity(rho=0.1, on=h)',
  'contractive(0.1)',
  'contractive(0.1, on=h)',
  'kl_gaussian',
  'kl_gaussian(beta=warmup(1, over=1))',
);
const optimizer = one('sgd(lr=0.01)', 'adam', 'adamw(lr=cosine(0.01))', 'rmsprop(lr=warmup(0.001, over=1))');
const corruption = one('masking(0.3)', 'salt(0.2)', 'pepper(0.2)', 'salt_and_pepper(0.2)', 'gaussian(0.1)');
const transform = one(
  '',
  '',
  'standardize()',
  'normalize(mean=0.2, std=0.4)',
  'binarize()',
  'scale(-1, 1)',
  'min_max()',
);
const size = fc.integer({ min: 1, max: 6 });

const hidden = fc.oneof(
  fc.tuple(size, activation).map(([n, of]) => `h: dense(${n}, activation=${of})`),
  fc
    .tuple(size, activation)
    .map(([n, of]) => `h: conv2d(${n}, kernel=3, stride=2, padding=1, activation=${of}) flatten()`),
  activation.map(
    (of) => `conv2d(2, kernel=3, padding=1) batch_norm() h: ${of.includes('(') ? of : `${of}()`} max_pool2d(2)`,
  ),
  activation.map((of) => `dense(6) layer_norm() h: ${of.includes('(') ? of : `${of}()`} dropout(0.3)`),
);
const code = fc.oneof(
  fc.tuple(one('2', '2', '5'), activation).map(([n, of]) => `code: dense(${n}, activation=${of})`),
  fc.constant('z: reparameterize { mu: dense(3) logvar: dense(3) }'),
);
const decoder = fc.oneof(
  activation.map((of) => `decoder tied(encoder, output=${of})`),
  activation.map((of) => `decoder mirror(encoder, output=${of})`),
  {
    weight: 3,
    arbitrary: fc
      .oneof(fc.constant('sigmoid'), activation)
      .map((of) => `decoder { dense(target.size, activation=${of}) }`),
  },
);
const pretraining = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        one(' on=[h],', ''),
        fc.oneof(reconstruction, penalty),
        activation,
        one('', 'corrupt'),
        corruption,
        optimizer,
      )
      .map(
        ([on, loss, output, corrupted, how, by]) =>
          `pretrain autoencoder(${on} ${loss === '' ? '' : `loss=${loss}, output=${output},`} ${corrupted === '' ? '' : `corrupt=${how},`} optimizer=${by})`,
      ),
  },
  {
    weight: 1,
    arbitrary: one('', 'on=[h],').map((on) => `pretrain rbm(${on} lr=0.05, momentum=switch(0.5, 0.9, after=1), k=2)`),
  },
);
const evaluation = one(
  'psnr()',
  'ssim()',
  'linear_probe()',
  'knn(on=h, k=1)',
  'pca()',
  'denoising(salt(0.2))',
  'denoising(gaussian(0.1))',
);
const figure = one(
  'filters(h)',
  'filters(code)',
  'reconstructions(2)',
  'latent_scatter(code)',
  'loss_curves()',
  'receptive_fields(h)',
  'samples(2)',
  'walk()',
);

const experiment = fc
  .record({
    side: fc.integer({ min: 4, max: 12 }),
    take: fc.integer({ min: 1, max: 24 }),
    test: fc.integer({ min: 1, max: 5 }),
    validation: one('', '', ', validation=3'),
    transform: perhaps(transform),
    corruption: perhaps(corruption),
    target: perhaps(perhaps(one('standardize()', 'resize(7)'))),
    hasTarget: perhaps(one('target')),
    hidden,
    code,
    decoder,
    loss: reconstruction,
    penalty: perhaps(penalty),
    pretraining,
    optimizer,
    batch: fc.integer({ min: 1, max: 9 }),
    settings: one(
      '',
      '',
      'clip = norm(0.5)',
      'clip = value(0.1)',
      'keep = best',
      'drop_last = true',
      'shuffle = false',
    ),
    evaluations: perhaps(evaluation),
    figures: perhaps(figure),
  })
  .map((drawn) => {
    const batches = `epochs = 1 batch = ${drawn.batch}`;
    return [
      'experiment drawn {',
      `data digits(take=${drawn.take}, test=${drawn.test}${drawn.validation}) { center_crop(${drawn.side}) ${drawn.transform} }`,
      drawn.hasTarget === '' ? '' : `target digits() { center_crop(${drawn.side}) ${drawn.target} }`,
      drawn.corruption === '' ? '' : `corrupt ${drawn.corruption}`,
      `encoder { ${drawn.hidden} ${drawn.code} }`,
      drawn.decoder,
      `loss ${[drawn.loss, drawn.penalty]
        .filter((term) => term !== '')
        .map((term) => (term.includes('(') ? term : `${term}()`))
        .join(' + ')}`,
      drawn.pretraining === '' ? '' : `${drawn.pretraining} { ${batches} }`,
      `train ${drawn.optimizer.includes('(') ? drawn.optimizer : `${drawn.optimizer}()`} { ${batches} ${drawn.settings} }`,
      `evaluate { ${drawn.evaluations} }`,
      `show { ${drawn.figures} }`,
      '}',
    ].join('\n');
  });

it('what check lets pass can be trained, evaluated and drawn', { timeout: 3_600_000 }, async () => {
  let [trained, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(experiment, async (text) => {
      try {
        const { status, failures, model } = await run({
          source: { path: 'drawn.ae', text },
          maxSteps: 2,
          threads: 1,
          store: null,
        });
        model?.dispose();
        expect({ status, failures }, text).toEqual({ status: 'complete', failures: [] });
        trained++;
      } catch (error) {
        if (!(error instanceof ExperimentError)) throw error;
        // Words that don't fit are refused by their meaning, never by their grammar.
        expect(
          error.diagnostics.filter(({ code, severity }) => severity === 'error' && /^AE[127]/.test(code)),
          text,
        ).toEqual([]);
        refused++;
      }
    }),
    { numRuns: runs },
  );
  // Most of what is drawn must not be refused, or nothing is tried.
  expect(trained).toBeGreaterThan(runs / 20);
  if (process.env.AEDSL_FUZZ_RUNS) process.stdout.write(`${trained} trained, ${refused} refused\n`);
});
