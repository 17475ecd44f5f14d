import { layer } from '../../compiler/library/parameter.js';
import type { InitializerWord } from '../../compiler/library/word.js';

const parameters = {
  of: layer({ doc: 'An earlier layer of the opposite kind; the label of an activation means the layer before it.' }),
};

export const transposed: InitializerWord<typeof parameters> = {
  family: 'initializer',
  name: 'transposed',
  peers: ['transpose'],
  version: 1,
  doc:
    'The transpose of what an earlier layer’s weight starts from, as in `W′ = Wᵀ`; after that each is trained on its own, ' +
    'unlike with `tied`. A dense layer takes that of a dense layer, a transposed convolution the kernel of a ' +
    'convolution, and the reverse. Weights given with `--init` count as what a layer starts from. The bias starts at zero.',
  parameters,
  example: `encoder { h: dense(64, activation=relu)  code: dense(16) }
  decoder { dense(64, activation=relu, init=transposed(code))  dense(input.size, activation=sigmoid, init=transposed(h)) }`,
  mistake: {
    text: `encoder { h: dense(64, activation=relu)  code: dense(16) }
  decoder { dense(input.size, activation=sigmoid, init=transposed(h)) }`,
    code: 'AE402',
  },
  oracle: 'test:tests/compiler/library/transposed.test.ts',
  transposes: 'of',
  initial(_args, _fanIn, _fanOut, other) {
    if (other === undefined) throw new RangeError('the layer whose weight is transposed is unknown');
    return { kind: 'transposed', of: other };
  },
};
