import { closed, describeInterval, within } from '../../compiler/ir/interval.js';
import { boolean, real } from '../../compiler/library/parameter.js';
import { arePixels, saidRange } from '../../compiler/library/pixels.js';
import { ok, problem } from '../../compiler/library/word.js';
import { itself } from '../../runtime/datasets/raw-units.js';
import { float32 } from '../python.js';
import type { ValueTransform } from '../word.js';

const parameters = {
  threshold: real({ doc: 'The least value that becomes 1.', default: 0.5 }),
  stochastic: boolean({
    doc: 'Whether each value becomes 1 with itself as the probability, drawn anew every epoch, instead.',
    default: false,
  }),
};

export const binarize: ValueTransform<typeof parameters> = {
  family: 'transform',
  name: 'binarize',
  version: 1,
  doc:
    'Every value becomes 0 or 1: 1 from `threshold` on, or, with `stochastic=true`, with its own value as the ' +
    'probability. It acts after the corruption; the clean target has the same draw.',
  source: 'Salakhutdinov and Murray, On the quantitative analysis of deep belief networks, ICML 2008',
  parameters,
  example: 'data digits(take=256, test=64) { binarize(stochastic=true) }',
  mistake: {
    text: 'data digits(take=256, test=64) { normalize(mean=0.5, std=0.5) binarize(stochastic=true) }',
    code: 'AE501',
  },
  oracle: 'test:tests/runtime/datasets/transform.test.ts',
  acts: 'after corruption',
  makesRaw: true,
  shape: (_args, input) => ok(input),
  range: () => closed(0, 1),
  check({ threshold, stochastic }, { range }) {
    if (stochastic) {
      if (within(range, closed(0, 1))) return [];
      return [
        problem('AE501', `only probabilities can be drawn from, and the data is in ${describeInterval(range)}`, {
          argument: 'stochastic',
          hint: 'put binarize before normalize',
        }),
      ];
    }
    if (range.low < threshold && threshold <= range.high) {
      if (threshold !== parameters.threshold.default || arePixels(range)) return [];
      return [
        problem('AE511', `0.5 is the middle of pixels in [0, 1], and the data is in ${describeInterval(range)} here`, {
          severity: 'warning',
          hint: `give the threshold, or ${saidRange(range)}`,
        }),
      ];
    }
    return [
      problem('AE306', `the data is in ${describeInterval(range)}: a threshold of ${threshold} makes it all alike`, {
        argument: 'threshold',
      }),
    ];
  },
  values: ({ threshold, stochastic }) =>
    stochastic
      ? {
          isDrawn: true,
          apply(values, uniforms) {
            for (let i = 0; i < values.length; i++) {
              values[i] = (uniforms[i] ?? 1) < (values[i] ?? 0) ? 1 : 0;
            }
          },
          undo: itself,
        }
      : {
          isDrawn: false,
          apply(values) {
            const least = Math.fround(threshold);
            for (let i = 0; i < values.length; i++) {
              values[i] = (values[i] ?? 0) >= least ? 1 : 0;
            }
          },
          inDouble: (value) => (value >= threshold ? 1 : 0),
          undo: itself,
        },
  onnx: {
    output({ threshold, stochastic }, x, { node, scalar }) {
      if (stochastic) return null;
      return node('Where', [node('GreaterOrEqual', [x, scalar(threshold)]), scalar(1), scalar(0)]);
    },
  },
  pytorch: {
    statements({ threshold, stochastic }, seen, { stream, variable }) {
      if (!stochastic) return seen.map((x) => `${x} = binarize(${x}, ${float32(threshold)})`);
      const source = stream(null);
      const u = variable('u');
      return [
        `${u} = uniform(${source}, step, t.shape)`,
        ...seen.map((x) => `${x} = (${u} < ${x}).astype(np.float32)`),
      ];
    },
    definitions: [
      `
def binarize(x, threshold):
    return (x >= threshold).astype(np.float32)`,
    ],
  },
};
