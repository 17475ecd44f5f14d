import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../../src/sweep/run.js';

/** Each name of the first columns, as a pattern over the names of an experiment with these terms. */
function documented(terms: readonly string[]): readonly RegExp[] {
  const parts: Readonly<Record<string, string>> = {
    part: '(train|validation|test)',
    pretrain: 'pretrain(_\\d+)?',
    layer: '(encoder|decoder)\\.\\d+(\\.(mu|logvar))?',
    term: `(${terms.join('|')})`,
  };
  const rows = [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| (`.+?) \|/gm)];
  return rows
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)])
    .map(([, name = '']) => {
      const words = name.split('.').map((word) => parts[word] ?? word.replace(/N$/, '\\d+'));
      return new RegExp(`^${words.join('\\.')}$`);
    });
}

/** What was recorded of an experiment: the metrics of its events, and the series of its steps. */
async function recorded(text: string): Promise<readonly string[]> {
  const names = new Set<string>();
  const finished = await run({
    source: { path: 'small.ae', text: `experiment small { ${text} }` },
    backend: 'cpu',
    maxSteps: 4,
    listener(event) {
      if (event.event === 'steps') for (const name of Object.keys(event.series)) names.add(name);
      if ('metrics' in event) for (const name of Object.keys(event.metrics ?? {})) names.add(name);
    },
  });
  finished.model?.dispose();
  return [...names];
}

const data = 'data digits(take=60, validation=20, test=20) { center_crop(12) }';

test.each([
  {
    what: 'a variational autoencoder',
    terms: ['bce', 'kl_gaussian'],
    text: `${data}
      encoder { dense(8, activation=relu)  z: reparameterize { mu: dense(2)  logvar: dense(2) } }
      decoder { dense(input.size, activation=sigmoid) }
      loss bce(reduction=sum) + kl_gaussian()
      train adam(lr=0.01) { epochs = 1  batch = 20 }
      evaluate { linear_probe()  knn()  pca()  psnr()  ssim()  denoising(salt(0.3)) }`,
  },
  {
    what: 'RBMs and autoencoders on top of one another',
    terms: ['mse', 'kl_sparsity'],
    text: `${data}
      encoder { h1: dense(8, activation=sigmoid)  code: dense(4, activation=sigmoid) }
      decoder tied(encoder, output=sigmoid)
      pretrain rbm(on=[h1], lr=0.1) { epochs = 1  batch = 20 }
      pretrain autoencoder(on=[code]) { epochs = 1  batch = 20 }
      loss mse() + kl_sparsity(rho=0.1)
      train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  },
])('every metric of $what is documented', async ({ terms, text }) => {
  const names = await recorded(text);
  expect(names.length).toBeGreaterThan(20);
  const patterns = documented(terms);
  const unknown = names.filter((name) => !patterns.some((pattern) => pattern.test(name)));
  // The series of the steps are named without their part.
  const series = unknown.filter((name) => !patterns.some((pattern) => pattern.test(`train.${name}`)));
  expect(series).toEqual([]);
});
