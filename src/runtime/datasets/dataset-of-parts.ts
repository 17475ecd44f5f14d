import { type ArrayFile, arrayPart } from './array-part.js';
import { conditionsChecksum, datasetChecksum } from './checksum.js';
import { chosenClasses } from './chosen-classes.js';
import { classLabels, countClasses, labelNumbers } from './class-labels.js';
import type { ConditionColumn } from './condition-column.js';
import type { Dataset, Part } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import { type Precision, precisionFor } from './precision.js';
import { type ExampleRows, type SurveyedRows, surveyedRows } from './row-survey.js';
import { type SplitRequest, trainedExamples } from './split.js';

/** A data set that may have been read only in part. */
export interface ReadSet {
  readonly dataset: Dataset;
  /** Whether it has all examples there are, and not only those that a division uses. */
  readonly isWhole: boolean;
  /** How it is divided: where only some training examples were read, they are in their order. */
  readonly division: SplitRequest;
}

/** Arrays read for one part. */
interface PartFiles {
  readonly examples: ArrayFile | ExampleRows;
  readonly labels: ArrayFile | null;
  /** The columns of a table that are conditions. */
  readonly conditions?: readonly ConditionColumn[];
}

interface SetDetails extends Partial<Pick<Dataset, 'columns' | 'classNames' | 'unusedColumns'>> {
  /** How the set is divided: the training examples decide its precision. */
  readonly division: SplitRequest;
  readonly precision?: Precision | undefined;
}

/**
 * A data set out of its training part and its test part, with the classes of both numbered alike.
 *
 * @throws DatasetError as `arrayPart`, `labelNumbers`, `chosenClasses` and `precisionFor`; mismatch for parts of
 *   different shapes
 */
export function datasetOf(
  name: string,
  trained: PartFiles,
  tested: PartFiles | null,
  { columns = null, classNames = null, unusedColumns = [], division, ...details }: SetDetails,
): Dataset {
  const labelled = trained.labels && labelNumbers(trained.labels);
  const testLabelled = tested?.labels ? labelNumbers(tested.labels) : null;
  const labels = labelled === null ? null : classLabels(labelled, testLabelled);
  const testLabels = labels === null ? testLabelled && classLabels(testLabelled, null).train : labels.test;
  const names = classNames ?? labels?.names ?? null;
  const classes = labels && Math.max(countClasses(labels.train), labels.test === null ? 0 : countClasses(labels.test));
  const trainedRows = () =>
    trainedExamples(
      dimsOf(trained.examples)[0] ?? 0,
      tested === null ? division : { ...division, test: null },
      chosenClasses({ name, classNames: names, classes }, labels?.train ?? null, division),
    );
  const examples = surveyed(trained.examples, details.precision ?? null, trainedRows);
  const precision =
    details.precision ?? ('inFiles' in examples ? examples.inFiles.precision : precisionFor(examples, trainedRows));
  const train = arrayPart(examples, labels?.train ?? null, pathOfLabels(trained), precision);
  const test = tested && arrayPart(surveyed(tested.examples, precision), testLabels, pathOfLabels(tested), precision);
  if (test !== null && test.shape.join() !== train.shape.join()) {
    throw new DatasetError(
      'mismatch',
      tested?.examples.path ?? '',
      `has examples of shape [${test.shape.join(', ')}], and ${trained.examples.path} of [${train.shape.join(', ')}]`,
      'give a test part of the same shape',
    );
  }
  return {
    name,
    shape: train.shape,
    train: withConditions(train, trained),
    test: test && withConditions(test, tested),
    classes,
    classNames: names,
    columns,
    unusedColumns,
    checksum: datasetChecksum(train.shape, {
      trainValues: train.valuesChecksum,
      trainLabels: train.labelsChecksum,
      testValues: test?.valuesChecksum ?? null,
      testLabels: test?.labelsChecksum ?? null,
      ...checksumOf('trainConditions', trained),
      ...checksumOf('testConditions', tested),
    }),
  };
}

function dimsOf(examples: PartFiles['examples']): readonly number[] {
  return 'rows' in examples ? examples.dims : examples.array.dims;
}

/** @param trained gives the indices of the training examples, if the precision depends on them */
function surveyed(
  examples: PartFiles['examples'],
  precision: Precision | null,
  trained: () => Uint32Array = () => new Uint32Array(),
): ArrayFile | SurveyedRows {
  return 'rows' in examples ? surveyedRows(examples, precision, trained) : examples;
}

function withConditions(part: Part, files: Pick<PartFiles, 'conditions'> | null): Part {
  const conditions = files?.conditions ?? [];
  return conditions.length === 0 ? part : { ...part, conditions };
}

function checksumOf(
  name: 'trainConditions' | 'testConditions',
  files: Pick<PartFiles, 'conditions'> | null,
): { readonly [key in typeof name]?: string } {
  const conditions = files?.conditions ?? [];
  return conditions.length === 0 ? {} : { [name]: conditionsChecksum(conditions) };
}

function pathOfLabels({ examples, labels }: PartFiles): string {
  return (labels ?? examples).path;
}
