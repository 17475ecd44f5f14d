import { choice } from '../parameter.js';

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
