import type { Constraint } from '../word.js';

export const nonNegative: Constraint<Record<never, never>> = {
  family: 'constraint',
  name: 'non_negative',
  peers: ['NonNeg', 'nonneg', 'clamp_min'],
  version: 1,
  doc: 'Sets negative weights to 0.',
  source:
    'Lemme, Reinhart and Steil, Online learning and generalization of parts-based image representations by non-negative sparse autoencoders, Neural Networks 2012; `keras.constraints.NonNeg`',
  parameters: {},
  example: 'encoder { code: dense(16, constraint=non_negative) }',
  mistake: { text: 'encoder { code: dense(16, constraint=non_negative(2)) }', code: 'AE304' },
  oracle: 'golden:constraints',
  lower: ({ relu }) => ({ projected: (_args, weight) => relu(weight) }),
  pytorch: { expression: (_args, w) => `${w}.clamp_min(0)` },
};
