import { statSync } from 'node:fs';
import type { ClassSelection, DescribedCondition, OnBytes } from '../../compiler/library/data-file.js';
import { largest, smallest } from '../../numerics/extremes.js';
import { type ArrayDescription, chosenByName, describedLabels, describeExamples } from './array-description.js';
import { type CategoryFeatures, requireKnown, requireNumbers, requireTrained } from './category-features.js';
import { classLabels, labelNumbers } from './class-labels.js';
import { type ConditionColumn, type ConditionRequest, textsOf } from './condition-column.js';
import type { NumberTable, TableColumns } from './csv-arrays.js';
import { DatasetError, someOf } from './dataset-error.js';
import { datasetOf, type ReadSet } from './dataset-of-parts.js';
import { type GivenRange, inGivenRange, rangeDoubts } from './given-range.js';
import type { Precision } from './precision.js';
import { describedTable, loadedTable, rowsRead } from './recent-tables.js';
import { EVERYTHING, joined, type SplitRequest, usedIndices } from './split.js';

/** Tables, by path. */
export interface TableFiles extends TableColumns {
  /** Raw values mapped to 0 and 1; if absent, values are not scaled. */
  readonly range?: GivenRange | null;
  /** Storage precision; by default, whatever the training examples need. */
  readonly precision?: Precision | undefined;
  readonly examples: string;
  readonly testExamples: string | null;
}

/**
 * A data set from tables. Columns of the test table are matched by name. If a table takes more than
 * `mostArrayReadWhole`, only its first rows are read, if no others are used.
 *
 * @throws DatasetError as `readTable`; mismatch for a test table with other columns
 */
export function loadTables(
  { examples, testExamples, range = null, precision, ...columns }: TableFiles,
  parts: SplitRequest = EVERYTHING,
): ReadSet {
  const hasTest = testExamples !== null;
  const mostRows = rowsRead(examples, hasTest ? { ...parts, test: null } : parts);
  const train = loadedTable({ path: examples, columns, classes: null, mostRows });
  const { features, classes } = train;
  const mostTested = hasTest
    ? rowsRead(testExamples, { ...parts, validation: 0, shuffleSeed: null, take: parts.test, test: null })
    : null;
  const asked = { ...columns, features, conditions: train.conditions.map(({ name, kind }) => ({ name, kind })) };
  const test = hasTest ? loadedTable({ path: testExamples, columns: asked, classes, mostRows: mostTested }) : null;
  if (test !== null) requireTestTable(test, classes, examples);
  const inRange = (table: NumberTable): NumberTable => ({ ...table, examples: inGivenRange(table.examples, range) });
  const dataset = datasetOf('csv', inRange(train), test && inRange(test), {
    precision,
    division: parts,
    columns: features,
    classNames: test?.classes ?? classes,
    unusedColumns: train.unused,
  });
  return { dataset, isWhole: mostRows === null && mostTested === null, division: parts };
}

/**
 * @throws DatasetError mismatch for columns that the training table doesn't have, and for other classes than its
 *   numbers
 */
function requireTestTable(
  { examples: { path }, unused, classes }: NumberTable,
  trained: readonly string[] | null,
  trainedPath: string,
): void {
  if (trained === null) requireNumberedClasses(path, classes, trainedPath);
  requireNoMore(path, unused, trainedPath);
}

/** @throws DatasetError mismatch for classes that are texts */
function requireNumberedClasses(path: string, classes: readonly string[] | null, trained: string): void {
  if (classes === null) return;
  const problem = `has texts for classes (${someOf(classes)}), and those of ${trained} are numbers`;
  throw new DatasetError('mismatch', path, problem, 'name the classes alike in both files');
}

/** @throws DatasetError mismatch */
function requireNoMore(path: string, extra: readonly string[], trained: string): void {
  if (extra.length === 0) return;
  const problem = `has columns that ${trained} doesn't have: ${someOf(extra)}`;
  throw new DatasetError(
    'mismatch',
    path,
    problem,
    'give it the columns of the training: test[train.columns] in pandas',
  );
}

/** The rows of a table in use, and the training table's columns for a test table. */
interface TableUse extends SplitRequest {
  readonly columns?: readonly string[];
  readonly conditions?: readonly DescribedCondition[];
  readonly areClassesNumbers?: boolean;
}

/**
 * @param onBytes called before a table is read to its end, with how many bytes it has
 * @throws DatasetError as `readTable`; mismatch for a test table of other columns or classes
 */
export function describeTable(
  path: string,
  asked: TableColumns,
  range: GivenRange | null = null,
  { columns, conditions: trainedConditions, areClassesNumbers = false, ...used }: TableUse = EVERYTHING,
  select?: ClassSelection,
  onBytes?: OnBytes,
): ArrayDescription {
  const named = {
    ...asked,
    ...(columns === undefined ? {} : { features: columns }),
    ...(trainedConditions === undefined ? {} : { conditions: trainedConditions.map(kindOf) }),
  };
  const mostRows = rowsRead(path, { ...used, ...select });
  if (mostRows === null) onBytes?.(statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  const table = describedTable({ path, columns: named, classes: null, mostRows });
  const { features, examples, labels, classes, conditions, categories, doubts } = table;
  const place = { path: examples.path, rowNumbers: table.rowNumbers };
  if (areClassesNumbers) requireNumberedClasses(path, classes, 'the training table');
  if (columns !== undefined) requireNoMore(path, table.unused, 'the training table');
  const numbers = labels && labelNumbers(labels);
  const classNames = classes ?? (numbers && classLabels(numbers, null).names);
  const chosen = numbers && select ? chosenByName(numbers, classes, select) : null;
  const { trained, others } = usedIndices(examples.array.dims[0] ?? 0, used, chosen);
  const described = describeExamples(inGivenRange(examples, range), { columns: features, classNames }, trained);
  const known = trainedConditions ?? conditions.map((column) => describedCondition(column, trained));
  for (const [i, column] of conditions.entries()) {
    if (column.kind !== 'category') continue;
    const texts = known[i]?.categories ?? [];
    const isAsked = asked.categories?.includes(column.name) ?? false;
    if (trainedConditions === undefined && !isAsked) requireNumbers(column, texts, place);
    const seen = trainedConditions === undefined ? others : joined(trained, others);
    requireKnown(column, texts, seen, place);
  }
  // Rows that are not used would make features too.
  const all = Uint32Array.from(table.rowNumbers, (_, row) => row);
  if (columns === undefined)
    for (const { column } of categories) requireTrained(column, { trained, others: all }, place);
  const found = [...doubts, ...rangeDoubts(range, described.high)];
  const doubted = found.length === 0 ? {} : { doubts: found };
  return {
    ...described,
    readingBytes: Float64Array.BYTES_PER_ELEMENT + Float32Array.BYTES_PER_ELEMENT,
    ...(numbers ? describedLabels(numbers, classes, select, used) : {}),
    ...(known.length === 0 ? {} : { conditions: known }),
    ...(categories.length === 0 ? {} : { indicators: categories.flatMap(placesOf) }),
    ...doubted,
  };
}

/** The features of a column of categories. */
function placesOf({ start, texts }: CategoryFeatures): readonly number[] {
  return texts.map((_, i) => start + i);
}

function kindOf({ name, categories }: DescribedCondition): ConditionRequest {
  return { name, kind: categories === null ? 'number' : 'category' };
}

function describedCondition(column: ConditionColumn, trained: Uint32Array): DescribedCondition {
  const { name } = column;
  if (column.kind === 'category') return { name, categories: textsOf(column, trained), low: 0, high: 1 };
  const { values } = column;
  return { name, categories: null, low: smallest(values), high: largest(values) };
}
