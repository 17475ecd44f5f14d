import { UsageError } from '../project/usage-error.js';
import type { Store } from '../runtime/store/store.js';
import { LongerTrainingError } from '../trial/longer-training.js';
import type { SweepTrial } from './sweep-trial.js';

/** A run that a trial may start from. */
interface Candidate {
  readonly run: string;
  readonly seed: number;
  readonly parameters: SweepTrial['parameters'];
}

interface Started {
  readonly trials: readonly SweepTrial[];
  readonly notes: readonly string[];
}

/**
 * Starts each trial of a sweep from the end of a run with fewer epochs; a trial without such a run trains from the
 * beginning, with the same bits.
 *
 * @param what a run, or a sweep whose runs to use
 * @returns also the id of `what`
 * @throws UsageError for a run or sweep that isn't stored, LongerTrainingError if no trial has such a run, StoreError
 */
export function startedFrom(
  store: Store,
  what: string,
  trials: readonly SweepTrial[],
): Started & { readonly from: string } {
  const { from, candidates } = candidatesOf(store, what);
  const { started, alone, reason } = startFrom(store, candidates, trials, new Set(trials.keys()));
  if (alone.length < trials.length) return { from, trials: started, notes: notesOn(alone, what, reason) };
  if (reason !== null) throw reason;
  throw new UsageError(`${what} has no run of the seeds of this sweep`, 'without --from it trains from the beginning');
}

/**
 * Starts those trials of a resumed sweep that have no run yet as {@link startedFrom} does. Where the shorter training is
 * gone by now, they train from the beginning.
 * @param from id of a run or a sweep
 * @param wanted indices of the trials to start
 */
export function startedLater(
  store: Store,
  from: string,
  trials: readonly SweepTrial[],
  wanted: ReadonlySet<number>,
): Started {
  const { started, alone, reason } = startFrom(store, candidatesLeft(store, from), trials, wanted);
  return { trials: started, notes: notesOn(alone, from, reason) };
}

/** @returns the numbers of trials without a run to start from, and why the first such run was refused */
function startFrom(
  store: Store,
  candidates: readonly Candidate[],
  trials: readonly SweepTrial[],
  wanted: ReadonlySet<number>,
) {
  const refused: LongerTrainingError[] = [];
  const alone: number[] = [];
  const started = trials.map((trial, number) => {
    if (!wanted.has(number)) return trial;
    for (const run of likely(candidates, trial)) {
      try {
        return trial.longerThan(store, run);
      } catch (error) {
        if (!(error instanceof LongerTrainingError)) throw error;
        refused.push(error);
      }
    }
    alone.push(number);
    return trial;
  });
  return { started, alone, reason: refused[0] ?? null };
}

function notesOn(alone: readonly number[], what: string, reason: LongerTrainingError | null): readonly string[] {
  if (alone.length === 0) return [];
  const which = alone.length === 1 ? `trial ${alone[0]} trains` : `trials ${alone.join(', ')} train`;
  const why = reason === null ? '' : ` (${reason.message})`;
  return [`${which} from the beginning: ${what} has no run to go on from${why}`];
}

function candidatesOf(
  store: Store,
  what: string,
): { readonly from: string; readonly candidates: readonly Candidate[] } {
  const sweep = store.sweep(what);
  if (sweep === null) {
    const { id, seed } = store.findRun(what);
    return { from: id, candidates: [{ run: id, seed, parameters: {} }] };
  }
  const trials = store.sweepTrials(sweep.id);
  const candidates = trials.flatMap(({ runId, seed, parameters }) =>
    runId === null ? [] : [{ run: runId, seed, parameters }],
  );
  return { from: sweep.id, candidates };
}

/** None if the run or sweep was deleted. */
function candidatesLeft(store: Store, id: string): readonly Candidate[] {
  try {
    return candidatesOf(store, id).candidates;
  } catch (error) {
    // By its reason, so as not to load SQLite for a sweep that isn't kept.
    if (error instanceof Error && 'reason' in error && error.reason === 'unknown_run') return [];
    throw error;
  }
}

/** Those of its seed; where some have its parameters, these alone, as each costs a compilation. */
function likely(candidates: readonly Candidate[], { seed, parameters }: SweepTrial): readonly string[] {
  const ofSeed = candidates.filter((candidate) => candidate.seed === seed);
  const same = ofSeed.filter(({ parameters: theirs }) =>
    Object.entries(theirs).every(([name, value]) => {
      const own = parameters[name];
      return own === undefined || JSON.stringify(own) === JSON.stringify(value);
    }),
  );
  return (same.length > 0 ? same : ofSeed).map(({ run }) => run);
}
