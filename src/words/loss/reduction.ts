import { halfOpen } from '../../compiler/ir/interval.js';
import { choice, list } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import type { PytorchLossPlace } from '../word.js';

type Reduction = 'mean' | 'sum' | 'batchmean';

interface Reduced {
  readonly reduction: Reduction;
  /** One for each value of an example. */
  readonly weights: readonly number[] | null;
}

/** How the terms of a reconstruction loss become one number. */
export function reduction() {
  return choice({
    doc: '`mean` over all elements, `sum` over all elements of the batch, or `batchmean`, the sum divided by the batch.',
    options: ['mean', 'sum', 'batchmean'],
    default: 'mean',
  });
}

/** How much each value of an example counts; null for all alike. */
export function weights() {
  return list({
    of: 'real',
    peers: ['weight'],
    doc:
      'How much each value of an example counts: a number for each, or an array that goes together with the example as in ' +
      'NumPy, `[1, width]` for the columns of an image. They multiply what is summed, and no mean is divided by them. ' +
      'A run keeps a copy of the file.',
    default: null,
    range: halfOpen(0, Number.POSITIVE_INFINITY),
    allowsFile: true,
  });
}

/** The same for a penalty on activations, which the field sums over the units of an example. */
export function activityReduction() {
  return choice({
    doc: '`batchmean`, the sum over units of each example, averaged over the batch; `mean` over all elements; or `sum`.',
    options: ['batchmean', 'mean', 'sum'],
    default: 'batchmean',
  });
}

/** A sum over the batch grows with the number of examples; the other reductions don't. */
export function growsWithBatch(args: { readonly reduction: string }): boolean {
  return args.reduction === 'sum';
}

/** A loss of PyTorch's that compares `y` with `t`. */
export function inPytorch(
  name: string,
  { reduction, weights }: Reduced,
  { constant }: Pick<PytorchLossPlace, 'constant'>,
  settings: Readonly<Record<string, string>> = {},
): string {
  if (weights !== null) {
    const weighted = `(${constant(weights)} * ${call(name, ['y', 't'], { ...settings, reduction: '"none"' })})`;
    return reduction === 'batchmean' ? `${weighted}.sum() / len(y)` : `${weighted}.${reduction}()`;
  }
  if (reduction !== 'batchmean') return call(name, ['y', 't'], { ...settings, reduction: literal(reduction) });
  return `${call(name, ['y', 't'], { ...settings, reduction: '"sum"' })} / len(y)`;
}

/** A penalty on each of some values. */
export function activityInPytorch(values: string, reduction: Reduction): string {
  return reduction === 'batchmean' ? `${values}.sum() / len(y)` : `${values}.${reduction}()`;
}
