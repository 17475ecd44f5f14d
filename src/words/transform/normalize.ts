import { open } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { ok } from '../../compiler/library/word.js';
import { float32 } from '../python.js';
import type { ValueTransform } from '../word.js';

const parameters = {
  mean: real({ doc: 'Subtracted from every value.' }),
  std: real({ doc: 'What the rest is divided by.', range: open(0, Number.POSITIVE_INFINITY) }),
};

export const normalize: ValueTransform<typeof parameters> = {
  family: 'transform',
  name: 'normalize',
  peers: ['Normalize'],
  version: 1,
  doc:
    '`(x - mean) / std`, the same two numbers for every value: `normalize(mean=0.1307, std=0.3081)` is what MNIST is ' +
    'usually given. It acts after the corruption; what is shown and recorded in raw units has it undone.',
  source: '`torchvision.transforms.Normalize`',
  parameters,
  example:
    'data digits(take=256, test=64) { normalize(mean=0.5, std=0.5) }  decoder { dense(input.size, activation=tanh) }',
  mistake: { text: 'data digits(take=256, test=64) { normalize(mean=0.5, std=0) }', code: 'AE306' },
  oracle: 'golden:sae-kl',
  acts: 'after corruption',
  shape: (_args, input) => ok(input),
  range: ({ mean, std }, input) => ({ ...input, low: (input.low - mean) / std, high: (input.high - mean) / std }),
  check: () => [],
  values: ({ mean, std }) => ({
    isDrawn: false,
    apply(values) {
      const subtrahend = Math.fround(mean);
      const divisor = Math.fround(std);
      for (let i = 0; i < values.length; i++) {
        values[i] = Math.fround((values[i] ?? 0) - subtrahend) / divisor;
      }
    },
    inDouble: (value) => (value - mean) / std,
    undo: { gain: Float64Array.of(std), shift: Float64Array.of(mean) },
  }),
  onnx: { output: ({ mean, std }, x, { node, scalar }) => node('Div', [node('Sub', [x, scalar(mean)]), scalar(std)]) },
  pytorch: {
    statements: ({ mean, std }, seen) => seen.map((x) => `${x} = (${x} - ${float32(mean)}) / ${float32(std)}`),
    definitions: [],
  },
};
