import { realLine } from '../../compiler/ir/interval.js';
import { ok } from '../../compiler/library/word.js';
import { call } from '../python.js';
import type { ValueTransform } from '../word.js';

const parameters = {};

export const standardize: ValueTransform<typeof parameters, 'mean' | 'std'> = {
  family: 'transform',
  name: 'standardize',
  peers: ['StandardScaler', 'zscore'],
  version: 2,
  doc:
    '`(x - mean) / std` for each feature on its own, with the mean and the standard deviation (divided by n) of the ' +
    'training part alone. A feature that never varies there keeps its unit, `x - mean`. The numbers are kept with the weights, and undone in ' +
    'what is shown and applied. It acts after the corruption.',
  parameters,
  example: 'data digits(take=256, test=64) { standardize() }  decoder { dense(input.size) }',
  mistake: { text: 'data digits(take=256, test=64) { standardize() }  loss bce()', code: 'AE501' },
  oracle: 'test:tests/runtime/datasets/transform.test.ts',
  acts: 'after corruption',
  needsSeveral: true,
  shape: (_args, input) => ok(input),
  range: () => realLine,
  check: () => [],
  fits: { names: ['mean', 'std'], take: (training) => training.moments() },
  values: (_args, { mean, std }) => ({
    isDrawn: false,
    // A value that never varies keeps its unit, as in scikit-learn's StandardScaler: another value of it is an anomaly.
    apply(values) {
      for (let i = 0; i < values.length; i++) {
        const feature = i % mean.length;
        values[i] = Math.fround((values[i] ?? 0) - (mean[feature] ?? 0)) / (std[feature] || 1);
      }
    },
    inDouble: (value, feature) => (value - (mean[feature] ?? 0)) / (std[feature] || 1),
    undo: {
      gain: Float64Array.from(std, (deviation) => deviation || 1),
      shift: Float64Array.from(mean),
    },
  }),
  onnx: {
    output(_args, x, { node, scalar, statistic }) {
      const std = statistic('std');
      const divisor = node('Where', [node('Equal', [std, scalar(0)]), scalar(1), std]);
      return node('Div', [node('Sub', [x, statistic('mean')]), divisor]);
    },
  },
  pytorch: {
    statements: (_args, seen, { statistic }) => {
      const numbers = [statistic('mean'), statistic('std')];
      return seen.map((x) => `${x} = ${call('standardize', [x, ...numbers])}`);
    },
    definitions: [
      `
def standardize(x, mean, std):
    return (x - mean) / np.where(std == 0, np.float32(1), std)`,
    ],
  },
};
