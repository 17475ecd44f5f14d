import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { numericsVersion } from '../../../src/numerics/version.js';
import { compileRecipe } from '../../../src/project/recipe.js';
import { fileWorld } from '../../../src/project/world.js';
import { datasetChecksum } from '../../../src/runtime/datasets/checksum.js';
import { loadDigits } from '../../../src/runtime/datasets/digits/digits.js';
import { NAMED_SETS } from '../../../src/runtime/datasets/named-set.js';
import { trialIdentity } from '../../../src/runtime/provenance/identity.js';
import { builtinWords } from '../../../src/words/words.js';

/**
 * A trial's identity is its name for ever: the same trial is never trained twice, and yesterday's results stay what they
 * are. So these do not change from release to release, unless the meaning of a word, or the arithmetic, was changed on
 * purpose. When one of these tests fails:
 *
 * - no version was raised: the change makes old results strangers by accident. Undo it, or, if results really are others
 *   now, raise the `version` of the word (its file in src/compiler/library/) or `numericsVersion` (src/numerics/version.ts).
 * - a version was raised on purpose: run this file with `-u`, and look at the list's difference: only the lines that name
 *   the word (or all of them, for the arithmetic) may have changed.
 */
const texts = new URL('frozen.ae', import.meta.url);
const list = new URL('identities.txt', import.meta.url);
const source = { path: 'frozen.ae', text: readFileSync(texts, 'utf8') };

const trials: readonly (readonly [experiment: string, params: string, seed: number])[] = [
  ['first', '', 1],
  ['first', '', 2],
  ['first', 'hidden=64', 1],
  ['classic', '', 1],
  ['classic', 'bottleneck=10', 3],
  ['sparse', '', 1],
  ['sparse', 'rho=0.05', 1],
  ['sparse', 'rho=0.05 beta=3', 5],
  ['without_penalty', '', 1],
  ['vae', '', 1],
  ['vae', 'latent=2', 1],
  ['plane', '', 1],
  ['deep', '', 1],
  ['deep_rbm', '', 1],
  ['denoising', '', 1],
  ['masking', 'level=0.5', 1],
  ['contractive', '', 1],
  ['conv', '', 1],
  ['conv_unpool', '', 1],
  ['stacked_denoising', '', 1],
];

interface Listed {
  readonly trial: string;
  /** Of the words that it is made of, `dense@1`, and of the arithmetic. */
  readonly versions: string;
  readonly identity: string;
}

function checksumOf(data: string): string {
  if (data === 'digits') return loadDigits(1, 1).checksum;
  const set = data === 'mnist' ? NAMED_SETS.mnist : NAMED_SETS.fashion_mnist;
  return datasetChecksum(set.shape, {
    trainValues: set.trainImages.sha256,
    trainLabels: set.trainLabels.sha256,
    testValues: set.testImages.sha256,
    testLabels: set.testLabels.sha256,
  });
}

function listed([experiment, params, seed]: (typeof trials)[number]): Listed {
  const recipe = { sources: [source], experiment, data: null, epochs: null, maxSteps: null, files: {} };
  const given = params.split(' ').filter((param) => param !== '');
  const { value } = compileRecipe({ ...recipe, params: given }, fileWorld(), { library: builtinWords });
  if (value === null) throw new Error(`${experiment} does not compile`);
  const identity = trialIdentity({
    irSha256: value.hash,
    dataSha256: checksumOf(value.ir.data.dataset.word),
    seed,
    backendClass: 'simd',
    numericsVersion,
  });
  const words = [...new Set([...JSON.stringify(value.canonical).matchAll(/"(\w+@\d+)"/g)].map(([, word]) => word))];
  return {
    trial: [experiment, params, `seed ${seed}`].filter((part) => part !== '').join(' '),
    versions: [`numerics@${numericsVersion}`, ...words.sort()].join(' '),
    identity,
  };
}

function read(text: string): readonly Listed[] {
  return text
    .trim()
    .split('\n\n')
    .map((block) => {
      const [trial = '', versions = '', identity = ''] = block.split('\n').map((line) => line.trim());
      return { trial, versions, identity };
    });
}

describe('identities that stay', () => {
  const before = read(readFileSync(list, 'utf8'));
  const now = trials.map(listed);

  it('are those of twenty trials', () => {
    expect(before.map(({ trial }) => trial)).toEqual(now.map(({ trial }) => trial));
    expect(new Set(now.map(({ identity }) => identity)).size).toBe(19);
  });

  for (const [i, { trial, versions, identity }] of now.entries()) {
    it(trial, () => {
      const was = before[i];
      const raised = was?.versions !== versions;
      const advice = raised
        ? 'a version was raised: accept the new identity with `vitest run -u`, if that was meant'
        : 'an identity changed, and no version was raised: see the comment at the top of this file';
      expect(raised || was?.identity === identity, advice).toBe(true);
    });
  }

  it('are in the list as it would be written today', async () => {
    const text = now.map(({ trial, versions, identity }) => `${trial}\n  ${versions}\n  ${identity}\n`).join('\n');
    await expect(text).toMatchFileSnapshot('identities.txt');
  });
});
