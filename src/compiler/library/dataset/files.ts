import { describeShape, type Shape, sameShape } from '../../ir/shape.js';
import {
  type DatasetDescription,
  type DescribeFile,
  type FileDescription,
  type FileRequest,
  granted,
  type Problem,
  type Ruling,
  refused,
  type UsedExamples,
} from '../word.js';

/** A file that an argument names. */
export interface Named {
  readonly argument: string;
  readonly request: FileRequest;
  /** Absent where the whole file is looked at. */
  readonly used?: UsedExamples;
}

/** The files of a data set; null for those that were left out. */
export interface DataFiles {
  readonly examples: Named;
  readonly labels: Named | null;
  readonly testExamples: Named | null;
  readonly testLabels: Named | null;
}

/**
 * A data set made of files: examples, and where they are given labels and a test part. Without a test part the last
 * `test` examples become one.
 */
export function describeFiles(
  files: DataFiles,
  test: number | null,
  describe: DescribeFile,
): Ruling<DatasetDescription> {
  const train = labelled(files.examples, files.labels, describe);
  if (!train.ok) return train;
  const doubts = doubtsOf(train.value, files.examples);
  const { shape, count, range, classes, classPlaces, constants } = train.value;
  const unvaried = constants === undefined ? {} : { constants };

  if (files.testExamples === null) {
    const held = test ?? 0;
    if (held >= count) {
      return refused('AE404', `there are ${count} examples, and ${held} of them for the test leave none to train on`, {
        argument: 'test',
      });
    }
    const places = classPlaces ? { classPlaces: { train: classPlaces, test: null } } : {};
    return granted({
      shape,
      train: count - held,
      test: held,
      range,
      classes,
      ...places,
      ...unvaried,
      ...doubtful(doubts),
    });
  }
  const tested = labelled(besideColumns(files.testExamples, train.value), files.testLabels, describe);
  if (!tested.ok) return tested;
  if (!sameShape(tested.value.shape, shape)) {
    const { argument } = files.testExamples;
    return refused(
      'AE702',
      `the test examples are ${describeShape(tested.value.shape)}, and the training examples ${describeShape(shape)}`,
      { argument },
    );
  }
  const both = hull(range, tested.value.range);
  const most = classes === null ? null : Math.max(classes, tested.value.classes ?? 0);
  const ofTest = tested.value.classPlaces ?? null;
  const places = classPlaces ? { classPlaces: { train: classPlaces, test: ofTest } } : {};
  // What the training table has too is said once.
  const known = new Set(doubts.map(({ message }) => message));
  const others = doubtsOf(tested.value, files.testExamples).filter(({ message }) => !known.has(message));
  return granted({
    shape,
    train: count,
    test: tested.value.count,
    range: both,
    classes: most,
    ...places,
    ...unvaried,
    ...doubtful([...doubts, ...others]),
  });
}

/** A test table has the columns of the training table. */
function besideColumns(tested: Named, { contents }: FileDescription): Named {
  if (tested.used === undefined || !contents?.columns) return tested;
  return { ...tested, used: { ...tested.used, columns: contents.columns } };
}

function doubtsOf({ doubts }: FileDescription, { argument }: Named): readonly Problem[] {
  return (doubts ?? []).map((doubt) => ({ ...doubt, argument }));
}

function doubtful(doubts: readonly Problem[]): Pick<DatasetDescription, 'doubts'> {
  return doubts.length === 0 ? {} : { doubts };
}

function labelled(examples: Named, labels: Named | null, describe: DescribeFile): Ruling<FileDescription> {
  const described = describeNamed(examples, describe);
  if (!described.ok) return described;
  const shape = exampleShape(described.value.shape);
  if (shape === null) {
    const what =
      described.value.shape.length === 0 ? 'single numbers' : `of shape ${describeShape(described.value.shape)}`;
    return refused('AE702', `examples must be features or images, and these are ${what}`, {
      argument: examples.argument,
    });
  }
  if (labels === null) return granted({ ...described.value, shape });
  const classes = describeNamed(labels, describe);
  if (!classes.ok) return classes;
  if (classes.value.count !== described.value.count) {
    return refused('AE702', `there are ${classes.value.count} labels for ${described.value.count} examples`, {
      argument: labels.argument,
    });
  }
  if (classes.value.classes === null) {
    return refused('AE702', 'labels must be whole numbers, one for each example', { argument: labels.argument });
  }
  const { classPlaces } = classes.value;
  return granted({
    ...described.value,
    shape,
    classes: classes.value.classes,
    ...(classPlaces ? { classPlaces } : {}),
  });
}

function describeNamed({ argument, request, used }: Named, describe: DescribeFile): Ruling<FileDescription> {
  const described = describe(request, used);
  if (described.ok) return described;
  return { ok: false, problem: { ...described.problem, argument: described.problem.argument ?? argument } };
}

/** `[features]`, `[height, width]` of a grey image, or `[channels, height, width]`. */
function exampleShape(shape: Shape): Shape | null {
  switch (shape.length) {
    case 1:
    case 3:
      return shape;
    case 2:
      return [1, ...shape];
    default:
      return null;
  }
}

function hull(a: FileDescription['range'], b: FileDescription['range']): FileDescription['range'] {
  const low = a.low < b.low || (a.low === b.low && !a.lowOpen) ? a : b;
  const high = a.high > b.high || (a.high === b.high && !a.highOpen) ? a : b;
  return { low: low.low, lowOpen: low.lowOpen, high: high.high, highOpen: high.highOpen };
}

/** Where a request names the range of its values: left out, it is not in a stored recipe's key. */
export function rangeOf(range: readonly [number, number] | null): { readonly range?: readonly [number, number] } {
  return range === null ? {} : { range };
}

/** What is said of a file of an array, besides where it is. */
interface ArrayDetails {
  readonly range: readonly [number, number] | null;
  readonly used: UsedExamples;
  readonly layout?: 'nchw' | 'nhwc' | null;
  /** Which array of an archive. */
  readonly array?: string | null;
}

/** A file of examples. */
export function plainExamples(
  format: 'idx' | 'npy',
  argument: string,
  path: string,
  { range, used, layout = null, array = null }: ArrayDetails,
): Named {
  const said = { ...rangeOf(range), ...(layout !== null && { layout }), ...(array !== null && { array }) };
  return { argument, request: { format, path, role: 'examples', ...said }, used };
}

/** A file of labels. @param array which one of an archive */
export function plainLabels(
  format: 'idx' | 'npy',
  argument: string,
  path: string | null,
  array: string | null = null,
): Named | null {
  if (path === null) return null;
  return { argument, request: { format, path, role: 'labels', ...(array !== null && { array }) } };
}
