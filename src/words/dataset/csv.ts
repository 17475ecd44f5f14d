import type { FileFormat, FileRequest, UsedExamples } from '../../compiler/library/data-file.js';
import { type ArgumentsOf, boolean, choice, list, path, real, text } from '../../compiler/library/parameter.js';
import { failed } from '../../compiler/library/word.js';
import type { ConditionRequest } from '../../runtime/datasets/condition-column.js';
import type { TableFormat } from '../../runtime/datasets/csv-arrays.js';
import { describedFile } from '../../runtime/datasets/describe.js';
import { placeIn } from '../../runtime/datasets/load.js';
import { describeTable, loadTables } from '../../runtime/datasets/table-dataset.js';
import type { Dataset } from '../word.js';
import { describeFiles, rangeOf } from './files.js';
import {
  checkedRange,
  givenRange,
  partParameters,
  rangeParameter,
  type Selected,
  selectionOf,
  testSelectionOf,
  usedExamples,
} from './parts.js';

const parameters = {
  file: path({ doc: 'The training examples.' }),
  label: text({
    namesColumn: true,
    doc: 'The column of the classes: whole numbers, or texts, numbered in their sorted order.',
    default: null,
  }),
  drop: list({ of: 'text', namesColumn: true, doc: 'Columns that are left out.', default: null }),
  condition: list({
    of: 'text',
    namesColumn: true,
    doc:
      'Columns that are a condition and no features. Those that a layer `condition(columns=…)` names are among them and need ' +
      'not be named here.',
    default: null,
  }),
  categories: list({
    of: 'text',
    namesColumn: true,
    doc:
      'Columns of texts, or of numbers that only name something: each text of the training rows becomes a feature, `city=Rome`, ' +
      'which is 1 in its rows and 0 in the others. Statistics of transforms leave them alone. A condition among them is one-hot.',
    default: null,
  }),
  test_file: path({ doc: 'The test examples, with the same columns.', default: null }),
  ...partParameters(),
  separator: text({
    doc:
      'What separates the columns: `","`, `";"`, `"\\t"`, `"|"`, or `" "` for any blanks. If it is left out: a tab, semicolon ' +
      'or bar that both of the first two lines have, blanks if they have no comma, else a comma.',
    peers: ['sep', 'delimiter'],
    default: null,
  }),
  decimal: text({
    doc:
      'What stands before the decimals, `"."` or `","`. If it is left out: a point where commas separate the columns, else ' +
      'what the first number with decimals has.',
    default: null,
  }),
  thousands: text({ doc: 'What may stand between groups of three digits, such as `"."` or `" "`.', default: null }),
  header: boolean({
    doc:
      'Whether the first row names the columns. `false` names them by their numbers from 1: `label="5"`. If it is left out ' +
      'it does, and a first row of numbers is an error, unless they count from 0 as pandas does.',
    default: null,
  }),
  comment: text({ doc: 'What lines begin with that are left out, such as `"#"`.', default: null }),
  encoding: choice({
    doc: 'How the text is encoded. UTF-16 is known by its byte order mark.',
    options: ['utf_8', 'windows_1252'],
    default: 'utf_8',
  }),
  missing: choice({
    doc: 'What a row without a value in a column that is used does: it is an error, or it is left out.',
    options: ['error', 'drop'],
    default: 'error',
  }),
  fill: real({ doc: 'A number for every value that is missing.', peers: ['fillna', 'fill_value'], default: null }),
  ...rangeParameter(),
};

const choices: Readonly<Record<'separator' | 'decimal', readonly string[]>> = {
  separator: [',', ';', '\t', '|', ' '],
  decimal: ['.', ','],
};

/** The table's format as specified; unspecified options are absent, to keep them out of a stored recipe's key. */
function layoutOf(args: ArgumentsOf<typeof parameters>): TableFormat {
  const { separator, decimal, thousands, header, comment, encoding, missing, fill } = args;
  return {
    ...(separator !== null && { separator }),
    ...(decimal !== null && { decimal }),
    ...(thousands !== null && { thousands }),
    ...(header !== null && { header }),
    ...(comment !== null && { comment }),
    ...(encoding !== 'utf_8' && { encoding }),
    ...(missing !== 'error' && { missing }),
    ...(fill !== null && { fill }),
  };
}

interface TableRequest extends FileRequest, TableFormat {
  /** The column that holds the classes. */
  readonly label: string | null;
  /** Columns to skip. */
  readonly drop: readonly string[];
  readonly conditions?: readonly ConditionRequest[];
  readonly categories?: readonly string[];
  /** How the rows are divided, which decides the categories that training rows have; absent if there are none. */
  readonly parts?: UsedExamples;
  readonly range?: readonly [number, number];
}

function requested(names: readonly string[], categories: readonly string[]): readonly ConditionRequest[] {
  return [...new Set(names)]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => ({ name, kind: categories.includes(name) ? 'category' : null }));
}

const format: FileFormat<TableRequest> = {
  areFolders: false,
  names: /\.(csv|tsv|tab|txt)$/,
  describe: (request, used, onBytes) =>
    describedFile(used, (parts) => describeTable(request.path, request, request.range, parts, request.select, onBytes)),
};

export const csv: Dataset<typeof parameters> = {
  family: 'dataset',
  name: 'csv',
  peers: ['read_csv', 'tsv'],
  version: 1,
  doc:
    'A table of numbers, one example in a row, with the names of the columns in the first. `true` and `yes` are 1, `false` ' +
    'and `no` 0. A first column without a name is an index and left out. A missing value or a ragged row is an error with its ' +
    'row and column. `range=[0, 255]` brings columns of pixels to [0, 1].',
  source: 'RFC 4180',
  parameters,
  conditionArgument: 'condition',
  example: 'data csv("measurements.csv", label="species", drop=["id"], test=16) { min_max() }',
  mistake: { text: 'data csv("measurements.csv", drop=[1])', code: 'AE305' },
  oracle: 'test:tests/runtime/datasets/csv.test.ts',
  describe(args, file) {
    const range = givenRange(args.range);
    if (!range.ok) return range;
    for (const [argument, options] of Object.entries(choices)) {
      const given = argument === 'separator' ? args.separator : args.decimal;
      if (given === null || options.includes(given)) continue;
      const listed = options.map((option) => JSON.stringify(option)).join(', ');
      return failed('AE306', `${argument} is one of ${listed}, not ${JSON.stringify(given)}`, { argument });
    }
    if (args.thousands !== null && (args.thousands.length !== 1 || args.thousands === args.decimal)) {
      return failed('AE306', 'thousands is one character, and another one than decimal', { argument: 'thousands' });
    }
    if (args.comment === '') return failed('AE306', 'comment is some text', { argument: 'comment' });
    if (args.categories !== null && range.value !== null) {
      return failed('AE306', 'a range is of numbers, and categories are none', { argument: 'range' });
    }
    if (args.fill !== null && args.missing === 'drop') {
      return failed('AE306', 'rows with gaps are left out or filled, not both', { argument: 'fill' });
    }
    const conditions = requested(args.condition ?? [], args.categories ?? []);
    const categories = args.categories ?? [];
    const table = (path: string, select: Selected, parts: UsedExamples) =>
      ({
        ...select,
        format: 'csv',
        path,
        label: args.label,
        drop: args.drop ?? [],
        ...rangeOf(range.value),
        ...layoutOf(args),
        ...(conditions.length === 0 ? {} : { conditions }),
        ...(categories.length === 0 ? {} : { categories }),
        ...(conditions.length + categories.length === 0 ? {} : { parts }),
      }) as const;
    const tested = args.test_file;
    const used = usedExamples(args, tested !== null);
    // Without a column of labels the table is described all the same, and `describeFiles` says what is missing.
    const isLabelled = args.label !== null;
    const select = isLabelled ? selectionOf(args, tested !== null) : {};
    const testSelect = isLabelled ? testSelectionOf(args) : {};
    return describeFiles(
      {
        format,
        examples: { argument: 'file', request: table(args.file, select, used.train), used: used.train },
        labels: null,
        testExamples:
          tested === null
            ? null
            : { argument: 'test_file', request: table(tested, testSelect, used.test), used: used.test },
        testLabels: null,
      },
      args,
      file,
    );
  },
  format,
  dropsBy: ({ missing }) => (missing === 'drop' ? 'missing' : null),
  load: (args, { placeOf, options: { precision }, parts, features, conditions }) =>
    loadTables(
      {
        range: checkedRange(args.range),
        precision,
        examples: placeOf(args.file),
        testExamples: placeIn(placeOf)(args.test_file),
        label: args.label,
        drop: args.drop ?? [],
        ...layoutOf(args),
        features,
        conditions: conditions ?? requested(args.condition ?? [], args.categories ?? []),
        categories: args.categories ?? [],
      },
      parts,
    ),
};
