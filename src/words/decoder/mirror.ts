import type { DecoderWord } from '../../compiler/library/word.js';
import { derivedParameters } from './parameters.js';

const parameters = derivedParameters();

export const mirror: DecoderWord<typeof parameters> = {
  family: 'decoder',
  name: 'mirror',
  version: 1,
  doc:
    'The encoder undone layer by layer, last to first, with weights of its own, which start as those of the encoder do. Each layer has the activation of the ' +
    'encoder layer whose output it rebuilds; the last one has `output`. `dropout` is left out.',
  parameters,
  example: 'decoder mirror(encoder, output=sigmoid)',
  mistake: { text: 'decoder mirror(encoder, output=sigmiod)', code: 'AE201' },
  oracle: 'test:tests/compiler/library/opposite.test.ts',
  tied: false,
};
