import type { ExperimentIr } from '../compiler/ir/experiment.js';
import { builtinLibrary } from '../compiler/library/builtin.js';
import { numericsVersion } from '../numerics/version.js';
import { chooseBackend } from '../runtime/backend/choose.js';
import type { LoadOptions } from '../runtime/datasets/load_named_set.js';
import { builtinLowerings } from '../runtime/lowering/builtin.js';
import type { RunRecord, Writer } from '../runtime/store/records.js';
import type { RunWriter } from '../runtime/store/run-writer.js';
import { openStore, type WritableStore } from '../runtime/store/store.js';
import { decodeCheckpoint } from '../runtime/sweep/checkpoint-file.js';
import type { CheckpointPolicy } from '../runtime/sweep/checkpointer.js';
import { usableCheckpoint } from '../runtime/sweep/trial-run.js';
import { backendNamed } from './backend-of-sweep.js';
import { loadExamples } from './data.js';
import type { Listener } from './events.js';
import { historyState } from './history.js';
import { UsageError } from './params.js';
import { compileStored, parseRecipe, RecipeError } from './recipe.js';
import { type RecordedTask, type Run, trainRun } from './recorded-run.js';
import { sourceChanges } from './source-changes.js';
import { trainedState } from './trained-state.js';
import { initialWeightsOf } from './weights-file.js';

export interface ResumeRunOptions {
  readonly store: string;
  readonly run: string;
  readonly checkpoints: CheckpointPolicy;
  readonly threads?: number | null;
  readonly listener: Listener;
  readonly signal: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  readonly onWait?: (writer: Writer | null) => void;
  readonly commandLine: readonly string[];
}

/**
 * Goes on with a run that was interrupted, from its last checkpoint that is whole, to the bits it would have had. What it
 * trains is what was stored. Of a run that was trained but not evaluated, only that is done.
 *
 * @throws UsageError for a run that has ended, RecipeError for one that means something else by now,
 *   InitialWeightsError, StoreError, DatasetError, BackendUnavailable
 */
export async function resumeRun(options: ResumeRunOptions): Promise<Run> {
  const { listener, commandLine, onWait } = options;
  const command = commandLine.join(' ');
  const store = await openStore(options.store, { mode: 'write', command, ...(onWait ? { onWait } : {}) });
  try {
    const run = store.findRun(options.run);
    store.requireFree(run.id);
    const isTrained = run.evaluation === 'pending' || run.evaluation === 'failed';
    if (!isTrained && run.status !== 'interrupted' && run.status !== 'failed' && run.status !== 'stopped') {
      throw new UsageError(`${run.id} is ${run.status}`, 'only a run that was interrupted can be gone on with');
    }
    const recipe = parseRecipe(run.source);
    const [source] = recipe.sources;
    const compiled = compileStored(recipe, builtinLibrary);
    const backend = backendNamed(run.backend);
    if (!source || compiled.hash !== run.ir.sha256 || run.numerics !== numericsVersion || backend === null) {
      throw new RecipeError(`what ${run.id} is made of means something else in this version`, 'run it again');
    }
    for (const text of sourceChanges(recipe, run.id)) listener({ event: 'note', text });
    const data = await loadExamples(compiled, {
      isStored: true,
      ...(options.onDownload ? { onProgress: options.onDownload } : {}),
      signal: options.signal,
    });
    if (data.dataset.checksum !== run.dataSha256) {
      throw new RecipeError(`the data of ${run.id} have changed`, 'bring them back, or run it again');
    }
    await chooseBackend(backend, options.threads ? { threads: options.threads } : undefined);
    const { from, writer, notes } = isTrained ? goOnAfterTraining(store, run) : goOn(store, run, compiled.ir);
    for (const text of notes) listener({ event: 'note', text });
    const { seed, identity } = run;
    listener({
      event: 'run_started',
      runId: run.id,
      trialId: identity,
      experiment: run.experiment,
      seed,
      backend,
      data: run.data,
    });
    return await trainRun({
      compiled,
      data,
      seed,
      identity,
      backend,
      library: builtinLibrary,
      lowerings: builtinLowerings,
      maxSteps: recipe.maxSteps,
      initialWeights: initialWeightsOf(store, run)?.values ?? null,
      from,
      store,
      writer,
      policy: options.checkpoints,
      listener,
      signal: options.signal,
      diagnostics: [],
    });
  } finally {
    store.close();
  }
}

interface Continuation {
  readonly from: RecordedTask['from'];
  readonly writer: RunWriter;
  readonly notes: readonly string[];
}

function goOn(store: WritableStore, { id }: RunRecord, { stages }: ExperimentIr): Continuation {
  const { checkpoint: record, notes } = usableCheckpoint(store, id);
  const bytes = record && store.readCheckpoint(record);
  const where = record ? `after step ${record.step} of ${stages[record.stage]?.name}` : 'from its beginning';
  return {
    from: record && bytes && { record, checkpoint: decodeCheckpoint(bytes, historyState) },
    writer: store.resumeRun(id, record),
    notes: [...notes, `${id} goes on ${where}`],
  };
}

/** Nothing is trained any more. */
function goOnAfterTraining(store: WritableStore, { id }: RunRecord): Continuation {
  const checkpoint = trainedState(store, id);
  return {
    from: { record: null, checkpoint },
    writer: store.evaluateRun(id),
    notes: [`${id} is trained; its evaluations and pictures are made`],
  };
}
