import { halfOpen } from '../../ir/interval.js';
import { choice, layer, scheduled } from '../parameter.js';
import { type LossWord, problem } from '../word.js';

const positive = halfOpen(0, Number.POSITIVE_INFINITY);

const parameters = {
  on: layer({ doc: 'The `reparameterize` whose distribution is measured.', default: 'code' }),
  beta: scheduled({ doc: 'Weight β of the term; 1 is the evidence lower bound.', default: 1, range: positive }),
  free_bits: scheduled({
    doc: 'What each dimension may cost, on average over the batch, before it counts.',
    unit: 'nats',
    default: 0,
    range: positive,
  }),
  reduction: choice({
    doc:
      '`auto` takes the scale of the reconstruction: `sum` over the batch, `batchmean` per example, or `mean`, which is ' +
      'per example and divided by the size of the input. Another than the reconstruction’s is a warning.',
    options: ['auto', 'sum', 'batchmean', 'mean'],
    default: 'auto',
  }),
};

export const klGaussian: LossWord<typeof parameters> = {
  family: 'loss',
  name: 'kl_gaussian',
  peers: ['KLDivLoss', 'KLDivergence', 'kl_div', 'kl', 'kld', 'kl_loss', 'kl_divergence'],
  version: 1,
  doc:
    'The divergence of the code’s distribution from the prior: `-½ Σ (1 + logvar - mu² - exp(logvar))` over its ' +
    'dimensions. With the reconstruction term it is the negative evidence lower bound, whatever the reduction of that term.',
  source:
    'Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014, appendix B; β: Higgins et al., ICLR 2017; free bits: ' +
    'Kingma et al., NeurIPS 2016, appendix C',
  parameters,
  example: `encoder { dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(8) } }
  loss bce(reduction=sum) + kl_gaussian(beta=warmup(1, over=1), free_bits=0.1)`,
  mistake: { text: 'loss bce(reduction=sum) + kl_gaussian()', code: 'AE504' },
  oracle: 'table:losses.json#kl_gaussian golden:vae',
  role: 'penalty',
  weight: 'beta',
  check({ reduction }, { on, reconstruction }) {
    const place = on.on;
    if (place && place.word !== 'reparameterize') {
      return [
        problem('AE504', `kl_gaussian needs a distribution, and '${place.word}' gives values alone`, {
          argument: 'on',
          hint: 'end the encoder in: reparameterize { mu: dense(20)  logvar: dense(20) }',
        }),
      ];
    }
    if (reduction === 'auto' || reconstruction === null || reduction === reconstruction) return [];
    return [
      problem(
        'AE507',
        `the reconstruction has reduction=${reconstruction}, so with reduction=${reduction} here the sum is no evidence lower bound`,
        { severity: 'warning', argument: 'reduction', hint: 'leave the reduction out, and change beta instead' },
      ),
    ];
  },
};
