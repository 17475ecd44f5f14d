import { ExperimentError } from '../api/training.js';
import type { Console } from './console.js';
import { printDiagnostics } from './diagnostics.js';
import { type ExitCode, exitCodes } from './failure.js';

/** Runs an action, and prints the diagnostics if it ends with an experiment's errors. */
export async function diagnosed(console: Console, json: boolean, action: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    printDiagnostics(console, error.diagnostics, json);
    return exitCodes.experiment;
  }
}
