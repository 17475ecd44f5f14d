import { cos } from '../../../numerics/float64.js';
import { open } from '../../ir/interval.js';
import { real } from '../parameter.js';
import type { ScheduleWord } from '../word.js';
import { duration, elapsed, inEpochs, lengthText, reached, span, unit } from './time.js';

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

export const cosine: ScheduleWord<typeof parameters> = {
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
};
