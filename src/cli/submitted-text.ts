import type { Listener, TrialState } from '../api/events.js';
import { countText } from '../api/text.js';
import { hostText, type SubmittedSweep, type SyncedSweep } from '../api/training.js';
import type { Console } from './console.js';
import { type ExitCode, exitCodes } from './failure.js';
import { jsonLine } from './json.js';

/** Passes on the notes of a sweep whose trials do not train here. */
export function noteListener(console: Console): Listener {
  return (event) => {
    if (event.event === 'note') console.err(`${event.text}\n`);
  };
}

/** Says what was submitted, and how to go on. */
export function tellSubmitted(console: Console, submitted: SubmittedSweep, json: boolean): void {
  const { sweep, trials, jobs, tasks, host, outcome, follows } = submitted;
  if (json) {
    const place = host && { host: hostText(host), scheduler: host.scheduler };
    console.out(jsonLine({ event: 'submitted', sweep, trials: trials.length, tasks, jobs, on: place }));
    return;
  }
  const cached = outcome.counts.cached ?? 0;
  const known = cached === 0 ? '' : `; ${countText(cached, 'trial')} known already`;
  if (trials.length === 0) {
    console.out(`${sweep}: nothing to submit${known}\n`);
    return;
  }
  const where = host === null ? '' : ` on ${hostText(host)}`;
  const how =
    host?.scheduler === 'cores'
      ? `${where}, by its cores`
      : ` in ${countText(tasks, 'task')} of Slurm${where}${jobs.length === 0 ? '' : `, ${jobsText(jobs)}`}`;
  console.out(`${sweep}: ${countText(trials.length, 'trial')}${how}${known}\n`);
  const next = follows === 'points' ? 'the next points' : 'those that go on after a rung';
  const rest =
    follows === null
      ? `aedsl sync ${sweep} merges what has come`
      : `aedsl sync ${sweep} merges what has come and submits ${next}, with --wait until all are trained`;
  console.err(`aedsl watch ${sweep} shows it, ${rest}; this shell may close\n`);
}

function jobsText(jobs: readonly number[]): string {
  return jobs.length === 1 ? `job ${jobs[0]}` : `jobs ${jobs.join(', ')}`;
}

function inJobs(jobs: readonly number[]): string {
  return jobs.length === 0 ? '' : ` in ${jobsText(jobs)}`;
}

/** Most lost trials that are listed. */
const mostLost = 20;

/** Says what has come of a submitted sweep. */
export function tellSynced(console: Console, synced: SyncedSweep, json: boolean): void {
  const { sweep, trials, merged, running, waiting, heldBack, lost, unasked, notes } = synced;
  const { submitted, refused, search, rungs, goingOn } = synced;
  if (json) {
    const pruning = rungs && {
      rungs,
      going_on: goingOn,
      submitted: submitted?.trials ?? [],
      jobs: submitted?.jobs ?? [],
      refused: refused?.message ?? null,
    };
    const next = search && {
      planned: search.planned,
      waits_for: search.waitsFor,
      submitted: submitted?.trials ?? [],
      jobs: submitted?.jobs ?? [],
      refused: refused?.message ?? null,
    };
    console.out(
      jsonLine({
        event: 'synced',
        sweep,
        trials: trials.length,
        merged,
        running,
        waiting,
        held_back: heldBack,
        lost,
        unasked: unasked?.message ?? null,
        search: next,
        pruning,
      }),
    );
    return;
  }
  const counts = new Map<string, number>();
  const count = (name: string, n: number) => counts.set(name, (counts.get(name) ?? 0) + n);
  const atRungs = rungs ?? [];
  const lostTrials = lost.map(({ trial }) => trial);
  const open = new Set([...running, ...waiting, ...lostTrials, ...goingOn, ...atRungs.flatMap((rung) => rung.trials)]);
  for (const { trial, state } of trials) if (!open.has(trial)) count(state === 'interrupted' ? 'not ended' : state, 1);
  count('running', running.length);
  count('waiting', waiting.length);
  for (const rung of atRungs) count(`at the rung of epoch ${rung.epoch}`, rung.trials.length);
  count('to go on', goingOn.length);
  count('lost', lost.length);
  const parts = [...counts].flatMap(([name, n]) => (n === 0 ? [] : `${n} ${name}`));
  const all =
    search === null || search.planned === trials.length
      ? countText(trials.length, 'trial')
      : `${trials.length} of ${countText(search.planned, 'trial')}`;
  const more = submitted === null ? '' : `; ${submitted.trials.length} more submitted${inJobs(submitted.jobs)}`;
  console.out(`${sweep}: ${all}: ${parts.join(', ')}; ${merged.length} merged just now${more}\n`);
  if (search !== null && search.waitsFor.length > 0) {
    const waitsFor = `${search.waitsFor.length === 1 ? 'trial' : 'trials'} ${search.waitsFor.join(', ')}`;
    console.err(`the next point waits for ${waitsFor}\n`);
  }
  for (const text of oddEnds(synced).slice(0, mostLost)) console.err(`${text}\n`);
  for (const { reason, trials } of heldBack.slice(0, mostLost)) {
    console.err(
      `Slurm does not begin ${trials.length === 1 ? `trial ${trials[0]}` : `${trials.length} trials`}: ${reason}\n`,
    );
  }
  for (const { trial, reason } of lost.slice(0, mostLost)) console.err(`trial ${trial} is lost: ${reason}\n`);
  if (lost.length > mostLost) console.err(`… and ${lost.length - mostLost} more\n`);
  for (const note of notes) console.err(`${note}\n`);
  if (unasked !== null) console.err(`could not ask about the rest: ${unasked.message}\n  ${unasked.hint}\n`);
  if (refused !== null) {
    console.err(`no more could be submitted: ${refused.message}\n  ${refused.hint}\n`);
    console.err(`aedsl sync ${sweep} tries again\n`);
  } else if (lost.length > 0) console.err(`aedsl resume ${sweep} submits what is lost again\n`);
}

/** Why trials that were merged just now failed, diverged or lack an evaluation. */
function oddEnds({ trials, merged }: SyncedSweep): readonly string[] {
  const isNew = new Set(merged);
  const states = new Map<TrialState, string>([
    ['failed', 'failed'],
    ['diverged', 'diverged'],
    ['complete', 'is complete'],
  ]);
  return trials.flatMap(({ trial, state, reason }) => {
    const how = states.get(state);
    return how === undefined || reason === null || !isNew.has(trial) ? [] : `trial ${trial} ${how}: ${reason}`;
  });
}

/**
 * 1 if a trial failed, diverged, trained to other bits, could not be evaluated, or is lost, or if nobody could be asked
 * about the rest, or took it.
 */
export function syncedExit({ trials, lost, outcome, unasked, refused }: SyncedSweep): ExitCode {
  const bad = trials.filter(({ state }) => state === 'failed' || state === 'diverged').length;
  const odd = (outcome?.differing.length ?? 0) + (outcome?.unevaluated.length ?? 0);
  const isStuck = unasked !== null || refused !== null;
  return isStuck || bad + odd + lost.length > 0 ? exitCodes.failed : exitCodes.ok;
}
