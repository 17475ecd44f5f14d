import type { Interval } from '../ir/interval.js';
import type { Shape } from '../ir/shape.js';
import type { Problem, Result } from './word.js';

/** Properties of a data set that are known before it is read. */
export interface DatasetDescription {
  readonly shape: Shape;
  readonly train: number;
  readonly test: number;
  /** Whether the test examples are the last of the training file, rather than a part of their own. */
  readonly isTestHeld?: boolean;
  /** Range of the raw values: pixels in [0, 1] for bytes or a given range, else as in the files. */
  readonly range: Interval;
  readonly classes: number | null;
  /** Whether the training examples have labels, and those of a test file don't; absent if they do. */
  readonly isTestUnlabelled?: boolean;
  /** The classes that there are, by name, or by number without names; absent if a stored run supplies the description. */
  readonly classNames?: readonly string[];
  /** The columns of a table that are conditions; absent if there are none. */
  readonly conditions?: readonly DescribedCondition[];
  /** Places of features that say with 0 or 1 whether an example is of a category; absent if there are none. */
  readonly indicators?: readonly number[];
  /** Memory of one value once it is read, in bytes; absent for bytes. */
  readonly valueBytes?: number;
  /** The same while it is read; absent if that is not more. */
  readonly readingBytes?: number;
  /** Bytes of examples in use beyond which those of a file stay there; absent for files that are read into memory. */
  readonly staysAbove?: { readonly train?: number; readonly test?: number };
  /** Positions of the classes in the file that is split, and in a separate test file. */
  readonly classPlaces?: { readonly train: ClassPlaces; readonly test: ClassPlaces | null };
  /** Largest byte if it is below 128; absent otherwise, with a given range, and if a stored run supplies the description. */
  readonly mostByte?: number;
  /** Features that its examples are made of, where these are known; absent if they aren't. */
  readonly trueFeatures?: number;
  /** Names of features that are constant over all training examples; absent if there are none. */
  readonly constants?: readonly string[];
  /** Warnings about the files' contents; absent if there are none. */
  readonly doubts?: readonly Problem[];
}

/** A data file and how to read it: plain values, since a stored recipe finds a file by its request. */
export interface FileRequest {
  readonly format: string;
  readonly path: string;
  /** Absent if all classes are used alike. Only for files with labels. */
  readonly select?: ClassSelection;
}

/** The classes that a data set uses, by name; a class without a name is called by its number. */
export interface ClassChoice {
  /** Whose examples are kept; absent: all. */
  readonly classes?: readonly string[];
  /** Whose examples are trained and validated on; absent: all that are kept. */
  readonly trainOn?: readonly string[];
}

/** Which classes of a file are used, and how the file is divided, as far as their numbers of examples depend on it. */
export interface ClassSelection extends ClassChoice {
  /** The last examples of the file, which are for the test; absent: none, or it doesn't matter. */
  readonly test?: number;
  readonly shuffleSeed?: number;
}

/** What a selection of classes finds in a file. */
export interface SelectedExamples {
  /** Examples of the classes that are kept. */
  readonly kept: number;
  /** Those of them that can be trained or validated on, without those for the test. */
  readonly trained: number;
  /** Classes that were asked for and aren't there; absent if a stored run supplies the description. */
  readonly absent?: readonly string[];
  /** Classes that are there; absent with `absent`. */
  readonly present?: readonly string[];
}

/** A file format of data sets. @typeParam R request for one of its files */
export interface FileFormat<R extends FileRequest = FileRequest> {
  /** Whether its files are folders. */
  readonly areFolders: boolean;
  /** Matches the names of such files, in lower case and without `.gz`. */
  readonly names: RegExp;
  /**
   * Reads what the compiler needs. A problem is AE701 (cannot be read) or AE702 (wrong contents).
   *
   * @param onBytes called before examples are looked through, with how many bytes they have; not for what is known already
   */
  describe(request: R, used?: UsedExamples, onBytes?: OnBytes): Result<FileDescription>;
}

export type OnBytes = (bytes: number) => void;

/** The examples in use: only these are inspected in a large file. Not part of the request. */
export interface UsedExamples {
  readonly take: number | null;
  readonly validation: number;
  readonly test: number | null;
  readonly shuffleSeed: number | null;
  /** Features of the training table, if this is the test table; absent otherwise. */
  readonly columns?: readonly string[];
  /** The same of its columns that are conditions. */
  readonly conditions?: readonly DescribedCondition[];
  /** Whether the classes of the training table are numbers; absent if this is none for a test. */
  readonly areClassesNumbers?: boolean;
}

/** Facts recorded about a data file, to check later data against. */
export interface FileContents {
  /** Bytes mean byte / 255; other numbers mean themselves. */
  readonly numbers: 'bytes' | 'integers' | 'reals';
  /** Feature names, in order; null for a format without names. */
  readonly columns: readonly string[] | null;
  /** Names of classes 0, 1, …; null if classes are numbers, or there are none. */
  readonly classNames: readonly string[] | null;
  /** Smallest and largest value of each feature; null for images, and for very many features. */
  readonly featureRanges: { readonly low: readonly number[]; readonly high: readonly number[] } | null;
}

/** Positions of the classes among the examples of a file, in the order in which these are divided. */
export interface ClassPlaces {
  readonly names: readonly string[];
  /** First and last example of each class; examples that cannot be trained on come after those that can. */
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** A column of a table that is a condition, as its rows have it. */
export interface DescribedCondition {
  readonly name: string;
  /** The texts of the training rows, sorted; null for numbers. */
  readonly categories: readonly string[] | null;
  /** The least and the greatest number; 0 and 1 for a category, whose texts each become a 0 or a 1. */
  readonly low: number;
  readonly high: number;
}

export interface FileDescription {
  /** Shape of one example in the file: `[height, width]` for a file of grey images. */
  readonly shape: Shape;
  readonly count: number;
  /** Range after bytes are divided by 255, or a given range is mapped to [0, 1]. */
  readonly range: Interval;
  /** Number of classes: one more than the largest label. Null for a file without labels. */
  readonly classes: number | null;
  /** Absent without labels, for very many classes, and if a stored run supplies the description. */
  readonly classPlaces?: ClassPlaces;
  /** Absent if the request selects no classes. */
  readonly selected?: SelectedExamples;
  /** The columns of a table that are conditions; absent if there are none. */
  readonly conditions?: readonly DescribedCondition[];
  /** Places of features that say with 0 or 1 whether an example is of a category; absent if there are none. */
  readonly indicators?: readonly number[];
  /** Absent for labels, and if an older version described the file. */
  readonly contents?: FileContents;
  /** Largest byte if it is below 128; absent otherwise, with a given range, and if a stored run supplies the description. */
  readonly mostByte?: number;
  /**
   * Names of features that are constant over all examples to be trained on; absent if there are none, for images, and
   * if a stored run supplies the description.
   */
  readonly constants?: readonly string[];
  /** Warnings about the file's contents; absent if there are none, and if a stored run supplies the description. */
  readonly doubts?: readonly Problem[];
  /**
   * Bytes of examples in use beyond which they stay in the file; absent if they are always read into memory, and if a
   * stored run supplies the description.
   */
  readonly staysAbove?: number;
  /** Memory of one value once it is read, in bytes; absent for those of bytes and of float32. */
  readonly valueBytes?: number;
  /** Memory of one value while the file is read, in bytes; absent if that is what it takes afterwards. */
  readonly readingBytes?: number;
  /** All numbers of a file of constants; absent for data. */
  readonly values?: readonly number[];
}

/**
 * Describes a data file by reading it with its format, since the compiler does no I/O itself, or from other knowledge.
 * @param used absent to inspect the whole file
 */
export type DescribeFile = <R extends FileRequest>(
  request: R,
  used: UsedExamples | undefined,
  format: FileFormat<R>,
) => Result<FileDescription>;
