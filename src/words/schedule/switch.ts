import { halfOpen } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { reached } from '../../compiler/library/schedule-values.js';
import { call, literal } from '../python.js';
import type { Schedule } from '../word.js';
import { duration, elapsed, inEpochs, lengthText, span, unit } from './time.js';

const parameters = {
  from: real({ doc: 'The value at first.' }),
  to: real({ doc: 'The value from then on.' }),
  after: real({
    doc: 'When, in the unit of time.',
    unit: 'epochs',
    range: halfOpen(0, Number.POSITIVE_INFINITY),
  }),
  unit: unit(),
};

export const switchTo: Schedule<typeof parameters> = {
  family: 'schedule',
  name: 'switch',
  version: 1,
  doc: 'One value, then another: `from` while fewer than `after` epochs are complete, `to` from there.',
  source: 'the momentum of Hinton, A practical guide to training restricted Boltzmann machines, 2010, section 9',
  parameters,
  example: 'train sgd(lr=0.1, momentum=switch(0.5, 0.9, after=1)) { epochs = 2  batch = 32 }',
  mistake: { text: 'train sgd(lr=0.1, momentum=switch(0.5, 1.5, after=1)) { epochs = 2 }', code: 'AE306' },
  oracle: 'test:tests/compiler/library/schedule.test.ts',
  at: (args, time) => (reached(elapsed(time, args.unit), args.after) ? args.to : args.from),
  extent: ({ from, to }) => span(from, to),
  settles: ({ from, to, after, unit: counted }, stage) => (from === to ? 0 : inEpochs(after, counted, stage)),
  beyond: ({ from, to, after, unit: counted }, stage) =>
    from !== to && reached(after, duration(stage, counted))
      ? `comes to ${to} after ${lengthText(after, counted)}`
      : null,
  check: () => [],
  pytorch: {
    expression: (args, time) =>
      call('switch_schedule', [time, literal(args.from), literal(args.to), literal(args.after), literal(args.unit)]),
    definition: `
def switch_schedule(time, first, second, after, unit):
    return second if reached(time.passed(unit), after) else first`,
  },
};
