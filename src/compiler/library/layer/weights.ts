import type { Shape } from '../../ir/shape.js';
import type { WordValue } from '../../ir/value.js';
import type { WeightDeclaration } from '../word.js';

interface Learned {
  readonly shape: Shape;
  /** Null for a layer without a bias. */
  readonly biases: number | null;
  readonly initializer: WordValue;
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * The weight and the bias of a layer that sums over its inputs. PyTorch draws the bias from U(±1/√fan_in); the other
 * initializers were published for weights alone, and their biases start at zero.
 */
export function learnedWeights({
  shape,
  biases,
  initializer,
  fanIn,
  fanOut,
}: Learned): Record<string, WeightDeclaration> {
  const weight: WeightDeclaration = {
    shape,
    trainable: true,
    initial: { kind: 'initializer', initializer, fanIn, fanOut },
  };
  if (biases === null) return { weight };
  const bias: WeightDeclaration = {
    shape: [biases],
    trainable: true,
    initial:
      initializer.word === 'torch' ? { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) } : { kind: 'constant', value: 0 },
  };
  return { weight, bias };
}
