import { open } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { literal } from '../python.js';
import type { Constraint } from '../word.js';

const parameters = {
  max: real({
    peers: ['max_value', 'max_norm'],
    doc: 'Largest norm of a unit’s incoming weights.',
    range: open(0, Number.POSITIVE_INFINITY),
  }),
};

/** Keeps a norm of zero from being divided by. */
const least = 1e-12;

export const maxNorm: Constraint<typeof parameters> = {
  family: 'constraint',
  name: 'max_norm',
  peers: ['MaxNorm', 'renorm', 'maxnorm'],
  version: 1,
  doc: 'Shortens the incoming weights of a unit where their norm is above `max`: `w · min(1, max / ‖w‖)`.',
  source: 'Srivastava et al., Dropout, JMLR 2014, section 5.1; `keras.constraints.MaxNorm`, `torch.renorm`',
  parameters,
  example: 'encoder { dropout(0.2)  code: dense(16, constraint=max_norm(3)) }',
  mistake: { text: 'encoder { code: dense(16, constraint=max_norm(0)) }', code: 'AE306' },
  oracle: 'golden:constraints',
  lower: ({ div, maximum, minimum, mul, sqrt, square, sum }) => ({
    projected: ({ max }, weight, axes) =>
      mul(weight, minimum(div(max, maximum(sqrt(sum(square(weight), [...axes], true)), least)), 1)),
  }),
  pytorch: {
    expression: ({ max }, w, axes) =>
      `${w} * (${literal(max)} / torch.linalg.vector_norm(${w}, dim=${axes}, keepdim=True).clamp_min(${least})).clamp_max(1)`,
  },
};
