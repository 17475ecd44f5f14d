import type { InitializerWord } from '../../compiler/library/word.js';

const parameters = {};

export const zeros: InitializerWord<typeof parameters> = {
  family: 'initializer',
  name: 'zeros',
  peers: ['Zeros', 'zeros_'],
  version: 1,
  doc: 'All zero, the bias too. Hidden units that start equal stay equal, so it is for the last layer at most.',
  parameters,
  example: 'decoder { dense(input.size, activation=sigmoid, init=zeros()) }',
  mistake: { text: 'decoder { dense(input.size, activation=sigmoid, init=zeros(1)) }', code: 'AE304' },
  oracle: 'test:tests/compiler/library/initializer.test.ts',
  initial: () => ({ kind: 'constant', value: 0 }),
};
