import { wantedOf } from '../../compiler/ir/experiment.js';
import { integer, layer } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import type { DrawnFigure } from '../../runtime/figures/figure.js';
import { unmetNeed } from './unmet-need.js';

const parameters = {
  n: integer({ doc: 'How many.', unit: 'examples', default: 64 }),
  on: layer({ doc: 'The `reparameterize` that has the prior.', default: 'code' }),
};

export const samples: DrawnFigure<typeof parameters> = {
  family: 'figure',
  name: 'samples',
  version: 1,
  doc:
    'What the decoder makes of codes drawn from the prior N(0, 1). Of a conditional decoder, a row for each code and a ' +
    'column for each class or category: as many codes as fit into `n` pictures. Where it is given numbers, the columns are the ' +
    'conditions of the first examples.',
  source: 'Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014, figure 5',
  parameters,
  example: `encoder { dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(8) } }
  loss bce(reduction=sum) + kl_gaussian()
  show { samples(16) }`,
  mistake: { text: 'show { samples(16) }', code: 'AE510' },
  oracle: 'test:tests/runtime/figures/samples.test.ts',
  needsLabels: false,
  check(_args, { on }) {
    if (!on) return [];
    if (on.hasPrior) return unmetNeed('samples', on);
    return [
      problem('AE510', `'${on.word}' has no prior to sample from`, {
        argument: 'on',
        hint: 'end the encoder in: reparameterize { mu: dense(20)  logvar: dense(20) }',
      }),
    ];
  },
  tiles: { paper: 'white', grouped: false },
  async draw({ n, on }, subject) {
    const unmet = subject.needBelow(on);
    if (unmet !== null) {
      const { drawNotice } = await import('../../runtime/figures/notice.js');
      return drawNotice(unmet.message);
    }
    const [{ drawSamples }, { levelsOfRange }] = await Promise.all([
      import('../../runtime/figures/samples.js'),
      import('../../runtime/figures/tile.js'),
    ]);
    const columns = subject.conditionsAbove({ ...on, head: null })?.length ?? null;
    const { values, count, shape } = subject.samples(on, columns === null ? n : Math.max(1, Math.floor(n / columns)));
    const levels = levelsOfRange(wantedOf(subject.experiment).rawRange);
    return drawSamples({ images: values, count, shape, levels, ...(columns === null ? {} : { columns }) });
  },
};
