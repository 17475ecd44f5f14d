import { closed } from '../../ir/interval.js';
import { integer } from '../parameter.js';

const most = Number.MAX_SAFE_INTEGER;

/** Which examples of a data set are used for what. */
export function partParameters() {
  return {
    take: integer({
      doc: 'Training examples, the first ones; all that are left if it is left out.',
      unit: 'examples',
      default: null,
    }),
    validation: integer({
      doc: 'Validation examples: those after the training examples.',
      unit: 'examples',
      default: 0,
      range: closed(0, most),
    }),
    test: integer({
      doc: 'Test examples: the first ones of the test part; of a data set without one, the last examples it has.',
      unit: 'examples',
      default: null,
      range: closed(0, most),
    }),
    shuffle_seed: integer({
      doc: 'Permutes the examples before they are divided, for files sorted by class. It is not the run’s seed.',
      default: null,
      range: closed(0, most),
    }),
  };
}
