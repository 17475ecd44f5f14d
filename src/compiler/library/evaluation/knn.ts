import { integer, layer } from '../parameter.js';
import { type EvaluationWord, problem } from '../word.js';

const parameters = {
  on: layer({ doc: 'The layer in whose output neighbours are looked for.', default: 'code' }),
  k: integer({ doc: 'Neighbours that vote.', unit: 'examples', default: 5 }),
};

export const knn: EvaluationWord<typeof parameters> = {
  family: 'evaluation',
  name: 'knn',
  version: 1,
  doc:
    'Whether the code puts like beside like: each test example gets the class of most of its `k` nearest training ' +
    'examples (Euclidean; of equal numbers of votes the class of the nearest), recorded as the accuracy.',
  source: 'Cover and Hart, Nearest neighbor pattern classification, 1967',
  parameters,
  example: 'evaluate { knn(on=code, k=5) }',
  mistake: { text: 'evaluate { knn(k=257) }', code: 'AE306' },
  oracle: 'test:tests/runtime/training/evaluation.test.ts',
  needsLabels: true,
  check: ({ k }, { train }) =>
    k <= train
      ? []
      : [problem('AE306', `there are ${train} training examples, and ${k} neighbours`, { argument: 'k' })],
};
