import type { Constraint } from '../word.js';

/** Keeps a norm of zero from being divided by, as `torch.nn.functional.normalize` does. */
const least = 1e-12;

export const unitNorm: Constraint<Record<never, never>> = {
  family: 'constraint',
  name: 'unit_norm',
  peers: ['UnitNorm', 'normalize', 'unitnorm'],
  version: 1,
  doc: 'Divides the incoming weights of each unit by their norm: `w / max(‖w‖, 1e-12)`.',
  source: '`keras.constraints.UnitNorm`; `torch.nn.functional.normalize`',
  parameters: {},
  example: 'encoder { code: dense(16, constraint=unit_norm) }',
  mistake: { text: 'encoder { code: dense(16, constraint=unit_norm(2)) }', code: 'AE304' },
  oracle: 'golden:constraints',
  lower: ({ div, maximum, sqrt, square, sum }) => ({
    projected: (_args, weight, axes) => div(weight, maximum(sqrt(sum(square(weight), [...axes], true)), least)),
  }),
  pytorch: {
    expression: (_args, w, axes) =>
      `${w} / torch.linalg.vector_norm(${w}, dim=${axes}, keepdim=True).clamp_min(${least})`,
  },
};
