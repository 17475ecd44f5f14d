import { type Interval, open } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { reached, timesPassed } from '../../compiler/library/schedule-values.js';
import { pow } from '../../numerics/float64.js';
import { call, literal } from '../python.js';
import type { Schedule } from '../word.js';
import { duration, elapsed, inEpochs, lengthText, span, unit } from './time.js';

const decay: Interval = { low: 0, high: 1, lowOpen: true, highOpen: false };

const parameters = {
  start: real({ doc: 'The value at first.' }),
  every: real({
    doc: 'How long each value lasts, in the unit of time.',
    unit: 'epochs',
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  factor: real({ doc: 'What the value is multiplied by.', default: 0.1, range: decay }),
  unit: unit(),
};

export const step: Schedule<typeof parameters> = {
  family: 'schedule',
  name: 'step',
  peers: ['StepLR', 'step_decay'],
  version: 1,
  doc: 'Falls in steps: `start · factorⁿ` with `n = ⌊t / every⌋`.',
  source: '`torch.optim.lr_scheduler.StepLR`',
  parameters,
  example: 'train adam(lr=step(0.01, every=1, factor=0.5)) { epochs = 2  batch = 32 }',
  mistake: { text: 'train adam(lr=step(0.01, every=0)) { epochs = 2 }', code: 'AE306' },
  oracle: 'test:tests/compiler/library/schedule.test.ts golden:optim-adam-step-clip golden:optim-sgd-step-clip',
  at: (args, time) => args.start * pow(args.factor, timesPassed(elapsed(time, args.unit), args.every)),
  extent: ({ start, factor }) => (factor === 1 ? span(start) : span(start, 0)),
  settles({ every, factor, unit: counted }, stage) {
    const falls = timesPassed(duration(stage, counted), every);
    const last = reached(falls * every, duration(stage, counted)) ? falls - 1 : falls;
    return factor === 1 ? 0 : inEpochs(Math.max(0, last) * every, counted, stage);
  },
  beyond: ({ every, factor, unit: counted }, stage) =>
    factor !== 1 && reached(every, duration(stage, counted))
      ? `falls after ${lengthText(every, counted)} for the first time`
      : null,
  check: () => [],
  pytorch: {
    expression: (args, time) =>
      call('step_schedule', [time, literal(args.start), literal(args.every), literal(args.factor), literal(args.unit)]),
    definition: `
def step_schedule(time, start, every, factor, unit):
    times = time.passed(unit) / every
    whole = round(times) if abs(times - round(times)) <= round(times) * 2 ** -44 else math.floor(times)
    return start * factor ** whole`,
  },
};
