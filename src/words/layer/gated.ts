import { halfOpen } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { ok, type WeightDeclaration } from '../../compiler/library/word.js';
import { exp } from '../../numerics/float64.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { frozen } from './weights.js';

const parameters = { frozen: frozen() };

/** What the gate adds to what is below. */
export const gateBias = 'gate_bias';
export const magnitudeBias = 'magnitude_bias';
/** The logarithms of what magnitudes are scaled by. */
export const logScale = 'log_scale';

export const gated: Layer<typeof parameters> = {
  family: 'layer',
  name: 'gated',
  peers: ['GatedSAE', 'gated_sae', 'GatedAutoEncoder', 'Gated'],
  version: 1,
  doc:
    'Gated units: whether a unit is active and how much are two things, of one direction. With x the output of `dense`, the gate is ' +
    '`π = x + b_gate` and `y = relu(exp(r) x + b_mag)` where π is above 0, else 0. All three vectors start at 0. The step of the gate ' +
    'has no gradient, so `gate_l1` and `gate_mse` train it. A layer of its own, after `dense(n, bias=false)`.',
  source:
    'Rajamanoharan et al., Improving dictionary learning with gated sparse autoencoders, NeurIPS 2024, section 3.2',
  parameters,
  example: `encoder { dense(64, bias=false)  code: gated() }
  decoder { dense(input.size) }
  loss mse(reduction=batchmean) + gate_mse() + 0.1 * gate_l1()`,
  mistake: { text: 'encoder { dense(32, bias=false)  code: gated(8) }', code: 'AE305' },
  oracle: 'golden:gated',
  activation: false,
  activates: true,
  addsBias: true,
  trainedBy: { losses: ['gate_l1', 'gate_mse'], what: 'gate' },
  heads: [],
  random: false,
  flattensInput: true,
  memory: { forward: 4, backward: 4 },
  shape: (_args, input) => ok([elementCount(input)]),
  weights(_args, input) {
    const zeros = { shape: [elementCount(input)], trainable: true, initial: { kind: 'constant', value: 0 } } as const;
    const declared: Record<string, WeightDeclaration> = {
      [gateBias]: zeros,
      [magnitudeBias]: zeros,
      [logScale]: zeros,
    };
    return declared;
  },
  range: () => halfOpen(0, Number.POSITIVE_INFINITY),
  opposite: () => ok(null),
  lower: ({ add, exp, greater, minimum, mul, sum, weightOf, where, withGradient, zerosLike }) => ({
    forward(_args, input, context) {
      const gate = weightOf(context, gateBias);
      const [bias, logarithms] = [weightOf(context, magnitudeBias), weightOf(context, logScale)];
      return withGradient([input, bias, logarithms], (save) => {
        const scale = exp(logarithms);
        const scaled = mul(input, scale);
        const magnitude = add(scaled, bias);
        // The unit is active where both the gate and the magnitude are above 0.
        const least = minimum(add(input, gate), magnitude);
        save([least, scaled, scale]);
        return {
          value: where(greater(least, 0), magnitude, zerosLike(magnitude)),
          gradient(upstream, [lowest = least, product = scaled, factor = scale]) {
            const passed = where(greater(lowest, 0), upstream, zerosLike(upstream));
            return [mul(passed, factor), sum(passed, 0), sum(mul(passed, product), 0)];
          },
        };
      });
    },
  }),
  saelens: {
    is: 'activation',
    of({ bias, weight }) {
      const [gate, magnitude, logarithms] = [weight(gateBias), weight(magnitudeBias), weight(logScale)];
      // A bias of the layer below counts for both, and is scaled with the magnitudes.
      const below = (i: number) => bias?.[i] ?? 0;
      return {
        architecture: 'gated',
        biases: {
          b_gate: gate.map((value, i) => value + below(i)),
          b_mag: magnitude.map((value, i) => value + below(i) * exp(logarithms[i] ?? 0)),
          r_mag: logarithms,
        },
      };
    },
  },
  onnx: {
    output(_args, x, { node, scalar, weight }) {
      const isOpen = node('Greater', [node('Add', [x, weight(gateBias)]), scalar(0)]);
      const magnitude = node('Add', [node('Mul', [x, node('Exp', [weight(logScale)])]), weight(magnitudeBias)]);
      return node('Where', [isOpen, node('Relu', [magnitude]), scalar(0)]);
    },
  },
  pytorch: {
    code: (_args, { output: [features = 1], module }) => module(call('Gated', [literal(features)])),
    definition: `
class Gated(nn.Module):
    """A gate that opens a unit, and the magnitude that it then has (Rajamanoharan et al. 2024)."""

    def __init__(self, features):
        super().__init__()
        self.gate_bias = nn.Parameter(torch.zeros(features))
        self.magnitude_bias = nn.Parameter(torch.zeros(features))
        self.log_scale = nn.Parameter(torch.zeros(features))

    def gate(self, x):
        return x + self.gate_bias

    def forward(self, x):
        return torch.where(self.gate(x) > 0, F.relu(x * self.log_scale.exp() + self.magnitude_bias), 0)`,
  },
};
