import type { Constraint } from '../word.js';
import {
  axesInPython,
  axesOf,
  normInPython,
  normOf,
  projectGradient,
  vectors,
  withoutPartAlong,
  withoutPartAlongInPython,
} from './outgoing.js';

const parameters = { of: vectors('have the norm'), project_gradient: projectGradient() };

export const unitNorm: Constraint<typeof parameters> = {
  family: 'constraint',
  name: 'unit_norm',
  peers: ['UnitNorm', 'normalize', 'unitnorm', 'normalize_decoder', 'set_decoder_norm_to_unit_norm'],
  version: 1,
  doc: 'Divides the incoming weights of each unit, or the outgoing ones, by their norm: `w / max(‖w‖, 1e-12)`.',
  source:
    '`keras.constraints.UnitNorm`; `torch.nn.functional.normalize`; Bricken et al., Towards monosemanticity, 2023, for the gradient',
  parameters,
  example:
    'decoder { dense(input.size, init=transposed(code), constraint=unit_norm(of=outgoing, project_gradient=true)) }',
  mistake: { text: 'encoder { code: dense(16, constraint=unit_norm(2)) }', code: 'AE305' },
  oracle: 'golden:constraints golden:unit-columns',
  lower: (operations) => ({
    projected: (args, weight, incoming) =>
      operations.div(weight, normOf(operations, weight, axesOf(args, weight.shape, incoming))),
    gradient: (args, weight, gradient, incoming) => withoutPartAlong(operations, args, weight, gradient, incoming),
  }),
  pytorch: {
    expression: (args, w, axes) => `${w} / ${normInPython(w, axesInPython(args, w, axes))}`,
    gradient: withoutPartAlongInPython,
  },
};
