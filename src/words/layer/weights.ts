import type { Shape } from '../../compiler/ir/shape.js';
import type { WordValue } from '../../compiler/ir/value.js';
import { boolean, word } from '../../compiler/library/parameter.js';
import type { WeightDeclaration } from '../../compiler/library/word.js';

/** Of every layer with weights: the compiler then marks them as not trained. */
export function frozen() {
  return boolean({
    doc: 'Whether training leaves its weights as they start, without gradients or decay.',
    default: false,
  });
}

/** Of a layer whose weight is `[units, …]`. */
export function constraint() {
  return word({
    peers: ['kernel_constraint'],
    family: 'constraint',
    doc: 'What each unit’s incoming weights are projected onto after an update of `train`.',
    default: null,
  });
}

interface Learned {
  readonly shape: Shape;
  /** Null for a layer without a bias. */
  readonly biases: number | null;
  readonly initializer: WordValue;
  readonly fanIn: number;
  readonly fanOut: number;
}

/** The weight and the bias of a layer that sums over its inputs. */
export function learnedWeights(learned: Learned): Record<string, WeightDeclaration> {
  const { shape, biases, initializer, fanIn, fanOut } = learned;
  const call = { kind: 'initializer', initializer, fanIn, fanOut } as const;
  const weight: WeightDeclaration = { shape, trainable: true, initial: { ...call, ofBias: false } };
  if (biases === null) return { weight };
  return { weight, bias: { shape: [biases], trainable: true, initial: { ...call, ofBias: true } } };
}
