import { describeShape } from '../../compiler/ir/shape.js';
import { choice, pair } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { resizeImages } from '../../runtime/datasets/resize-images.js';
import { call, literal } from '../python.js';
import type { PixelTransform } from '../word.js';

const parameters = {
  size: pair({ doc: 'Of the result: one number, or `[height, width]`.', unit: 'pixels' }),
  method: choice({
    doc:
      '`bilinear` between the centres of pixels; `nearest`; or `area`, the mean of the pixels that a new one covers, which ' +
      'is the one for making images smaller.',
    options: ['bilinear', 'nearest', 'area'],
    default: 'bilinear',
  }),
};

export const resize: PixelTransform<typeof parameters> = {
  family: 'transform',
  name: 'resize',
  peers: ['Resize'],
  version: 1,
  doc: 'The same image with more or fewer pixels. It acts before the corruption.',
  source: '`torch.nn.functional.interpolate` with `align_corners=False`',
  parameters,
  example: 'data digits(take=256, test=64) { resize(14, method=area) }',
  mistake: { text: 'data digits(take=256, test=64) { resize(14, method=cubic) }', code: 'AE305' },
  oracle: 'test:tests/runtime/datasets/resize.test.ts',
  acts: 'before corruption',
  shape({ size }, input) {
    const [channels] = input;
    if (channels === undefined || input.length !== 3) {
      return failed('AE403', `only images can be resized, and the data is ${describeShape(input)}`);
    }
    return ok([channels, ...size]);
  },
  range: (_args, input) => input,
  check: () => [],
  pixels: ({ size, method }) => ({
    kind: 'images',
    prepare: ({ height, width }) => ({
      size,
      apply: (images) => resizeImages(images, [height, width], size, method),
    }),
  }),
  /** Each method is linear in rows and in columns, so resizing a unit matrix gives the matrix to multiply by. */
  onnx: {
    output({ size, method }, x, { constant, input: [, height = 1, width = 1], node }) {
      const rows = resizeImages(unitMatrix(height), [height, height], [size[0], height], method);
      const columns = resizeImages(unitMatrix(width), [width, width], [width, size[1]], method);
      const tall = node('MatMul', [constant(rows, [size[0], height]), x]);
      return node('MatMul', [tall, constant(columns, [width, size[1]])]);
    },
  },
  pytorch: {
    expression: ({ size, method }, images) => call(`resize_${method}`, [images, literal(size)]),
    definitions: [
      `
def places(old, new):
    """For each new pixel the two old ones between whose centres it lies, and their weights."""
    at = np.maximum(0, ((2 * np.arange(new) + 1) * old - new) / (2 * new))
    first = np.minimum(np.floor(at).astype(int), old - 1)
    far = np.minimum(1, at - first).astype(np.float32)
    return first, np.minimum(first + 1, old - 1), np.float32(1) - far, far`,
      `
def resize_bilinear(x, size):
    first, second, near, far = places(x.shape[3], size[1])
    x = near * x[:, :, :, first] + far * x[:, :, :, second]
    first, second, near, far = places(x.shape[2], size[0])
    return near[:, None] * x[:, :, first] + far[:, None] * x[:, :, second]`,
      `
def resize_nearest(x, size):
    rows = np.arange(size[0]) * x.shape[2] // size[0]
    columns = np.arange(size[1]) * x.shape[3] // size[1]
    return x[:, :, rows][:, :, :, columns]`,
      `
def resize_area(x, size):
    """The mean of the pixels that a new one covers, summed in float64 row by row."""
    result = np.empty((*x.shape[:2], *size), np.float32)
    for i in range(size[0]):
        rows = range(i * x.shape[2] // size[0], -(-(i + 1) * x.shape[2] // size[0]))
        for j in range(size[1]):
            columns = range(j * x.shape[3] // size[1], -(-(j + 1) * x.shape[3] // size[1]))
            total = np.zeros(x.shape[:2])
            for r in rows:
                for c in columns:
                    total = total + x[:, :, r, c]
            result[:, :, i, j] = total / (len(rows) * len(columns))
    return result`,
    ],
  },
};

function unitMatrix(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}
