import type { ArgumentsOf } from '../../compiler/library/parameter.js';
import { boolean, choice } from '../../compiler/library/parameter.js';
import type { Constraint } from '../word.js';

const parameters = {
  of: choice({
    doc:
      'Which weights have the norm: the `incoming` ones of each of the layer’s units, or the `outgoing` ones of each unit below ' +
      'it, which in the decoder of a sparse autoencoder are the columns, the feature’s direction.',
    options: ['incoming', 'outgoing'],
    default: 'incoming',
  }),
  project_gradient: boolean({
    doc:
      'Whether the part of the gradient along these weights, which the norm takes back, is removed before clipping and the ' +
      'update, so that no optimizer averages it.',
    default: false,
  }),
};

/** Keeps a norm of zero from being divided by, as `torch.nn.functional.normalize` does. */
const least = 1e-12;

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
  lower: ({ div, maximum, mul, sqrt, square, sub, sum }) => ({
    projected(args, weight, incoming) {
      const axes = axesOf(args, weight.shape, incoming);
      return div(weight, maximum(sqrt(sum(square(weight), axes, true)), least));
    },
    gradient(args, weight, gradient, incoming) {
      if (!args.project_gradient) return gradient;
      const axes = axesOf(args, weight.shape, incoming);
      const direction = div(weight, maximum(sqrt(sum(square(weight), axes, true)), least));
      return sub(gradient, mul(sum(mul(gradient, direction), axes, true), direction));
    },
  }),
  pytorch: {
    expression: (args, w, axes) => normalized(w, axesInPython(args, w, axes)),
    gradient(args, w, axes) {
      if (!args.project_gradient) return null;
      const along = axesInPython(args, w, axes);
      return `${w}.grad - (${w}.grad * (d := ${normalized(w, along)})).sum(${along}, keepdim=True) * d`;
    },
  },
};

type UnitNorm = ArgumentsOf<typeof parameters>;

function axesOf({ of }: UnitNorm, shape: readonly number[], incoming: readonly number[]): number[] {
  return of === 'incoming' ? [...incoming] : [...shape.keys()].filter((axis) => axis !== 1);
}

function axesInPython({ of }: UnitNorm, w: string, incoming: string): string {
  return of === 'incoming' ? incoming : `[axis for axis in range(${w}.dim()) if axis != 1]`;
}

function normalized(w: string, axes: string): string {
  return `${w} / torch.linalg.vector_norm(${w}, dim=${axes}, keepdim=True).clamp_min(${least})`;
}
