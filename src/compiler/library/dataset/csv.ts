import { list, path, text } from '../parameter.js';
import type { DatasetWord } from '../word.js';
import { describeFiles } from './files.js';
import { partParameters } from './parts.js';

const parameters = {
  file: path({ doc: 'The training examples.' }),
  label: text({
    doc: 'The column of the classes: whole numbers from 0, or texts, numbered in their sorted order.',
    default: null,
  }),
  drop: list({ of: 'text', doc: 'Columns that are left out.', default: null }),
  test_file: path({ doc: 'The test examples, with the same columns.', default: null }),
  ...partParameters(),
};

export const csv: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'csv',
  version: 1,
  doc:
    'A table of numbers, one example in a row, with the names of the columns in the first. A missing value or a ragged ' +
    'row is an error with its row and column.',
  source: 'RFC 4180',
  parameters,
  example: 'data csv("measurements.csv", label="species", drop=["id"], test=16) { min_max() }',
  mistake: { text: 'data csv("measurements.csv", drop=[1])', code: 'AE305' },
  oracle: 'test:tests/runtime/datasets/csv.test.ts',
  describe(args, file) {
    const table = (path: string) => ({ format: 'csv', path, label: args.label, drop: args.drop ?? [] }) as const;
    return describeFiles(
      {
        examples: { argument: 'file', request: table(args.file) },
        labels: null,
        testExamples: args.test_file === null ? null : { argument: 'test_file', request: table(args.test_file) },
        testLabels: null,
      },
      args.test,
      file,
    );
  },
};
