import { describeShape, type Shape, sameShape } from '../../compiler/ir/shape.js';
import type {
  DatasetDescription,
  DescribeFile,
  FileDescription,
  FileFormat,
  FileRequest,
  SelectedExamples,
  UsedExamples,
} from '../../compiler/library/data-file.js';
import { failed, ok, type Problem, type Result } from '../../compiler/library/word.js';
import { type ClassArguments, unknownClass, unlabelled } from './classes.js';

/** A file that an argument names. */
export interface Named<R extends FileRequest = FileRequest> {
  readonly argument: string;
  readonly request: R;
  /** Absent if the whole file is used. */
  readonly used?: UsedExamples;
}

/** The files of a data set; null for any not given. */
export interface DataFiles<R extends FileRequest = FileRequest> {
  readonly format: FileFormat<R>;
  readonly examples: Named<R>;
  readonly labels: Named<R> | null;
  readonly testExamples: Named<R> | null;
  readonly testLabels: Named<R> | null;
}

/**
 * A data set made of files: examples, and optionally labels and a test part. Without a test part, the last `test`
 * examples become one.
 */
export function describeFiles<R extends FileRequest>(
  files: DataFiles<R>,
  parts: ClassArguments & { readonly test: number | null },
  describe: DescribeFile,
): Result<DatasetDescription> {
  const { test } = parts;
  const described = describeAs(files.format, describe);
  const train = labelled(files.examples, files.labels, described);
  if (!train.ok) return train;
  const doubts = doubtsOf(train.value, files.examples);
  const {
    shape,
    range,
    classes,
    classPlaces,
    conditions,
    indicators,
    constants,
    contents,
    mostByte,
    selected = null,
    valueBytes = Float32Array.BYTES_PER_ELEMENT,
    readingBytes,
    staysAbove,
  } = train.value;
  if (classes === null && (parts.classes ?? parts.train_on) !== null) return unlabelled(parts);
  const count = selected?.kept ?? train.value.count;
  const named = (tested: FileDescription | null) => {
    const among = [train.value, ...(tested === null ? [] : [tested])].flatMap(namesOf);
    return among.length === 0
      ? {}
      : { classNames: [...new Set(among)].filter((one) => parts.classes?.includes(one) ?? true) };
  };
  const known = {
    ...(mostByte === undefined ? {} : { mostByte }),
    ...(constants === undefined ? {} : { constants }),
    ...(conditions === undefined ? {} : { conditions }),
    ...(indicators === undefined ? {} : { indicators }),
    ...(contents === undefined || contents.numbers === 'bytes' ? {} : { valueBytes }),
    ...(readingBytes === undefined ? {} : { readingBytes }),
  };

  if (files.testExamples === null) {
    const unknown = unknownClass(parts, [selected]);
    if (unknown !== null) return { ok: false, problem: unknown };
    const held = test ?? 0;
    if (held >= count) {
      return failed('AE404', `there are ${count} examples, and ${held} of them for the test leave none to train on`, {
        argument: 'test',
      });
    }
    const places = classPlaces ? { classPlaces: { train: classPlaces, test: null } } : {};
    return ok({
      shape,
      train: trainedOn(parts, selected) ?? count - held,
      test: held,
      isTestHeld: true,
      range,
      classes,
      ...named(null),
      ...places,
      ...known,
      ...(staysAbove === undefined ? {} : { staysAbove: { train: staysAbove } }),
      ...doubtful(doubts),
    });
  }
  const tested = labelled(besideColumns(files.testExamples, train.value), files.testLabels, described);
  if (!tested.ok) return tested;
  if (!sameShape(tested.value.shape, shape)) {
    const { argument } = files.testExamples;
    return failed(
      'AE702',
      `the test examples are ${describeShape(tested.value.shape)}, and the training examples ${describeShape(shape)}`,
      { argument },
    );
  }
  const unknown = unknownClass(parts, [selected, tested.value.selected ?? null]);
  if (unknown !== null) return { ok: false, problem: unknown };
  if (parts.classes !== null && tested.value.classes === null) {
    return failed('AE302', 'classes= needs the labels of the test part too', { argument: 'classes' });
  }
  const both = hull(range, tested.value.range);
  const most = classes === null ? null : Math.max(classes, tested.value.classes ?? 0);
  const ofTest = tested.value.classPlaces ?? null;
  const places = classPlaces ? { classPlaces: { train: classPlaces, test: ofTest } } : {};
  // Warnings that the training table also has are reported once.
  const alreadySaid = new Set(doubts.map(({ message }) => message));
  const others = doubtsOf(tested.value, files.testExamples).filter(({ message }) => !alreadySaid.has(message));
  return ok({
    shape,
    train: trainedOn(parts, selected) ?? count,
    test: tested.value.selected?.kept ?? tested.value.count,
    range: both,
    classes: most,
    ...(classes !== null && tested.value.classes === null ? { isTestUnlabelled: true } : {}),
    ...named(tested.value),
    ...places,
    ...known,
    ...stayingOf(staysAbove, tested.value.staysAbove),
    ...doubtful([...doubts, ...others]),
  });
}

function stayingOf(train: number | undefined, test: number | undefined) {
  if (train === undefined && test === undefined) return {};
  return { staysAbove: { ...(train === undefined ? {} : { train }), ...(test === undefined ? {} : { test }) } };
}

function namesOf({ selected, classPlaces }: FileDescription): readonly string[] {
  return selected?.present ?? classPlaces?.names ?? [];
}

/** Examples of the classes to train on; null if these are all. */
function trainedOn({ train_on }: ClassArguments, selected: SelectedExamples | null): number | null {
  if (train_on === null) return null;
  if (selected === null) throw new RangeError('the format counts no classes');
  return selected.trained;
}

/** A test table has the columns of the training table. */
function besideColumns<R extends FileRequest>(tested: Named<R>, { contents, conditions }: FileDescription): Named<R> {
  if (tested.used === undefined || !contents?.columns) return tested;
  const areClassesNumbers = (contents.classNames ?? []).every((name) => /^-?\d+$/.test(name));
  const used = { ...tested.used, columns: contents.columns, areClassesNumbers, ...(conditions && { conditions }) };
  return { ...tested, used };
}

function doubtsOf({ doubts }: FileDescription, { argument }: Pick<Named, 'argument'>): readonly Problem[] {
  return (doubts ?? []).map((doubt) => ({ ...doubt, argument }));
}

function doubtful(doubts: readonly Problem[]): Pick<DatasetDescription, 'doubts'> {
  return doubts.length === 0 ? {} : { doubts };
}

/** Describes a file, reporting problems at the argument that names it. */
type DescribeNamed<R extends FileRequest> = (named: Named<R>) => Result<FileDescription>;

function labelled<R extends FileRequest>(
  examples: Named<R>,
  labels: Named<R> | null,
  describe: DescribeNamed<R>,
): Result<FileDescription> {
  const described = describe(examples);
  if (!described.ok) return described;
  const shape = exampleShape(described.value.shape);
  if (shape === null) {
    const what =
      described.value.shape.length === 0 ? 'single numbers' : `of shape ${describeShape(described.value.shape)}`;
    return failed('AE702', `examples must be features or images, and these are ${what}`, {
      argument: examples.argument,
    });
  }
  if (labels === null) return ok({ ...described.value, shape });
  const classes = describe(labels);
  if (!classes.ok) return classes;
  if (classes.value.count !== described.value.count) {
    return failed('AE702', `there are ${classes.value.count} labels for ${described.value.count} examples`, {
      argument: labels.argument,
    });
  }
  if (classes.value.classes === null) {
    return failed('AE702', 'labels must be whole numbers, one for each example', { argument: labels.argument });
  }
  const { classPlaces, selected } = classes.value;
  return ok({
    ...described.value,
    shape,
    classes: classes.value.classes,
    ...(classPlaces ? { classPlaces } : {}),
    ...(selected ? { selected } : {}),
  });
}

function describeAs<R extends FileRequest>(format: FileFormat<R>, describe: DescribeFile): DescribeNamed<R> {
  return ({ argument, request, used }) => {
    const described = describe(request, used, format);
    if (described.ok) return described;
    return { ok: false, problem: { ...described.problem, argument: described.problem.argument ?? argument } };
  };
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

/** A request's range of values; absent if not given, to keep it out of a stored recipe's key. */
export function rangeOf(range: readonly [number, number] | null): { readonly range?: readonly [number, number] } {
  return range === null ? {} : { range };
}
