import { halfOpen } from '../../compiler/ir/interval.js';
import { scheduled } from '../../compiler/library/parameter.js';
import { ok } from '../../compiler/library/word.js';
import { call, literal, plain } from '../python.js';
import type { Layer } from '../word.js';

const parameters = {
  p: scheduled({
    peers: ['rate', 'prob'],
    doc: 'Probability that an element is dropped.',
    default: 0.5,
    range: halfOpen(0, 1),
  }),
};

export const dropout: Layer<typeof parameters> = {
  family: 'layer',
  name: 'dropout',
  peers: ['Dropout', 'Dropout1d'],
  version: 1,
  doc:
    'Sets each element to zero with probability `p` while training and multiplies the others by `1/(1-p)`; outside ' +
    'training it does nothing. A mirrored decoder leaves it out.',
  source: 'Srivastava et al., Dropout, JMLR 15 (2014)',
  parameters,
  example: 'encoder { dropout(0.2)  code: dense(32, activation=relu) }',
  mistake: { text: 'encoder { dropout(1)  code: dense(32, activation=relu) }', code: 'AE306' },
  oracle: 'test:tests/runtime/lowering/dropout.test.ts',
  activation: false,
  heads: [],
  random: true,
  flattensInput: false,
  memory: { forward: 4.25, backward: 3 },
  shape: (_args, input) => ok(input),
  weights: () => ({}),
  range({ p }, input) {
    if (p === 0) return input;
    // A schedule may come as close to 1 as it likes.
    const scale = typeof p === 'number' ? 1 / (1 - p) : Number.POSITIVE_INFINITY;
    const stretched = (bound: number) => (bound === 0 ? 0 : bound * scale);
    return {
      low: input.low < 0 ? stretched(input.low) : 0,
      lowOpen: input.low < 0 && input.lowOpen,
      high: input.high > 0 ? stretched(input.high) : 0,
      highOpen: input.high > 0 && input.highOpen,
    };
  },
  opposite: () => ok(null),
  /** An element stays where its uniform number is at least p, times 1 / (1 - p). */
  lower: ({ cast, greaterEqual, mul }) => ({
    forward({ p }, input, { training, noise }) {
      if (!training || p === 0) return input;
      const kept = greaterEqual(noise.uniform('mask', input.shape), p);
      return mul(input, mul(cast(kept, 'float32'), 1 / (1 - p)));
    },
  }),
  onnx: { output: (_args, x) => x },
  pytorch: {
    code: ({ p }, { training, draw }) => plain((x) => call('dropout', [x, literal(p), training, draw])),
    draws: 'mask',
    definition: `
def dropout(x, p, training, draw, layer):
    """Each value is 0 with probability p, the others are 1 / (1 - p) times what they were."""
    if not training or p == 0:
        return x
    return x * ((draw.uniform(layer, "mask", x) >= p) * (1 / (1 - p)))`,
  },
};
