import { closed } from '../../ir/interval.js';
import { scheduled } from '../parameter.js';

/** The share of values that a corruption hits. */
export function level() {
  return scheduled({ doc: 'Probability that a value is hit, each on its own.', range: closed(0, 1) });
}
