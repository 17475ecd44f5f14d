import type { DescribeFile } from './library/data-file.js';
import type { Source } from './syntax/source.js';

/** The compiler's access to everything outside. It does no I/O itself. */
export interface World {
  /**
   * Reads another `.ae` file.
   * @param path as written in `from`
   */
  readSource(path: string, from: Source): Source | { readonly problem: string };
  /**
   * Reads a `.csv` file of trials.
   * @param path as written in `from`
   * @param from the file whose `sweep` block names it; null for a table that the user names, which may be anywhere
   */
  readTable(path: string, from: Source | null): Source | { readonly problem: string };
  /** The path, relative to `base`, of the file that is `path` relative to `from`. */
  pathSeenFrom(base: Source, path: string, from: Source): string;
  /** Reads the head of a data file: its shape and number of examples. */
  readonly describeFile: (from: Source) => DescribeFile;
  /** Memory for tensors where the training will run, in bytes; absent if not to be checked. */
  readonly memory?: number;
  /** Memory of the machine, for tensors and data together, in bytes; absent if not to be checked. */
  readonly machineMemory?: number;
}
