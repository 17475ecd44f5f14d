import type { SweepOutcome } from '../api/sweep.js';
import { type ExitCode, exitCodes } from './failure.js';

/** 130 when it was interrupted; 1 when a trial failed or diverged, or trained to other bits than before. */
export function sweepExit({ status, counts, differing }: SweepOutcome): ExitCode {
  if (status === 'interrupted') return exitCodes.interrupted;
  const failed = (counts.failed ?? 0) + (counts.diverged ?? 0) + differing.length;
  return failed > 0 ? exitCodes.failed : exitCodes.ok;
}
