import type { DescribeFile } from './library/word.js';
import type { Source } from './syntax/source.js';

/** Everything outside that the compiler may ask for. It does no I/O itself. */
export interface World {
  /**
   * Another `.ae` file.
   * @param path as it is written in `from`
   */
  readSource(path: string, from: Source): Source | { readonly problem: string };
  /** A `.csv` file of trials that a `sweep` block names. @param path as it is written in `from` */
  readTable(path: string, from: Source): Source | { readonly problem: string };
  /** The head of a data file: its shape and how many examples it has. */
  readonly describeFile: (from: Source) => DescribeFile;
  /** Bytes of tensors that a training may hold where it is to be trained; absent where that is not asked. */
  readonly memory?: number;
}
