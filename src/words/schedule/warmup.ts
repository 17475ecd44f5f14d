import { open } from '../../compiler/ir/interval.js';
import { real, word } from '../../compiler/library/parameter.js';
import { reached } from '../../compiler/library/schedule-values.js';
import { call, literal } from '../python.js';
import type { Schedule } from '../word.js';
import { after, duration, elapsed, inEpochs, lengthText, rest, span, unit } from './time.js';

const parameters = {
  to: real({ doc: 'The value that it comes to.' }),
  over: real({ doc: 'How long that takes.', unit: 'epochs', range: open(0, Number.POSITIVE_INFINITY) }),
  next: word({
    family: 'schedule',
    doc: 'What comes then, with a clock of its own; without it the value stays.',
    default: null,
  }),
  from: real({ doc: 'The value at first.', default: 0 }),
  unit: unit(),
};

export const warmup: Schedule<typeof parameters> = {
  family: 'schedule',
  name: 'warmup',
  peers: ['LinearLR', 'linear_warmup', 'anneal', 'linear'],
  version: 1,
  doc:
    'Rises in a straight line: `from + (to - from) t / over`, then stays at `to` or goes on with `next`. For the weight ' +
    'of a term it is the warm-up of a variational autoencoder.',
  source: 'Goyal et al., Accurate, large minibatch SGD, 2017; Sønderby et al., Ladder variational autoencoders, 2016',
  parameters,
  example: 'train adam(lr=warmup(0.01, over=1, next=cosine(0.01))) { epochs = 2  batch = 32 }',
  mistake: { text: 'train adam(lr=warmup(0.01, over=-1)) { epochs = 2 }', code: 'AE306' },
  oracle: 'test:tests/compiler/library/schedule.test.ts',
  at(args, time, values) {
    const t = elapsed(time, args.unit);
    if (!reached(t, args.over)) return args.from + ((args.to - args.from) * t) / args.over;
    return args.next === null ? args.to : values.at(args.next, after(time, args.over, args.unit));
  },
  extent({ from, to, next }, values) {
    return next === null ? span(from, to) : span(from, to, ...values.extent(next));
  },
  settles({ from, to, over, next, unit: counted }, stage, values) {
    const risen = inEpochs(over, counted, stage);
    const follows = next === null ? 0 : values.settles(next, rest(stage, over, counted));
    return follows > 0 || from !== to ? risen + follows : 0;
  },
  beyond({ to, over, next, unit: counted }, stage, values) {
    if (!reached(duration(stage, counted), over)) return `comes to ${to} after ${lengthText(over, counted)}`;
    if (next === null) return null;
    if (reached(over, duration(stage, counted)))
      return `goes on with '${next.word}' after ${lengthText(over, counted)}`;
    const what = values.beyond(next, rest(stage, over, counted));
    return what === null ? null : `goes on with '${next.word}', which ${what}`;
  },
  check: () => [],
  pytorch: {
    expression: (args, time, { scheduled }) =>
      call('warmup_schedule', [time, literal(args.to), literal(args.over), literal(args.from), literal(args.unit)], {
        next: args.next === null ? null : `lambda time: ${scheduled(args.next)}`,
      }),
    definition: `
def warmup_schedule(time, to, over, start, unit, next=None):
    passed = time.passed(unit)
    if not reached(passed, over):
        return start + (to - start) * passed / over
    return to if next is None else next(time.after(over, unit))`,
  },
};
