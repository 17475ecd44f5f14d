import { describeShape, type Shape, sameShape } from '../../compiler/ir/shape.js';
import { layer } from '../../compiler/library/parameter.js';
import { failed, ok, type Result } from '../../compiler/library/word.js';
import { hintForShortcut, only } from '../joined.js';
import type { Layer } from '../word.js';

const parameters = {
  from: layer({ doc: 'The earlier layer whose output is added, or `input`, the network’s input.', allowsInput: true }),
};

export const add: Layer<typeof parameters> = {
  family: 'layer',
  name: 'add',
  peers: ['Add', 'FloatFunctional'],
  version: 1,
  doc:
    'A skip connection: `y = x + s` with the output `s` of an earlier layer, of the encoder or of the decoder, which must have the shape of ' +
    'its input. A layer `shortcut` in braces changes `s` on the way, for another shape: ' +
    '`add(from=x) { shortcut: conv2d(32, kernel=1, stride=2) }`. `residual { … }` writes it for you.',
  source: 'He et al., Deep residual learning for image recognition, CVPR 2016, equations 1 and 2',
  parameters,
  example: `encoder { h: dense(32, activation=relu)  dense(32)  add(from=h)  relu()  code: dense(16) }`,
  mistake: {
    text: 'encoder { h: dense(32, activation=relu)  dense(16)  add(from=h)  code: dense(16) }',
    code: 'AE402',
  },
  oracle: 'golden:residual',
  activation: false,
  heads: ['shortcut'],
  headsSee: 'from',
  joins: true,
  random: false,
  flattensInput: false,
  shape(_args, input, { shortcut }, named) {
    const skipped = shortcut ?? only(named, 'from').output;
    return sameShape(input, skipped) ? ok(input) : unequal(input, skipped, shortcut !== undefined);
  },
  weights: () => ({}),
  range(_args, input, named, heads) {
    const skipped = heads?.shortcut ?? only(named, 'from').range;
    return {
      low: input.low + skipped.low,
      lowOpen: input.lowOpen || skipped.lowOpen,
      high: input.high + skipped.high,
      highOpen: input.highOpen || skipped.highOpen,
    };
  },
  opposite: () => ok({ word: 'add', arguments: {}, reference: 'from', joins: true }),
  memory: { backward: 0 },
  lower: ({ add: sum }) => ({
    forward: ({ from }, input, { heads, earlier }) => sum(input, heads.shortcut ?? earlier(from).output),
  }),
  onnx: {
    output: ({ from }, x, { heads, earlier, node }) => node('Add', [x, heads.shortcut ?? earlier(from).output]),
  },
  pytorch: {
    code({ from }, { heads, taken }) {
      const shortcut = heads.flatMap(({ codes }) => codes);
      const skipped = shortcut.reduce((x, { output }) => output(x), taken(from));
      return {
        modules: shortcut.flatMap(({ modules }) => modules),
        before: shortcut.flatMap(({ before }) => before),
        output: (x) => `${x} + ${skipped}`,
      };
    },
  },
};

function unequal(input: Shape, skipped: Shape, hasShortcut: boolean): Result<never> {
  const [given, added] = [describeShape(input), describeShape(skipped)];
  if (hasShortcut) {
    return failed('AE402', `add joins equal shapes: its input is ${given}, and its shortcut gives ${added}`, {
      hint: `the shortcut must give ${given}`,
    });
  }
  return failed('AE402', `add joins equal shapes: its input is ${given}, and the layer that it names gives ${added}`, {
    argument: 'from',
    hint: hintForShortcut(skipped, input, (shortcut) => `add(from=…) { shortcut: ${shortcut} }`),
  });
}
