import { describeInterval, halfOpen } from '../../compiler/ir/interval.js';
import { scheduled } from '../../compiler/library/parameter.js';
import { arePixels, saidRange } from '../../compiler/library/pixels.js';
import { problem } from '../../compiler/library/word.js';
import { call } from '../python.js';
import type { Corruption } from '../word.js';

const parameters = {
  sigma: scheduled({
    peers: ['std', 'stddev', 'sd'],
    doc: 'Standard deviation of the noise.',
    unit: 'raw units',
    range: halfOpen(0, Number.POSITIVE_INFINITY),
  }),
};

/** Fraction of the data's range; weaker noise has no effect on learning. */
const least = 1e-3;

export const gaussian: Corruption<typeof parameters> = {
  family: 'corruption',
  name: 'gaussian',
  peers: ['GaussianNoise', 'noise', 'normal', 'gaussian_noise'],
  version: 1,
  doc: 'Adds noise from N(0, sigma²) to every value, in raw units before `normalize`; nothing is cut off at 0 or 1.',
  source: 'Vincent et al., Stacked denoising autoencoders, JMLR 11 (2010), section 3.3',
  parameters,
  example: 'corrupt gaussian(0.2)',
  mistake: { text: 'corrupt gaussian(-1)', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/corruption.test.ts',
  check({ sigma }, raw) {
    const span = raw.high - raw.low;
    if (arePixels(raw) || typeof sigma !== 'number' || sigma === 0 || sigma >= least * span) return [];
    return [
      problem(
        'AE511',
        `noise of ${sigma} is next to nothing beside raw values in ${describeInterval(raw)}: it is added before the transforms`,
        { severity: 'warning', argument: 'sigma', hint: `give sigma in the unit of the data, or ${saidRange(raw)}` },
      ),
    ];
  },
  damages: 'raw values',
  draws: 'normal',
  damage({ sigma }, values, normals) {
    const deviation = Math.fround(sigma);
    for (let i = 0; i < values.length; i++) {
      values[i] = (values[i] ?? 0) + Math.fround(deviation * (normals[i] ?? 0));
    }
  },
  kernel: { needsRaw: true, of: ({ sigma }) => ({ kind: 'disturb', deviation: sigma }) },
  pytorch: {
    expression: ({ sigma }, x, normals, { number }) => call('gaussian_noise', [x, normals, number(sigma)]),
    definition: `
def gaussian_noise(x, n, sigma):
    return x + np.float32(sigma) * n`,
  },
};
