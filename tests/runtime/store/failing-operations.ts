import type { FileOperations } from '../../../src/files/write-file.js';

/** The operations of a disk that fails at the k-th of them, and at that alone. */
export function failingAt(k: number, real: FileOperations): FileOperations {
  let count = 0;
  const counted = <Args extends unknown[], Result>(operation: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      count++;
      if (count === k)
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', syscall: 'write' });
      return operation(...args);
    };
  };
  return {
    open: counted(real.open),
    write: counted(real.write),
    sync: counted(real.sync),
    // A file that is left open would be the test's own leak.
    close: real.close,
    rename: counted(real.rename),
    syncFolder: counted(real.syncFolder),
  };
}
