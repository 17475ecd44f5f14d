import type { InitializerWord } from '../../compiler/library/word.js';

const parameters = {};

export const torch: InitializerWord<typeof parameters> = {
  family: 'initializer',
  name: 'torch',
  peers: ['kaiming_uniform', 'LecunUniform'],
  version: 1,
  doc:
    'PyTorch’s default: U(-b, b) with `b = 1/√fan_in`, for the weight and for the bias. `fan_in` is the number of ' +
    'inputs that one output sums over (of a transposed convolution, as PyTorch counts: its output channels times the ' +
    'kernel).',
  source: 'LeCun et al., Efficient backprop, 1998; `torch.nn.Linear.reset_parameters`',
  parameters,
  example: 'encoder { code: dense(32, init=torch()) }',
  mistake: { text: 'encoder { code: dense(32, init=torch(2)) }', code: 'AE304' },
  oracle: 'test:tests/compiler/library/initializer.test.ts',
  initial: (_args, fanIn) => ({ kind: 'uniform', bound: 1 / Math.sqrt(fanIn) }),
  initialBias: (_args, fanIn) => ({ kind: 'uniform', bound: 1 / Math.sqrt(fanIn) }),
};
