import type { InitialValue } from '../../compiler/ir/experiment.js';
import { choice } from '../../compiler/library/parameter.js';

/** The shapes of distribution that a variance can be given to. */
export type Spread = 'uniform' | 'normal' | 'truncated_normal';

/** A parameter for the shape of the distribution, whose variance the initializer decides. */
export function distribution<const Default extends Spread>(byDefault: Default) {
  return choice({
    doc: 'The shape; `truncated_normal` draws again what is beyond two standard deviations.',
    options: ['uniform', 'normal', 'truncated_normal'],
    default: byDefault,
  });
}

/** A start with mean 0 and this standard deviation; U(-b, b) has b/√3. */
export function spreadOf(shape: Spread, std: number): InitialValue {
  switch (shape) {
    case 'uniform':
      return { kind: 'uniform', bound: Math.sqrt(3) * std };
    case 'normal':
    case 'truncated_normal':
      return { kind: shape, mean: 0, std };
  }
}
