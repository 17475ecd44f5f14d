import type { RunResult } from '../api/events.js';
import { type ExitCode, exitCodes } from './failure.js';

/** What a run that ended so ends the process with. */
export function runExit({ status, evaluation }: Pick<RunResult, 'status' | 'evaluation'>): ExitCode {
  switch (status) {
    case 'complete':
      if (evaluation === 'pending') return exitCodes.interrupted;
      return evaluation === 'failed' ? exitCodes.failed : exitCodes.ok;
    case 'diverged':
    case 'failed':
      return exitCodes.failed;
    case 'interrupted':
      return exitCodes.interrupted;
  }
}
