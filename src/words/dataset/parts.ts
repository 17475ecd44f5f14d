import { closed } from '../../compiler/ir/interval.js';
import type { ClassSelection, UsedExamples } from '../../compiler/library/data-file.js';
import { choice, integer, list } from '../../compiler/library/parameter.js';
import { failed, ok, type Result } from '../../compiler/library/word.js';
import type { ClassArguments } from './classes.js';

const most = Number.MAX_SAFE_INTEGER;

/** Axis order of images. */
export function layoutParameter() {
  return {
    layout: choice({
      doc:
        'Where the channels of images are: `nchw` before their rows, `nhwc` after their columns, as TensorFlow has them. If it ' +
        'is left out they come first, and arrays that seem to have them last are an error.',
      options: ['nchw', 'nhwc'],
      peers: ['data_format'],
      default: null,
    }),
  };
}

/** The arguments of `partParameters`. */
interface PartArguments extends ClassArguments {
  readonly take: number | null;
  readonly validation: number;
  readonly test: number | null;
  readonly shuffle_seed: number | null;
}

/** The part of a file's request that selects classes; empty if all are used alike. */
export interface Selected {
  readonly select?: ClassSelection;
}

/** The classes in use, as the part of a request for labels; empty if all are used alike. */
export function selectionOf(
  { test, shuffle_seed: shuffleSeed, classes, train_on: trainOn }: PartArguments,
  hasTest: boolean,
): Selected {
  if (classes === null && trainOn === null) return {};
  const isHeld = trainOn !== null && !hasTest && test !== null && test > 0;
  return {
    select: {
      ...(classes !== null && { classes }),
      ...(trainOn !== null && { trainOn }),
      ...(isHeld && { test }),
      ...(isHeld && shuffleSeed !== null && { shuffleSeed }),
    },
  };
}

/** The same for the labels of a test file, none of whose classes are left out for not being trained on. */
export function testSelectionOf({ classes }: PartArguments): Selected {
  return classes === null ? {} : { select: { classes } };
}

/** Selects the examples in use of the training part, and of a separate test part, where they don't depend on labels. */
export function usedExamples(
  { take, validation, test, shuffle_seed: shuffleSeed }: PartArguments,
  hasTest: boolean,
): { readonly train: UsedExamples; readonly test: UsedExamples } {
  return {
    train: { take, validation, test: hasTest ? null : test, shuffleSeed },
    test: { take: test, validation: 0, test: null, shuffleSeed: null },
  };
}

/** The same of files whose labels are elsewhere: which examples are used is not known where classes are selected. */
export function usedOfUnlabelled(
  args: PartArguments,
  hasTest: boolean,
): { readonly train?: UsedExamples; readonly test?: UsedExamples } {
  return args.classes === null && args.train_on === null ? usedExamples(args, hasTest) : {};
}

/** Which examples of a data set are used for what. */
export function partParameters() {
  return {
    take: integer({
      doc: 'Training examples, the first ones of the classes to train on; all that are left if it is left out.',
      unit: 'examples',
      default: null,
    }),
    validation: integer({
      peers: ['val', 'valid', 'dev', 'n_val', 'num_val'],
      doc: 'Validation examples: those after the training examples.',
      unit: 'examples',
      default: 0,
      range: closed(0, most),
    }),
    test: integer({
      doc: 'Test examples: the first ones of the test part; of a data set without one, the last examples it has.',
      misfit:
        'test is a number of examples; a file of them is test_file= of csv and npy, test_images= of idx, test_folder= of images',
      unit: 'examples',
      default: null,
      range: closed(0, most),
    }),
    shuffle_seed: integer({
      doc: 'Permutes the examples before they are divided, for files sorted by class. It is not the run’s seed.',
      default: null,
      range: closed(0, most),
    }),
    classes: list({
      of: 'class',
      doc:
        'Keeps only the examples of these classes, in all parts: `[0, 1]`, or names such as `["normal"]`. The other ' +
        'arguments count what is kept, and classes keep their numbers.',
      default: null,
    }),
    train_on: list({
      of: 'class',
      doc:
        'Trains and validates on examples of these classes alone, while the test part keeps all: for one-class ' +
        'training and `anomaly`. `take` and `validation` count examples of these classes.',
      peers: ['normal_class', 'normal_classes', 'inlier_classes', 'known_classes'],
      default: null,
    }),
  };
}

/** The two values that files of numbers may be said to lie between. */
export function rangeParameter() {
  return {
    range: list({
      of: 'real',
      doc:
        'The least and the greatest value that the format of the values allows, such as `[0, 255]`: they become 0 and 1, ' +
        'as those of bytes do. Left out, bytes have [0, 255], and other numbers stay as they are.',
      default: null,
    }),
  };
}

/** Validates `range=` as a pair; null if not given. */
export function givenRange(range: readonly number[] | null): Result<readonly [number, number] | null> {
  if (range === null) return ok(null);
  const [low, high] = range;
  if (range.length === 2 && low !== undefined && high !== undefined && low < high && Number.isFinite(high - low)) {
    return ok([low, high]);
  }
  return failed('AE306', 'a range is its least and its greatest value, in this order', {
    argument: 'range',
    hint: 'such as range=[0, 255]',
  });
}

/** The same of arguments that have been checked. */
export function checkedRange(range: readonly number[] | null): readonly [number, number] | null {
  const given = givenRange(range);
  if (!given.ok) throw new RangeError(given.problem.message);
  return given.value;
}
