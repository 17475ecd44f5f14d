import { closed, type Interval } from '../../compiler/ir/interval.js';
import { describeShape } from '../../compiler/ir/shape.js';
import { choice, pair, real } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { PixelTransform } from '../word.js';

const parameters = {
  size: pair({
    peers: ['padding'],
    doc: 'Rows and columns added on every side: one number, or `[rows, columns]`.',
    unit: 'pixels',
    range: closed(0, Number.MAX_SAFE_INTEGER),
  }),
  mode: choice({
    peers: ['padding_mode'],
    doc: 'What is added: one number, the image mirrored at its border pixels (`reflect`), or its border pixels (`edge`).',
    options: ['constant', 'reflect', 'edge'],
    default: 'constant',
  }),
  value: real({ peers: ['fill'], doc: 'The number of `constant`, in the units of the data.', default: 0 }),
};

export const pad: PixelTransform<typeof parameters> = {
  family: 'transform',
  name: 'pad',
  peers: ['Pad', 'ZeroPad2d', 'ConstantPad2d', 'ReflectionPad2d', 'ReplicationPad2d', 'ZeroPadding2D'],
  version: 1,
  doc: 'Adds a border around an image, such as 28×28 to 32×32 with `pad(2)`. It acts before the corruption.',
  source: '`numpy.pad`; `torchvision.transforms.Pad`',
  parameters,
  example: 'data digits(take=256, test=64) { pad(2, mode=reflect) }',
  mistake: { text: 'data digits(take=256, test=64) { pad(28, mode=reflect) }', code: 'AE403' },
  oracle: 'test:tests/runtime/datasets/pad.test.ts',
  acts: 'before corruption',
  shape({ size, mode }, input) {
    const [channels, height, width] = input;
    if (channels === undefined || height === undefined || width === undefined) {
      return failed('AE403', `only images can be padded, and the data is ${describeShape(input)}`);
    }
    if (mode === 'reflect' && (size[0] >= height || size[1] >= width)) {
      return failed('AE403', `an image of ${height}×${width} has no ${describeShape(size)} pixels to mirror`, {
        argument: 'size',
        hint: `the border pixels themselves are not repeated: take at most ${height - 1}×${width - 1}, or mode=edge`,
      });
    }
    return ok([channels, height + 2 * size[0], width + 2 * size[1]]);
  },
  range: ({ mode, value }, input) => (mode === 'constant' ? spanning(input, value) : input),
  check: () => [],
  pixels: ({ size, mode, value }) => ({
    kind: 'images',
    prepare({ height, width }) {
      const rows = sourcesAlong(height, size[0], mode);
      const columns = sourcesAlong(width, size[1], mode);
      return {
        size: [rows.length, columns.length],
        apply(images) {
          const planes = images.length / (height * width);
          const padded = new Float32Array(planes * rows.length * columns.length);
          let at = 0;
          for (let plane = 0; plane < planes; plane++) {
            for (const row of rows) {
              const from = (plane * height + row) * width;
              for (const column of columns) padded[at++] = row < 0 || column < 0 ? value : (images[from + column] ?? 0);
            }
          }
          return padded;
        },
      };
    },
  }),
  onnx: {
    output({ size, mode, value }, x, { input: [, height = 1, width = 1], integers, node, scalar }) {
      if (mode === 'constant') {
        const around = integers([0, 0, ...size, 0, 0, ...size]);
        return node('Pad', [x, around, scalar(value)], { mode: { string: 'constant' } });
      }
      const tall = node('Gather', [x, integers(sourcesAlong(height, size[0], mode))], { axis: { int: 2 } });
      return node('Gather', [tall, integers(sourcesAlong(width, size[1], mode))], { axis: { int: 3 } });
    },
  },
  pytorch: {
    expression: ({ size, mode, value }, images) =>
      call('pad', [images, literal(size)], {
        mode: literal(mode),
        constant_values: mode === 'constant' ? `np.float32(${literal(value)})` : null,
      }),
    definitions: [
      `
def pad(x, size, **how):
    return np.pad(x, ((0, 0), (0, 0), (size[0], size[0]), (size[1], size[1])), **how)`,
    ],
  },
};

/** For each row or column of the padded image the one it shows; -1 for none. */
function sourcesAlong(side: number, added: number, mode: 'constant' | 'reflect' | 'edge'): readonly number[] {
  return Array.from({ length: side + 2 * added }, (_, i) => {
    const at = i - added;
    if (at >= 0 && at < side) return at;
    if (mode === 'constant') return -1;
    if (mode === 'edge') return at < 0 ? 0 : side - 1;
    return at < 0 ? -at : 2 * (side - 1) - at;
  });
}

/** The values of an interval and one more. */
function spanning(input: Interval, value: number): Interval {
  if (value < input.low || value > input.high) {
    return closed(Math.min(input.low, value), Math.max(input.high, value));
  }
  return { ...input, lowOpen: input.lowOpen && value > input.low, highOpen: input.highOpen && value < input.high };
}
