import { describeShape } from '../../compiler/ir/shape.js';
import { word } from '../../compiler/library/parameter.js';
import type { StructureWord } from '../../compiler/library/word.js';
import { hintForShortcut } from '../joined.js';

const parameters = {
  shortcut: word({
    family: 'layer',
    doc: 'The layer through which the input is added, where the layers in braces change its shape: ResNet’s projection.',
    default: null,
  }),
};

export const residual: StructureWord<typeof parameters> = {
  family: 'structure',
  name: 'residual',
  peers: ['ResidualBlock', 'BasicBlock', 'Residual', 'skip'],
  version: 1,
  doc:
    'Its input plus what the layers in braces make of it: `y = x + f(x)`. The layers must keep the shape; where they change ' +
    'it, a shortcut brings the input to theirs: `residual(shortcut=conv2d(32, kernel=1, stride=2)) { … }`, or a block of yours, `shortcut=projection(32)`. It stands for its ' +
    'layers and an `add` from the one before them, and such a network has the same identity. An activation of the sum is written after it.',
  source: 'He et al., Deep residual learning for image recognition, CVPR 2016',
  parameters,
  example: `encoder { conv2d(4, kernel=3, padding=1)  relu()
    residual { conv2d(4, kernel=3, padding=1)  relu()  conv2d(4, kernel=3, padding=1) }  relu()
    residual(shortcut=conv2d(8, kernel=1, stride=2)) { conv2d(8, kernel=3, stride=2, padding=1) }  code: dense(16) }`,
  mistake: { text: 'encoder { dense(32)  residual { dense(16) }  code: dense(16) }', code: 'AE402' },
  oracle: 'golden:residual',
  copies: () => 1,
  hidesLabels: false,
  join: {
    word: 'add',
    reference: 'from',
    head: 'shortcut',
    argument: 'shortcut',
    layer: ({ shortcut }) => shortcut,
    mismatch: (input, output) => ({
      message: `residual adds its input, which is ${describeShape(input)}, to what its layers give, which is ${describeShape(output)}`,
      hint: hintForShortcut(input, output, (shortcut) => `residual(shortcut=${shortcut}) { … }`),
    }),
  },
};
