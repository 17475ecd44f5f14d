import { comparableMetric } from '../metrics/usual-metric.js';
import { largest } from '../numerics/extremes.js';
import { UsageError } from '../project/params.js';
import { parseRecipe } from '../project/recipe.js';
import { recordedIn, recordedPlace } from '../project/recorded-place.js';
import { sourceChanges } from '../project/source-changes.js';
import { hasEnded, type TrialState } from '../runtime/events.js';
import { collectEnvironment, experimentFolder } from '../runtime/provenance/environment.js';
import type { SweepTrialRecord } from '../runtime/store/sweep-records.js';
import { prepare, recordedBackend } from '../trial/prepare.js';
import type { Words } from '../words/word.js';
import { backendOfSweep } from './backend-of-sweep.js';
import { readPruningJson } from './plan/rungs.js';
import { carryOut, lastEpochs, loadOptions, type SweepOutcome, type SweepRunSettings, withStore } from './sweep.js';
import { SweepTrials } from './sweep-trials.js';

export interface ResumeRequest extends SweepRunSettings {
  /** Those that its trials are trained with. */
  readonly library: Words;
  readonly store: string;
  /** `s3`, a name, or `last`. */
  readonly sweep: string;
  /** Also the trials that failed. */
  readonly failed?: boolean;
  readonly onNote?: (text: string) => void;
  /** Where the data are, if the person says so. */
  readonly dataFolder?: string | null;
}

/**
 * Goes on with a sweep: trains what is missing or was interrupted, from its checkpoints, and nothing else. What it trains
 * is what was stored, whatever has become of the file.
 *
 * @throws UsageError when there is no such sweep, Stale, StoreError, DatasetError
 */
export async function resumeSweep(request: ResumeRequest): Promise<SweepOutcome> {
  return withStore(request, async (store) => {
    const sweep = store.sweep(request.sweep);
    if (sweep === null) {
      throw new UsageError(
        `${request.store} has no sweep '${request.sweep}'`,
        '`aedsl ls` lists them; `last` is the newest',
      );
    }
    store.requireFree(sweep.id);
    const records = store.sweepTrials(sweep.id);
    const wanted = ({ state }: SweepTrialRecord) => isMissing(state) || (request.failed === true && state === 'failed');
    const backend = recordedBackend(sweep);
    await backendOfSweep(backend);
    const recipe = store.sweepRecipe(sweep.id, 0);
    const database = recordedIn(request.store, request.dataFolder ?? null);
    for (const text of recipe === null ? [] : sourceChanges(parseRecipe(recipe), sweep.id, database))
      request.onNote?.(text);
    const file = sweep.file === null ? null : recordedPlace(sweep.file, database);
    const environment = await collectEnvironment(experimentFolder(file), request.commandLine ?? []);
    const sweepTrials = new SweepTrials({
      library: request.library,
      backend,
      environment,
      load: loadOptions(request),
      init: null,
      database,
    });
    const trials = await sweepTrials.ofRecords(records, { store, sweepId: sweep.id }, wanted);
    const added = store
      .sweepActions(sweep.id)
      .reduce((sum, { action }) => sum + (action.do === 'add_seeds' ? action.seeds : 0), 0);
    const pruning = sweep.pruning === null ? null : readPruningJson(sweep.pruning);
    return carryOut(request, {
      library: request.library,
      store,
      writer: store.continueSweep(sweep.id),
      trials,
      before: records,
      planned: records.length - added,
      wanted,
      memory: sweepTrials.memory,
      forced: sweep.forced,
      pruning,
      epochs:
        pruning === null
          ? 0
          : epochsOf(
              trials.map(({ recipe }) => recipe),
              request.library,
            ),
      about: {
        name: sweep.name,
        experiment: sweep.experiment,
        backend,
        data: sweepTrials.dataNames.join(', '),
        axes: sweep.axes,
        objective: sweep.objective,
        comparable: comparableMetric([
          ...sweepTrials.lossStatements,
          ...store.trials.lossStatements(records.flatMap(({ runId }) => runId ?? [])),
        ]),
      },
      shownId: sweep.id,
    });
  });
}

/** Whether a trial has no end that holds. */
function isMissing(state: TrialState): boolean {
  return state === 'interrupted' || !hasEnded(state);
}

/** The most epochs of a last stage. */
function epochsOf(recipes: readonly string[], library: Words): number {
  const distinct = [...new Set(recipes)];
  return largest(
    distinct.map((text) =>
      lastEpochs(prepare({ recipe: parseRecipe(text), library, seed: 1, backend: 'auto' }).compiled.ir.stages),
    ),
  );
}
