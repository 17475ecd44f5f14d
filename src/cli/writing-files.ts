import { exitCodes, Failure } from './failure.js';

/**
 * Writes a file.
 * @throws Failure that names it, where the system refuses
 */
export function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new Failure(exitCodes.environment, `cannot write '${path}': ${error.message}`);
  }
}
