import { open } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { reached } from '../../compiler/library/schedule-values.js';
import { cos } from '../../numerics/float64.js';
import { call, literal } from '../python.js';
import type { Schedule } from '../word.js';
import { duration, elapsed, inEpochs, lengthText, span, unit } from './time.js';

const parameters = {
  from: real({ doc: 'The value at first.' }),
  to: real({ doc: 'The value at the end.', default: 0 }),
  over: real({
    doc: 'How long it takes; the whole stage if it is left out. After it the value stays.',
    unit: 'epochs',
    default: null,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  unit: unit(),
};

export const cosine: Schedule<typeof parameters> = {
  family: 'schedule',
  name: 'cosine',
  peers: ['CosineAnnealingLR', 'CosineDecay', 'cosine_annealing'],
  version: 1,
  doc: 'Half a cosine wave: `to + (from - to) (1 + cos(π t / over)) / 2`.',
  source: 'Loshchilov and Hutter, SGDR, ICLR 2017; `torch.optim.lr_scheduler.CosineAnnealingLR`',
  parameters,
  example: 'train adam(lr=cosine(0.01, 0)) { epochs = 2  batch = 32 }',
  mistake: { text: 'train adam(lr=cosine(0.01, -0.01)) { epochs = 2 }', code: 'AE306' },
  oracle: 'test:tests/compiler/library/schedule.test.ts',
  at({ from, to, over, unit: counted }, time) {
    const length = over ?? duration(time, counted);
    const t = elapsed(time, counted);
    if (t >= length) return to;
    return to + ((from - to) * (1 + cos((Math.PI * t) / length))) / 2;
  },
  extent: ({ from, to }) => span(from, to),
  settles: ({ from, to, over, unit: counted }, stage) =>
    from === to ? 0 : over === null ? Number.POSITIVE_INFINITY : inEpochs(over, counted, stage),
  beyond: ({ to, over, unit: counted }, stage) =>
    over !== null && !reached(duration(stage, counted), over)
      ? `comes to ${to} after ${lengthText(over, counted)}`
      : null,
  check: () => [],
  pytorch: {
    expression: (args, time) =>
      call('cosine_schedule', [time, literal(args.from), literal(args.to), literal(args.over), literal(args.unit)]),
    definition: `
def cosine_schedule(time, start, end, over, unit):
    over = time.whole(unit) if over is None else over
    passed = time.passed(unit)
    return end if passed >= over else end + (start - end) * (1 + math.cos(math.pi * passed / over)) / 2`,
  },
};
