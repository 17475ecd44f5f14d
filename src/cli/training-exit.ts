import type { RunResult, SweepOutcome } from '../api/training.js';
import { type ExitCode, exitCodes } from './failure.js';

/** 130 if interrupted; 1 if a trial failed, diverged, trained to other bits, or could not be evaluated. */
export function sweepExit({ status, counts, differing, unevaluated }: SweepOutcome): ExitCode {
  if (status === 'interrupted') return exitCodes.interrupted;
  const failed = (counts.failed ?? 0) + (counts.diverged ?? 0) + differing.length + unevaluated.length;
  return failed > 0 ? exitCodes.failed : exitCodes.ok;
}

/** As {@link sweepExit}. */
export function runExit({ status, evaluation }: Pick<RunResult, 'status' | 'evaluation'>): ExitCode {
  if (status === 'interrupted' || evaluation === 'pending') return exitCodes.interrupted;
  return status === 'complete' && evaluation !== 'failed' ? exitCodes.ok : exitCodes.failed;
}
