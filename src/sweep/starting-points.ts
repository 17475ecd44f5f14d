import { UsageError } from '../project/params.js';
import type { Store } from '../runtime/store/store.js';
import { LongerTrainingError } from '../trial/longer-training.js';
import type { SweepTrial } from './sweep-trial.js';

/** A run that a trial may start from. */
interface Candidate {
  readonly run: string;
  readonly seed: number;
  readonly parameters: SweepTrial['parameters'];
}

/**
 * Starts each trial of a sweep from the end of a run with fewer epochs; a trial without such a run trains from the
 * beginning, with the same bits.
 *
 * @param what a run, or a sweep whose runs to use
 * @throws UsageError for a run or sweep that isn't stored, LongerTrainingError if no trial has such a run, StoreError
 */
export function startedFrom(
  store: Store,
  what: string,
  trials: readonly SweepTrial[],
): { readonly trials: readonly SweepTrial[]; readonly notes: readonly string[] } {
  const candidates = candidatesOf(store, what);
  const refused: LongerTrainingError[] = [];
  const alone: number[] = [];
  const started = trials.map((trial, number) => {
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
  const [reason] = refused;
  if (alone.length === trials.length) {
    if (reason) throw reason;
    throw new UsageError(
      `${what} has no run of the seeds of this sweep`,
      'without --from it trains from the beginning',
    );
  }
  if (alone.length === 0) return { trials: started, notes: [] };
  const which = alone.length === 1 ? `trial ${alone[0]} trains` : `trials ${alone.join(', ')} train`;
  const why = reason ? ` (${reason.message})` : '';
  return { trials: started, notes: [`${which} from the beginning: ${what} has no run to go on from${why}`] };
}

function candidatesOf(store: Store, what: string): readonly Candidate[] {
  const sweep = store.sweep(what);
  if (sweep === null) {
    const { id, seed } = store.findRun(what);
    return [{ run: id, seed, parameters: {} }];
  }
  return store
    .sweepTrials(sweep.id)
    .flatMap(({ runId, seed, parameters }) => (runId === null ? [] : [{ run: runId, seed, parameters }]));
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
