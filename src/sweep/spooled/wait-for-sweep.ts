import { setTimeout as pause } from 'node:timers/promises';
import type { TaskProgram } from '../../execute/slurm/submit.js';
import { SweepFolder } from '../../execute/slurm/sweep-folder.js';
import type { ResumeRequest } from '../resume.js';
import { hasUnmerged, type SyncedSweep } from './merge-sweep.js';
import { syncSweep } from './sync-sweep.js';
import { waitsInVain } from './waits-in-vain.js';

/** How long is waited, in milliseconds. */
export interface Pauses {
  /** Between two looks at the spools. A look never takes more than a twentieth of the time. */
  readonly look: number;
  /** Between two questions to the scheduler, if no trial ends. */
  readonly ask: number;
  /** Between two connections to another host. */
  readonly connect: number;
}

const usualPauses: Pauses = { look: 5000, ask: 120_000, connect: 10_000 };

/**
 * Merges the trials of a submitted sweep as they end, and submits what follows from them, until no trial is left that anybody trains,
 * or waiting can't help. Interrupting it loses nothing.
 *
 * @param told hears of each merge
 * @returns the last of them
 * @throws as `syncSweep`; AbortError
 */
export async function waitForSweep(
  request: ResumeRequest,
  program: TaskProgram,
  { told, signal, pauses = usualPauses }: WaitOptions,
): Promise<SyncedSweep> {
  for (;;) {
    const synced = await syncSweep(request, program);
    told(synced);
    const { running, waiting, unasked, refused } = synced;
    if (running.length + waiting.length === 0 && unasked === null && refused === null) return synced;
    if (waitsInVain(synced)) return synced;
    await news(request.store, synced, pauses, signal);
  }
}

export interface WaitOptions {
  readonly told: (synced: SyncedSweep) => void;
  readonly signal: AbortSignal;
  readonly pauses?: Pauses;
}

/** Resolves once something may have changed. @throws AbortError */
async function news(store: string, synced: SyncedSweep, pauses: Pauses, signal: AbortSignal): Promise<void> {
  const { sweep } = synced;
  if (SweepFolder.of(store, sweep).readPlan().host !== null) {
    await pause(pauses.connect, undefined, { signal });
    return;
  }
  let took = 0;
  for (const began = performance.now(); performance.now() - began < pauses.ask; ) {
    await pause(Math.max(pauses.look, 20 * took), undefined, { signal });
    const looked = performance.now();
    if (await hasUnmerged(store, sweep, synced)) return;
    took = performance.now() - looked;
  }
}
