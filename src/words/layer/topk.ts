import type { Shape } from '../../compiler/ir/shape.js';
import { integer } from '../../compiler/library/parameter.js';
import { failed, ok, type Result } from '../../compiler/library/word.js';
import type { OnnxGraphBuilder } from '../onnx.js';
import { call, literal } from '../python.js';
import type { SaelensActivation } from '../saelens.js';
import { activationWord, rectified } from './activation.js';

// Activations that keep the largest units of each example.

const parameters = {
  k: integer({
    peers: ['top_k', 'topk', 'l0'],
    doc: 'Units that are kept, of an example, or of the channels at each pixel.',
    unit: 'units',
  }),
};

export const topk = activationWord({
  name: 'topk',
  peers: ['TopK', 'top_k', 'k_sparse', 'KSparse'],
  doc:
    'TopK: the `k` largest units of each example keep their values, the others are 0, and so are negative ones: `y = relu(x)` ' +
    'where x is among the `k` largest. Of equal ones the first are kept. Over the features, or over the channels at each ' +
    'pixel or sample. Only units that are kept get a gradient.',
  source:
    'Makhzani and Frey, k-Sparse autoencoders, ICLR 2014; Gao et al., Scaling and evaluating sparse autoencoders, 2024, section 2.3',
  parameters,
  example: 'encoder { code: dense(64, activation=topk(8)) }',
  mistake: { text: 'encoder { code: dense(32, activation=topk(33)) }', code: 'AE402' },
  oracle: 'golden:topk',
  isElementwise: false,
  memory: { backward: 2 },
  shape: ({ k }, input) => fitting('topk', k, input),
  range: (_args, input) => ({ ...rectified(input), low: 0, lowOpen: false }),
  lower: ({ keepLargest }) => ({ forward: ({ k }, input) => keepLargest(input, k, 'rectified') }),
  inPytorch: (x, { k }) => call('topk', [x, literal(k)]),
  definition: `
def topk(x, k):
    """The k largest units of each example, rectified (Gao et al. 2024); of equal ones the first."""
    y = F.relu(x)
    places = y.sort(dim=1, descending=True, stable=True).indices[:, :k]
    return torch.zeros_like(y).scatter(1, places, y.gather(1, places))`,
  saelens: { is: 'activation', of: ({ args: { k } }) => inSaelens('topk', k) },
  inOnnx(x, graph, { k }) {
    const rectifiedX = graph.node('Relu', [x]);
    return keptInOnnx(graph, rectifiedX, rectifiedX, k);
  },
});

export const absTopk = activationWord({
  name: 'abs_topk',
  peers: ['AbsTopK', 'abs_top_k'],
  doc:
    'AbsTopK: the `k` units of each example that are largest in magnitude keep their values with their signs, the others are ' +
    '0. Of equal ones the first are kept. Over the features, or over the channels at each pixel or sample.',
  source: 'Zhu et al., AbsTopK: rethinking sparse autoencoders for bidirectional features, 2025',
  parameters,
  example: 'encoder { code: dense(64, activation=abs_topk(8)) }',
  mistake: { text: 'encoder { code: dense(32, activation=abs_topk(33)) }', code: 'AE402' },
  oracle: 'golden:abs-topk',
  isElementwise: false,
  memory: { backward: 3 },
  shape: ({ k }, input) => fitting('abs_topk', k, input),
  range: (_args, input) => ({
    low: Math.min(input.low, 0),
    lowOpen: input.lowOpen && input.low < 0,
    high: Math.max(input.high, 0),
    highOpen: input.highOpen && input.high > 0,
  }),
  lower: ({ keepLargest }) => ({ forward: ({ k }, input) => keepLargest(input, k, 'magnitude') }),
  inPytorch: (x, { k }) => call('abs_topk', [x, literal(k)]),
  definition: `
def abs_topk(x, k):
    """The k units of each example that are largest in magnitude; of equal ones the first."""
    places = x.abs().sort(dim=1, descending=True, stable=True).indices[:, :k]
    return torch.zeros_like(x).scatter(1, places, x.gather(1, places))`,
  saelens: { is: 'activation', of: ({ args: { k } }) => inSaelens('abstopk', k) },
  inOnnx: (x, graph, { k }) => keptInOnnx(graph, graph.node('Abs', [x]), x, k),
});

function inSaelens(architecture: string, k: number): SaelensActivation {
  return { architecture, k, rescale_acts_by_decoder_norm: false };
}

function fitting(name: string, k: number, input: Shape): Result<Shape> {
  const [units = 1] = input;
  if (k <= units) return ok(input);
  const what = input.length === 1 ? 'units' : 'channels';
  return failed('AE402', `${name}(${k}) keeps more than the ${units} ${what} that there are`, {
    argument: 'k',
    hint: `take a k of ${units} at most, or a wider layer`,
  });
}

/** The elements of `values` where `sizes` has its k largest, along features or channels; 0 elsewhere. */
function keptInOnnx({ integers, node, outputs }: OnnxGraphBuilder, sizes: string, values: string, k: number): string {
  const axis = { axis: { int: 1 } };
  const [, places = ''] = outputs('TopK', [sizes, integers([k])], 2, axis);
  // Without a value of its own it has zeros of float32.
  const zeros = node('ConstantOfShape', [node('Shape', [values])]);
  return node('ScatterElements', [zeros, places, node('GatherElements', [values, places], axis)], axis);
}
