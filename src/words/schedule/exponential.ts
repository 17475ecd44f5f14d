import type { Interval } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { pow } from '../../numerics/float64.js';
import { call, literal } from '../python.js';
import type { Schedule } from '../word.js';
import { elapsed, span, unit } from './time.js';

const decay: Interval = { low: 0, high: 1, lowOpen: true, highOpen: false };

const parameters = {
  start: real({ doc: 'The value at first.' }),
  rate: real({ doc: 'What is left of it after one unit of time.', range: decay }),
  unit: unit(),
};

export const exponential: Schedule<typeof parameters> = {
  family: 'schedule',
  name: 'exponential',
  peers: ['ExponentialLR', 'ExponentialDecay'],
  version: 1,
  doc: 'Falls smoothly: `start · rateᵗ`, within epochs too.',
  source: 'at whole epochs the values of `torch.optim.lr_scheduler.ExponentialLR`',
  parameters,
  example: 'train adam(lr=exponential(0.01, rate=0.5)) { epochs = 2  batch = 32 }',
  mistake: { text: 'train adam(lr=exponential(0.01, rate=2)) { epochs = 2 }', code: 'AE306' },
  oracle: 'test:tests/compiler/library/schedule.test.ts',
  at: (args, time) => args.start * pow(args.rate, elapsed(time, args.unit)),
  extent: ({ start, rate }) => (rate === 1 ? span(start) : span(start, 0)),
  settles: ({ rate }) => (rate === 1 ? 0 : Number.POSITIVE_INFINITY),
  beyond: () => null,
  check: () => [],
  pytorch: {
    expression: (args, time) =>
      call('exponential_schedule', [time, literal(args.start), literal(args.rate), literal(args.unit)]),
    definition: `
def exponential_schedule(time, start, rate, unit):
    return start * rate ** time.passed(unit)`,
  },
};
