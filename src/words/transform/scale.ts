import { describeInterval } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { arePixels, saidRange } from '../../compiler/library/pixels.js';
import { ok, problem } from '../../compiler/library/word.js';
import { float32 } from '../python.js';
import type { ValueTransform } from '../word.js';

const parameters = {
  low: real({ doc: 'What 0 becomes.', default: 0 }),
  high: real({ doc: 'What 1 becomes.', default: 1 }),
};

export const scale: ValueTransform<typeof parameters> = {
  family: 'transform',
  name: 'scale',
  peers: ['Rescaling', 'rescale'],
  version: 1,
  doc: '`low + (high - low) x`: `scale(-1, 1)` takes pixels from [0, 1] to [-1, 1]. It acts after the corruption.',
  parameters,
  example: 'data digits(take=256, test=64) { scale(0.1, 0.9) }',
  mistake: { text: 'data digits(take=256, test=64) { scale(1, 0) }', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/transform.test.ts',
  acts: 'after corruption',
  shape: (_args, input) => ok(input),
  range({ low, high }, input) {
    const scaled = (x: number) => low + (high - low) * x;
    return { ...input, low: scaled(input.low), high: scaled(input.high) };
  },
  check({ low, high }, { range }) {
    if (low < high && arePixels(range)) return [];
    if (low < high) {
      return [
        problem(
          'AE511',
          `scale takes [0, 1] to [${low}, ${high}], and the data is in ${describeInterval(range)} here`,
          {
            severity: 'warning',
            hint: saidRange(range),
          },
        ),
      ];
    }
    return [problem('AE306', `high must be more than low, and ${high} is not more than ${low}`, { argument: 'high' })];
  },
  values({ low, high }) {
    const span = high - low;
    return {
      isDrawn: false,
      apply(values) {
        const start = Math.fround(low);
        const width = Math.fround(Math.fround(high) - start);
        for (let i = 0; i < values.length; i++) {
          values[i] = start + Math.fround(width * (values[i] ?? 0));
        }
      },
      inDouble: (value) => low + span * value,
      undo: { gain: Float64Array.of(1 / span), shift: Float64Array.of(-low / span) },
    };
  },
  onnx: {
    output: ({ low, high }, x, { node, scalar }) =>
      node('Add', [scalar(low), node('Mul', [node('Sub', [scalar(high), scalar(low)]), x])]),
  },
  pytorch: {
    statements: ({ low, high }, seen) =>
      seen.map((x) => `${x} = ${float32(low)} + (${float32(high)} - ${float32(low)}) * ${x}`),
    definitions: [],
  },
};
