import { closed } from '../../compiler/ir/interval.js';
import { describeShape, elementCount } from '../../compiler/ir/shape.js';
import { list } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { literal, plain } from '../python.js';
import type { Layer } from '../word.js';

const parameters = {
  shape: list({
    of: 'integer',
    doc: '`[channels, height, width]`, `[channels, length]` or `[features]`; `input.shape` is the shape of the data.',
    range: closed(1, Number.MAX_SAFE_INTEGER),
  }),
};

export const reshape: Layer<typeof parameters> = {
  family: 'layer',
  name: 'reshape',
  peers: ['Reshape', 'Unflatten', 'view'],
  version: 1,
  doc:
    'The same elements in another shape, in the order of `flatten`: the last index runs fastest. The number of ' +
    'elements must stay the same. Its opposite is the `reshape` back.',
  parameters,
  example: 'decoder { dense(input.size, activation=sigmoid)  reshape(input.shape) }',
  mistake: { text: 'decoder { dense(input.size, activation=sigmoid)  reshape([3, 5, 7]) }', code: 'AE402' },
  oracle: 'golden:cae',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  reshapes: 'to a shape',
  shape({ shape }, input) {
    if (shape.length < 1 || shape.length > 3) {
      return failed('AE402', `a shape has 1 to 3 numbers, not ${shape.length}`, {
        argument: 'shape',
        hint: 'write [channels, height, width], [channels, length] or [features]',
      });
    }
    if (elementCount(shape) !== elementCount(input)) {
      return failed(
        'AE402',
        `${describeShape(shape)} has ${elementCount(shape)} elements, but the input ${describeShape(input)} has ${elementCount(input)}`,
        { argument: 'shape' },
      );
    }
    return ok(shape);
  },
  weights: () => ({}),
  range: (_args, input) => input,
  opposite: (_args, { input }) => ok({ word: 'reshape', arguments: { shape: input }, reference: null }),
  lower: ({ toElements, toInside }) => ({
    forward: (_args, input, context) => toInside(toElements(input, context.input), context.output),
  }),
  onnx: { output: (_args, x, { integers, node, output }) => node('Reshape', [x, integers([-1, ...output])]) },
  pytorch: {
    code: (_args, { output }) => plain((x) => `${x}.reshape(${['-1', ...output.map(literal)].join(', ')})`),
  },
};
