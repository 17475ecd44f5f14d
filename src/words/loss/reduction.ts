import { choice } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';

type Reduction = 'mean' | 'sum' | 'batchmean';

/** How the terms of a reconstruction loss become one number. */
export function reduction() {
  return choice({
    doc: '`mean` over all elements, `sum` over all elements of the batch, or `batchmean`, the sum divided by the batch.',
    options: ['mean', 'sum', 'batchmean'],
    default: 'mean',
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
export function inPytorch(name: string, reduction: Reduction, settings: Readonly<Record<string, string>> = {}): string {
  if (reduction !== 'batchmean') return call(name, ['y', 't'], { ...settings, reduction: literal(reduction) });
  return `${call(name, ['y', 't'], { ...settings, reduction: '"sum"' })} / len(y)`;
}

/** A penalty on each of some values. */
export function activityInPytorch(values: string, reduction: Reduction): string {
  return reduction === 'batchmean' ? `${values}.sum() / len(y)` : `${values}.${reduction}()`;
}
