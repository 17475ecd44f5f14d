import type { Tensor } from '@tensorflow/tfjs-core';
import { describeShape, sameShape } from '../../compiler/ir/shape.js';
import type { Value } from '../../compiler/ir/value.js';
import { layer } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { call, plain } from '../python.js';
import type { Layer } from '../word.js';
import { maxPool2d } from './max_pool2d.js';
import { overlaps, poolInPytorch, windowOf } from './pool.js';
import { type Window, windowInOnnx } from './window.js';

const parameters = {
  from: layer({ doc: 'The `max_pool2d` that is undone.' }),
};

export const unpool2d: Layer<typeof parameters> = {
  family: 'layer',
  name: 'unpool2d',
  peers: ['MaxUnpool2d'],
  version: 1,
  doc:
    'Puts each value back to the place from which a `max_pool2d` took its maximum, with zeros elsewhere: from the shape ' +
    'of that pool’s output to the shape of its input.',
  source: 'Zeiler and Fergus, Visualizing and understanding convolutional networks, ECCV 2014; `torch.nn.MaxUnpool2d`',
  parameters,
  example: `encoder { conv2d(4, kernel=3, padding=1, activation=relu)  code: max_pool2d(2) }
  decoder { unpool2d(from=code)  conv_transpose2d(1, kernel=3, padding=1, activation=sigmoid) }`,
  mistake: {
    text: `encoder { code: conv2d(4, kernel=2, stride=2) }
  decoder { unpool2d(from=code)  conv_transpose2d(1, kernel=3, padding=1, activation=sigmoid) }`,
    code: 'AE402',
  },
  oracle: 'golden:maxpool-unpool',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  needsInputs: true,
  shape(_args, input, _heads, named) {
    const [pool] = named?.from ?? [];
    if (pool?.word !== maxPool2d.name) {
      return failed('AE402', `unpool2d undoes a max_pool2d, and this is ${pool ? `a ${pool.word}` : 'none'}`, {
        argument: 'from',
        hint: 'label the pool in the encoder and name it here',
      });
    }
    if (overlaps(windowOfPool(pool.arguments))) {
      return failed('AE402', 'the windows of the pool overlap, so one place may have been the maximum of several', {
        argument: 'from',
        hint: 'give the pool a stride as large as its kernel',
      });
    }
    if (!sameShape(input, pool.output)) {
      return failed(
        'AE402',
        `the pool gave ${describeShape(pool.output)}, and the input of unpool2d is ${describeShape(input)}`,
        { argument: 'from' },
      );
    }
    return ok(pool.input);
  },
  weights: () => ({}),
  range: (_args, input) => ({
    low: Math.min(input.low, 0),
    lowOpen: input.lowOpen && input.low < 0,
    high: Math.max(input.high, 0),
    highOpen: input.highOpen && input.high > 0,
  }),
  opposite: () => failed('AE505', 'the opposite of unpool2d is not known', { hint: 'write the decoder out' }),
  /**
   * Values go back to where a pool took its maxima. That is what the gradient of the pool does with its own gradient,
   * so the kernel for it is used here, and no indices have to be kept. The windows don't overlap, so the gradient of
   * this is the sum over each window of what arrives at its maximum.
   */
  lower: ({ asImages, avgPool, cropped, maxPool, maxPoolGradient, mul, onesLike, padded, withGradient }) => ({
    forward({ from }, input, context) {
      const window = windowOfPool(context.argumentsOf(from));
      const { kernel, stride, padding } = window;
      const before = asImages(context.earlier(from).input);
      const [, height, width] = before.shape;
      const pooled = padded(before, padding, Number.NEGATIVE_INFINITY);
      const sumOfWindows = (images: Tensor) =>
        mul(avgPool(asImages(images), [...kernel], [...stride], 'valid'), kernel[0] * kernel[1]);
      return withGradient([input], (save) => {
        const maxima = maxPool(pooled, [...kernel], [...stride], 'valid');
        const places = maxPoolGradient(onesLike(maxima), pooled, maxima, window);
        save([places]);
        return {
          value: cropped(maxPoolGradient(asImages(input), pooled, maxima, window), padding, [height, width]),
          gradient: (upstream, [mask = places]) => [sumOfWindows(mul(padded(asImages(upstream), padding), mask))],
        };
      });
    },
  }),
  onnx: {
    output({ from }, x, { earlier, integers, node, output, outputs }) {
      const pool = earlier(from);
      const window = windowInOnnx(windowOfPool(pool.arguments));
      const [, places = ''] = outputs('MaxPool', [pool.input], 2, window);
      const batch = node('Shape', [pool.input], { start: { int: 0 }, end: { int: 1 } });
      const size = node('Concat', [batch, integers(output)], { axis: { int: 0 } });
      return node('MaxUnpool', [x, places, size], window);
    },
  },
  pytorch: {
    code({ from }, { output: [, height = 1, width = 1], pool }) {
      const { places, arguments: args } = pool(from);
      const window = poolInPytorch(windowOfPool(args));
      return plain((x) => call('F.max_unpool2d', [x, places, ...window], { output_size: `(${height}, ${width})` }));
    },
    undoes: ({ from }) => from,
  },
};

function isPair(value: Value | undefined): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((n) => typeof n === 'number');
}

function windowOfPool({ kernel, stride, padding }: Readonly<Record<string, Value>>): Window {
  if (!isPair(kernel) || !isPair(padding)) throw new RangeError('unpool2d undoes a pool, and this is none');
  return windowOf({ kernel, stride: isPair(stride) ? stride : null, padding });
}
