import { open } from '../../ir/interval.js';
import { layer, real } from '../parameter.js';
import type { EvaluationWord } from '../word.js';

const parameters = {
  on: layer({ doc: 'The layer whose output is probed.', default: 'code' }),
  ridge: real({
    doc: 'Weight of the squared coefficients, relative to the number of examples.',
    default: 0.001,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
};

export const linearProbe: EvaluationWord<typeof parameters> = {
  family: 'evaluation',
  name: 'linear_probe',
  version: 1,
  doc:
    'How much of the class a linear map finds in the code: ridge regression from the standardised code to the classes, in ' +
    'closed form on the training part, recorded as the accuracy on the test part.',
  source: 'Alain and Bengio, Understanding intermediate layers using linear classifier probes, 2016',
  parameters,
  example: 'evaluate { linear_probe(on=code) }',
  mistake: { text: 'data npy("examples.npy", test=16)  evaluate { linear_probe() }', code: 'AE510' },
  oracle: 'test:tests/runtime/training/evaluation.test.ts',
  needsLabels: true,
  check: () => [],
};
