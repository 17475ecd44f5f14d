import { open } from '../../compiler/ir/interval.js';
import { partParameter } from '../../compiler/library/measured-parts.js';
import { integer, layer, real } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import { linearProbe as fitProbe, probedRows } from '../../runtime/evaluation/linear_probe.js';
import type { ModelEvaluation } from '../../runtime/evaluation/measure.js';
import { measuredCodes, memoryOfCodes } from './codes.js';

const parameters = {
  on: layer({ doc: 'The layer whose output is probed.', default: 'code' }),
  ridge: real({
    doc: 'Weight of the squared coefficients, relative to the number of examples.',
    default: 0.001,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  train: integer({
    doc: 'Training examples that are used, the first ones; all of them if it is left out.',
    unit: 'examples',
    default: null,
  }),
  part: partParameter(),
};

const most = (train: number, _test: number, columns: number) => probedRows(train, columns);

export const linearProbe: ModelEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'linear_probe',
  peers: ['LogisticRegression', 'probe', 'linear_classifier'],
  version: 1,
  doc:
    'How much of the class a linear map finds in the code: ridge regression from the standardised code to the classes, in ' +
    'closed form on the training part, recorded as the accuracy on the test part. ' +
    'Of codes of more than 1,024 values it uses so many training examples that it takes half a minute, the first ones.',
  source: 'Alain and Bengio, Understanding intermediate layers using linear classifier probes, 2016',
  parameters,
  example: 'evaluate { linear_probe(on=code) }',
  mistake: { text: 'data npy("examples.npy", test=16)  evaluate { linear_probe() }', code: 'AE510' },
  oracle: 'test:tests/runtime/evaluation/linear_probe.test.ts',
  metrics: {
    '': {
      doc: 'share of test examples whose class ridge regression on the code finds',
      unit: null,
      goal: 'max',
    },
  },
  needsLabels: true,
  check: ({ train: used }, { train }) =>
    used === null || used <= train
      ? []
      : [problem('AE306', `there are ${train} training examples, not ${used}`, { argument: 'train' })],
  measures: 'model',
  measure: ({ on, ridge, train }, model) =>
    measuredCodes(model, { on, train, most }, (codes) => fitProbe({ ...codes, ridge })),
  memory: ({ on, train }, sizes) => memoryOfCodes({ on, train, most }, sizes),
};
