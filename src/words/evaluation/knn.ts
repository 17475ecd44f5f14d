import { partParameter } from '../../compiler/library/measured-parts.js';
import { integer, layer } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import { nearestNeighbours, searchedRows } from '../../runtime/evaluation/knn.js';
import type { ModelEvaluation } from '../../runtime/evaluation/measure.js';
import { measuredCodes, memoryOfCodes } from './codes.js';

const parameters = {
  on: layer({ doc: 'The layer in whose output neighbours are looked for.', default: 'code' }),
  k: integer({ doc: 'Neighbours that vote.', unit: 'examples', default: 5 }),
  train: integer({
    doc: 'Training examples among which they are looked for, the first ones; all of them if it is left out.',
    unit: 'examples',
    default: null,
  }),
  part: partParameter(),
};

export const knn: ModelEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'knn',
  peers: ['KNeighborsClassifier', 'k_nn', 'nearest_neighbours'],
  version: 1,
  doc:
    'Whether the code puts like beside like: each test example gets the class of most of its `k` nearest training ' +
    'examples (Euclidean; of equal numbers of votes the class of the nearest), recorded as the accuracy. ' +
    'Of codes of more than 1,024 values neighbours are looked for among so many training examples that it takes minutes at most, the first ones.',
  source: 'Cover and Hart, Nearest neighbor pattern classification, 1967',
  parameters,
  example: 'evaluate { knn(on=code, k=5) }',
  mistake: { text: 'evaluate { knn(k=257) }', code: 'AE306' },
  oracle: 'test:tests/runtime/evaluation/knn.test.ts',
  metrics: {
    '': {
      doc: 'share of test examples whose class most of the nearest training codes have',
      unit: null,
      goal: 'max',
    },
  },
  needsLabels: true,
  check({ k, train: used }, { train }) {
    if (used !== null && used > train) {
      return [problem('AE306', `there are ${train} training examples, not ${used}`, { argument: 'train' })];
    }
    const among = used ?? train;
    return k <= among
      ? []
      : [problem('AE306', `there are ${among} training examples, and ${k} neighbours`, { argument: 'k' })];
  },
  measures: 'model',
  measure: ({ on, k, train }, model) =>
    measuredCodes(model, { on, train, most: searchedBy(k) }, (codes) => nearestNeighbours({ ...codes, k })),
  memory: ({ on, k, train }, sizes) => memoryOfCodes({ on, train, most: searchedBy(k) }, sizes),
};

function searchedBy(k: number): (train: number, test: number, columns: number) => number {
  return (train, test, columns) => searchedRows(train, test, columns, k);
}
