import { closed } from '../../compiler/ir/interval.js';
import { describeShape } from '../../compiler/ir/shape.js';
import { real } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import type { Planes } from '../../runtime/datasets/transform.js';
import type { BatchPosition } from '../../runtime/datasets/windows.js';
import { call, literal } from '../python.js';
import type { PixelTransform } from '../word.js';

const parameters = {
  horizontal: real({ doc: 'Probability that left and right change places.', default: 0.5, range: closed(0, 1) }),
  vertical: real({ doc: 'Probability that top and bottom change places.', default: 0, range: closed(0, 1) }),
};

export const flip: PixelTransform<typeof parameters> = {
  family: 'transform',
  name: 'flip',
  peers: ['RandomHorizontalFlip', 'RandomVerticalFlip', 'RandomFlip'],
  version: 1,
  doc:
    'Mirrors an image, drawn anew for every example of every epoch. An evaluation, and what is shown or applied, has ' +
    'images as they are. It acts before the corruption.',
  parameters,
  example: 'data digits(take=256, test=64) { flip() }',
  mistake: { text: 'data digits(take=256, test=64) { flip(horizontal=2) }', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/transform.test.ts',
  acts: 'before corruption',
  shape: (_args, input) =>
    input.length === 3
      ? ok(input)
      : failed('AE403', `only images can be mirrored, and the data is ${describeShape(input)}`),
  range: (_args, input) => input,
  check: () => [],
  pixels: ({ horizontal, vertical }) => ({
    kind: 'images',
    prepare(planes, random) {
      if (random === null) return null;
      const drawn = (side: string, probability: number) => {
        const source = random(side);
        return (count: number, { step, firstExample }: BatchPosition): Float32Array => {
          const mirrored = new Float32Array(count);
          if (probability > 0) source.bernoulli(mirrored, probability, step, firstExample);
          return mirrored;
        };
      };
      const across = drawn('horizontal', horizontal);
      const over = drawn('vertical', vertical);
      const size = planes.channels * planes.height * planes.width;
      return {
        size: [planes.height, planes.width],
        apply(images, count, at) {
          const leftRight = across(count, at);
          const topBottom = over(count, at);
          for (let i = 0; i < count; i++) {
            const image = images.subarray(i * size, (i + 1) * size);
            mirrorImage(image, planes, { horizontal: leftRight[i] === 1, vertical: topBottom[i] === 1 });
          }
          return images;
        },
      };
    },
  }),
  onnx: { output: (_args, x) => x },
  pytorch: {
    expression: ({ horizontal, vertical }, images, { stream }) =>
      call('flip', [images, stream('horizontal'), literal(horizontal), stream('vertical'), literal(vertical), 'step']),
    definitions: [
      `
def flip(x, horizontal_stream, horizontal, vertical_stream, vertical, step):
    x = x.copy()
    for stream, p, axis in ((horizontal_stream, horizontal, 3), (vertical_stream, vertical, 2)):
        if p > 0:
            mirrored = uniform(stream, step, (len(x),)) < np.float32(p)
            x[mirrored] = np.flip(x[mirrored], axis)
    return x`,
    ],
  },
};

/** Mirrors all planes of one image; `image` has its values, channel by channel, row by row. In place. */
function mirrorImage(
  image: Float32Array,
  { channels, height, width }: Planes,
  mirrored: { readonly horizontal: boolean; readonly vertical: boolean },
): void {
  const rows = channels * height;
  if (mirrored.horizontal) {
    for (let row = 0; row < rows; row++) image.subarray(row * width, (row + 1) * width).reverse();
  }
  if (!mirrored.vertical) return;
  for (let channel = 0; channel < channels; channel++) {
    for (let upper = 0; upper < Math.floor(height / 2); upper++) {
      exchange(image, (channel * height + upper) * width, (channel * height + height - 1 - upper) * width, width);
    }
  }
}

function exchange(image: Float32Array, a: number, b: number, count: number): void {
  const kept = image.slice(a, a + count);
  image.copyWithin(a, b, b + count);
  image.set(kept, b);
}
