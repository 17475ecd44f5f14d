import type { TaskProgram } from '../../execute/slurm/submit.js';
import { SweepFolder } from '../../execute/slurm/sweep-folder.js';
import { UsageError } from '../../project/usage-error.js';
import { readStore } from '../../runtime/store/store.js';
import { addSeeds, type ResumeRequest, sweepNamed } from '../resume.js';
import { withFolder } from './folder-lock.js';
import { notSubmitted } from './merge-sweep.js';
import { followingOf, type SubmittedSweep, siteFor, submitMore } from './submit-sweep.js';

/** Seeds to add to a submitted sweep. */
export interface MoreSeeds {
  /** Trials whose settings get them; null for all settings. */
  readonly trials: readonly number[] | null;
  /** For each setting. */
  readonly seeds: number;
}

/**
 * Adds seeds to settings of a submitted sweep, and submits them, with the settings of its submission. They are stored first:
 * `resume` submits what this was killed before.
 *
 * @throws UsageError for a search, a sweep that was not submitted or was moved, or a trial that it lacks; SlurmError, SshError, and as `resumeSweep`
 */
export async function seedSweep(
  request: ResumeRequest,
  program: TaskProgram,
  { trials, seeds }: MoreSeeds,
): Promise<SubmittedSweep> {
  const { sweep, numbers } = await readStore(request.store, (results) => {
    const found = sweepNamed(results, request.sweep);
    return { sweep: found, numbers: results.sweepTrials(found.id).map(({ trial }) => trial) };
  });
  const folder = SweepFolder.of(request.store, sweep.id);
  if (!folder.exists) throw notSubmitted(sweep, folder);
  const unknown = trials?.find((trial) => numbers[trial] === undefined);
  if (unknown !== undefined) {
    throw new UsageError(`${sweep.id} has no trial ${unknown}`, `\`aedsl ls ${sweep.id}\` lists its trials`);
  }
  const own = { ...request, sweep: sweep.id };
  return withFolder(folder, async () => {
    const { settings, host, folder: before } = folder.readPlan();
    if (host === null && before !== folder.path) {
      throw new UsageError(
        `${sweep.id} was moved here from ${before}, where tasks of it may still be trained`,
        `\`aedsl sync ${sweep.id}\` says whether they are, and \`aedsl resume ${sweep.id}\` goes on here`,
      );
    }
    const site = await siteFor({ settings, program, host: host && { ...host, folder: host.base } }, request.library);
    const added = new Set(await addSeeds(own, trials ?? numbers, seeds));
    const handing = { folder, site, settings, follows: followingOf(sweep) };
    return submitMore({ ...own, wanted: ({ trial }) => added.has(trial) }, handing);
  });
}
