import type { SweepOutcome } from '../api/sweep.js';
import { type ExitCode, exitCodes } from './failure.js';

/** 130 when it was interrupted; 1 when a trial failed or diverged, or trained to other bits than before. */
export function sweepExit({ status, counts, trials }: SweepOutcome): ExitCode {
  if (status === 'interrupted') return exitCodes.interrupted;
  const differs = trials.some(({ reason }) => reason?.startsWith('the bits differ') === true);
  return differs || (counts.failed ?? 0) + (counts.diverged ?? 0) > 0 ? exitCodes.failed : exitCodes.ok;
}
