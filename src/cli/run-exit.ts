import type { TrialStatus } from '../runtime/events.js';
import { type ExitCode, exitCodes } from './failure.js';

/** What a run that ended so ends the process with. */
export function runExit(status: TrialStatus): ExitCode {
  switch (status) {
    case 'complete':
      return exitCodes.ok;
    case 'diverged':
    case 'failed':
      return exitCodes.failed;
    case 'interrupted':
      return exitCodes.interrupted;
  }
}
