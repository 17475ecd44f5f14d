import { onOneLine } from '../../files/quoted.js';

/** Why a data set can't be had or used; the words are stable. */
export type DatasetErrorReason =
  /** There is no such file, and nowhere to get it from. */
  | 'not_found'
  /** The system refuses to read the file. */
  | 'unreadable'
  /** More than a limit allows, or than there is memory for. */
  | 'too_large'
  /** The file ends before its content does. */
  | 'truncated'
  /** The file has trailing data. */
  | 'trailing_bytes'
  /** The file is not of the format it should have. */
  | 'wrong_format'
  /** Elements of a type that isn't read. */
  | 'wrong_type'
  /** An array that is no list of examples, or no list of labels. */
  | 'wrong_shape'
  /** Values that can't be trained on: NaN, infinity, a label that is no class. */
  | 'wrong_value'
  /** A required value is missing from a table. */
  | 'missing_value'
  /** A row of a table with more or fewer values than there are columns. */
  | 'ragged_row'
  /** A column or a tensor that the file doesn't have. */
  | 'unknown_name'
  /** Examples and labels, or training and test part, that don't belong together. */
  | 'mismatch'
  /** A file that is not, byte for byte, the one that was published. */
  | 'wrong_checksum'
  /** No mirror gave the file. */
  | 'download_failed'
  /** The cache can't be written: a full disk, a read-only folder. */
  | 'cache_not_writable'
  /** There are fewer examples than requested. */
  | 'not_enough_examples';

/**
 * A data set that can't be loaded. `message` tells what is wrong with which file, `hint` how to fix it: one line each.
 */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  readonly hint: string;
  /** The problem, as a predicate without its subject. */
  readonly problem: string;
  /** Argument of the data set's word at fault, if not the one that names the file. */
  readonly argument: string | null;

  constructor(
    readonly reason: DatasetErrorReason,
    /** The file, address or data set it is about. */
    readonly subject: string,
    problem: string,
    hint: string,
    options: ErrorOptions & { readonly argument?: string } = {},
  ) {
    super(onOneLine(`${subject}: ${problem}`), options);
    this.hint = onOneLine(hint);
    this.problem = onOneLine(problem);
    this.argument = options.argument ?? null;
  }
}

/** The first names of a list that may have any number of them. */
export function someOf(names: readonly string[]): string {
  return `${names.slice(0, 12).map(abridged).join(', ')}${names.length > 12 ? `, … (${names.length})` : ''}`;
}

/** A text of a file as a message quotes it: little, because a file that is no table may hold secrets. */
export function abridged(text: string): string {
  return text.length <= 20 ? text : `${text.slice(0, 16)}…`;
}

/** The system's code of a failed file operation, such as ENOENT; null for any other value. */
export function systemErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
