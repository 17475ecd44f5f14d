import { closed, realLine } from '../../compiler/ir/interval.js';
import { boolean, real } from '../../compiler/library/parameter.js';
import { ok, problem } from '../../compiler/library/word.js';
import type { FittedNumbers } from '../../runtime/datasets/transform.js';
import { call, float32, literal } from '../python.js';
import type { ValueTransform } from '../word.js';

const parameters = {
  low: real({ doc: 'What the least value of a feature becomes.', default: 0 }),
  high: real({ doc: 'What its greatest becomes.', default: 1 }),
  clip: boolean({
    doc: 'Whether values beyond those of the training part become `low` or `high`: an anomaly is then no larger than they are.',
    default: false,
  }),
};

export const minMax: ValueTransform<typeof parameters, 'min' | 'max'> = {
  family: 'transform',
  name: 'min_max',
  peers: ['MinMaxScaler'],
  version: 3,
  doc:
    'Each feature on its own from the range it has in the training part to [low, high]. A feature that never varies ' +
    'there counts as one whose range is 1. Other examples may lie beyond, unless `clip=true` cuts them off; errors in raw units are then still ' +
    'against the values before. The numbers are kept with the weights, and undone in what is shown and applied. It acts after the ' +
    'corruption.',
  parameters,
  example: 'data digits(take=256, test=64) { min_max() }',
  mistake: { text: 'data digits(take=256, test=64) { min_max(low=1, high=1) }', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/transform.test.ts',
  acts: 'after corruption',
  needsSeveral: true,
  shape: (_args, input) => ok(input),
  range: ({ low, high }) => closed(low, high),
  rangeOfAll: ({ low, high, clip }) => (clip ? closed(low, high) : realLine),
  check({ low, high }) {
    if (low < high) return [];
    return [problem('AE306', `high must be more than low, and ${high} is not more than ${low}`, { argument: 'high' })];
  },
  cutsOff: ({ clip }) => clip,
  fits: { names: ['min', 'max'], take: (training) => training.extremes() },
  values(args, numbers) {
    const change = mapping(args, numbers);
    return args.clip ? { ...change, uncut: mapping({ ...args, clip: false }, numbers) } : change;
  },
  onnx: {
    output({ low, high, clip }, x, { node, scalar, statistic }) {
      const least = statistic('min');
      const width = node('Sub', [statistic('max'), least]);
      const divisor = node('Where', [node('Equal', [width, scalar(0)]), scalar(1), width]);
      const part = node('Div', [node('Sub', [x, least]), divisor]);
      const mapped = node('Add', [scalar(low), node('Mul', [node('Sub', [scalar(high), scalar(low)]), part])]);
      return clip ? node('Clip', [mapped, scalar(low), scalar(high)]) : mapped;
    },
  },
  pytorch: {
    statements({ low, high, clip }, seen, { statistic }) {
      const numbers = [statistic('min'), statistic('max'), float32(low), float32(high), literal(clip)];
      return seen.map((x) => `${x} = ${call('min_max', [x, ...numbers])}`);
    },
    definitions: [
      `
def min_max(x, least, greatest, low, high, clip):
    width = np.where(greatest == least, np.float32(1), greatest - least)
    mapped = low + (high - low) * ((x - least) / width)
    return np.clip(mapped, low, high) if clip else mapped`,
    ],
  },
};

/**
 * low + (high - low) ((x - min) / (max - min)) with the numbers of each feature. A feature that never varied in the
 * training part counts as one with max - min = 1, as in scikit-learn's MinMaxScaler: another value of it is an anomaly.
 */
function mapping(
  { low, high, clip }: { readonly low: number; readonly high: number; readonly clip: boolean },
  { min, max }: { readonly min: FittedNumbers; readonly max: FittedNumbers },
) {
  const gain = Float64Array.from(max, (greatest, i) => (greatest - (min[i] ?? 0) || 1) / (high - low));
  return {
    isDrawn: false as const,
    apply(values: Float32Array) {
      const start = Math.fround(low);
      const end = Math.fround(high);
      const span = Math.fround(end - start);
      for (let i = 0; i < values.length; i++) {
        const feature = i % min.length;
        const least = min[feature] ?? 0;
        const width = Math.fround((max[feature] ?? 0) - least) || 1;
        const part = Math.fround(Math.fround((values[i] ?? 0) - least) / width);
        const mapped = Math.fround(start + Math.fround(span * part));
        values[i] = clip ? Math.min(end, Math.max(start, mapped)) : mapped;
      }
    },
    inDouble(value: number, feature: number) {
      const least = min[feature] ?? 0;
      const width = (max[feature] ?? 0) - least || 1;
      const mapped = low + (high - low) * ((value - least) / width);
      return clip ? Math.min(high, Math.max(low, mapped)) : mapped;
    },
    undo: {
      gain,
      shift: Float64Array.from(min, (least, i) => least - low * (gain[i] ?? 0)),
    },
  };
}
