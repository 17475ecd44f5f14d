import { integer, layer } from '../parameter.js';
import { type FigureWord, problem } from '../word.js';

const parameters = {
  n: integer({ doc: 'How many.', unit: 'examples', default: 64 }),
  on: layer({ doc: 'The `reparameterize` that has the prior.', default: 'code' }),
};

export const samples: FigureWord<typeof parameters> = {
  family: 'figure',
  name: 'samples',
  version: 1,
  doc: 'What the decoder makes of codes drawn from the prior N(0, 1).',
  source: 'Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014, figure 5',
  parameters,
  example: `encoder { dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(8) } }
  loss bce(reduction=sum) + kl_gaussian()
  show { samples(16) }`,
  mistake: { text: 'show { samples(16) }', code: 'AE510' },
  oracle: 'test:tests/runtime/figures/samples.test.ts',
  needsLabels: false,
  check(_args, { on }) {
    if (!on || on.word === 'reparameterize') return [];
    return [
      problem('AE510', `'${on.word}' has no prior to sample from`, {
        argument: 'on',
        hint: 'end the encoder in: reparameterize { mu: dense(20)  logvar: dense(20) }',
      }),
    ];
  },
};
