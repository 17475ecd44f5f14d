import { closed } from '../../ir/interval.js';
import { type DatasetDescription, granted, type Ruling } from '../word.js';

/** What MNIST and its likes have: 60,000 + 10,000 grey images of 28×28 in ten classes. */
export function describeAsMnist(): Ruling<DatasetDescription> {
  return granted({ shape: [1, 28, 28], train: 60_000, test: 10_000, range: closed(0, 1), classes: 10 });
}
