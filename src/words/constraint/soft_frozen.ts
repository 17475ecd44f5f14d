import { closed } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import type { Constraint } from '../word.js';
import {
  axesInPython,
  axesOf,
  leastNorm,
  normOf,
  projectGradient,
  vectors,
  withoutPartAlong,
  withoutPartAlongInPython,
} from './outgoing.js';

const parameters = {
  cosine: real({
    peers: ['min_cosine', 'threshold'],
    doc: 'The least cosine between weights and their start: 1 leaves them where they start, 0 lets them turn by 90°.',
    default: 0.8,
    range: closed(0, 1),
  }),
  of: vectors('keep near their start'),
  project_gradient: projectGradient(),
};

export const softFrozen: Constraint<typeof parameters> = {
  family: 'constraint',
  name: 'soft_frozen',
  peers: ['SoftFrozen', 'soft_frozen_decoder', 'cosine_constraint'],
  version: 1,
  doc:
    'Keeps the direction of each unit’s incoming weights, or outgoing ones, near the one that it starts with, and their norm: with d the ' +
    'direction of w and u that of its start w₀, `w = ‖w₀‖ d` where `d · u` is at least `cosine`, and else `‖w₀‖` times the direction at ' +
    'that cosine from u that is nearest to d. A sparse autoencoder whose decoder hardly moves from random directions is a ' +
    'baseline: what it does as well owes nothing to learned features.',
  source: 'Korznikov et al., Sanity checks for sparse autoencoders: do SAEs beat random baselines?, arXiv:2602.14111',
  parameters,
  example: `encoder { code: dense(64, activation=topk(8), init=directions()) }
  decoder { dense(input.size, init=transposed(code), constraint=soft_frozen(of=outgoing)) }`,
  mistake: { text: 'encoder { code: dense(16, constraint=soft_frozen(1.5)) }', code: 'AE306' },
  oracle: 'golden:soft-frozen',
  lower: (operations) => ({
    seesStart: true,
    projected(args, weight, incoming, start) {
      const { add, cast, div, greaterEqual, mul, sub, sum } = operations;
      const axes = axesOf(args, weight.shape, incoming);
      const norm = normOf(operations, start, axes);
      const first = div(start, norm);
      const direction = div(weight, normOf(operations, weight, axes));
      const cosine = sum(mul(direction, first), axes, true);
      const rest = sub(direction, mul(cosine, first));
      const sine = Math.sqrt(1 - args.cosine * args.cosine);
      const turned = add(mul(first, args.cosine), mul(div(rest, normOf(operations, rest, axes)), sine));
      const isNear = cast(greaterEqual(cosine, args.cosine), 'float32');
      const limited = div(turned, normOf(operations, turned, axes));
      return mul(add(mul(direction, isNear), mul(limited, sub(1, isNear))), norm);
    },
    gradient: (args, weight, gradient, incoming) => withoutPartAlong(operations, args, weight, gradient, incoming),
  }),
  pytorch: {
    expression: (args, w, axes, start) =>
      call('soft_frozen', [w, start, axesInPython(args, w, axes), literal(args.cosine)]),
    gradient: withoutPartAlongInPython,
    definition: `
def soft_frozen(w, start, axes, cosine):
    """Weights of the norm of their start, no further from its direction than a cosine (Korznikov et al. 2026)."""
    norm = lambda x: torch.linalg.vector_norm(x, dim=axes, keepdim=True).clamp_min(${leastNorm})
    u, d = start / norm(start), w / norm(w)
    rest = d - (d * u).sum(axes, keepdim=True) * u
    turned = cosine * u + (1 - cosine**2) ** 0.5 * rest / norm(rest)
    return norm(start) * torch.where((d * u).sum(axes, keepdim=True) >= cosine, d, turned / norm(turned))`,
  },
};
