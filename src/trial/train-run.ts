import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { memoryText } from '../compiler/ir/memory.js';
import { errorText } from '../files/system-error.js';
import { type Recipe, recordedRecipe, stringifyRecipe } from '../project/recipe.js';
import { sourcePlaces } from '../project/source-changes.js';
import { physicalMemory } from '../runtime/backend/most-memory.js';
import { collectEnvironment, experimentFolder } from '../runtime/provenance/environment.js';
import { commitProblem } from '../runtime/provenance/git-state.js';
import type { CheckpointRecord, Writer } from '../runtime/store/records.js';
import type { RunWriter } from '../runtime/store/run-writer.js';
import type { WritableStore } from '../runtime/store/store.js';
import type { EvaluationFailure } from '../runtime/training/train-trial.js';
import { countText } from '../text/number-text.js';
import type { CheckpointPolicy } from './checkpointer.js';
import { endEvaluation, failureText } from './evaluation-end.js';
import type { Listener, RunResult } from './events.js';
import { checkpointToTrainLonger } from './longer-training.js';
import type { Model } from './model.js';
import type { Picture } from './pictures.js';
import { describeTrial, type PreparedTrial } from './prepare.js';
import { type Training, train } from './train.js';
import { memoryOfRun } from './trial-memory.js';

/** How a training came out. */
export interface Run extends RunResult {
  readonly pictures: readonly Picture[];
  /** Evaluations and pictures that failed. */
  readonly failures: readonly EvaluationFailure[];
  /** Warnings of the compiler. */
  readonly diagnostics: readonly Diagnostic[];
  /** The trained model; null unless the training ended by itself. To be disposed of. */
  readonly model: Model | null;
}

/** How a run is trained and what is kept of it. */
export interface RunSettings {
  /** The results database; null: nothing is kept. */
  readonly store?: string | null;
  /** When it is checkpointed; every 30 seconds by default. */
  readonly checkpoints?: CheckpointPolicy;
  readonly listener?: Listener;
  /** Another process writes the database: called once, when it has to be waited for. */
  readonly onWait?: (writer: Writer | null) => void;
  /** Ends the run after the running step. */
  readonly signal?: AbortSignal;
  /** As it is recorded. */
  readonly commandLine?: readonly string[];
}

export interface NewRunSettings extends RunSettings {
  /** A run of fewer epochs of the last stage, to go on from. */
  readonly from?: string | null;
  /** Bytes that it may take with its data before that is noted; what the machine has by default. */
  readonly memory?: number;
  /** The recipe as it is recorded; by default with the places of files relative to the project of the results. */
  readonly recorded?: Recipe;
}

const defaultCheckpoints: CheckpointPolicy = { seconds: 30, epochs: null };

/**
 * Trains a new run in this process.
 * @throws UsageError, DatasetError, BackendUnavailable, StoreError; Stale; LongerTrainingError for a run that this one doesn't
 *   go on from
 */
export async function trainNewRun(prepared: PreparedTrial, settings: NewRunSettings): Promise<Run> {
  const { recipe, compiled, init } = prepared;
  const { store: path = null, commandLine = [], listener = () => {} } = settings;
  const file = recipe.sources[0]?.path ?? '';
  const folder = experimentFolder(file);
  const [trial, environment] = await Promise.all([
    prepared.ready(),
    path === null ? null : collectEnvironment(folder, commandLine, sourcePlaces(recipe.sources, file)),
  ]);
  const uncommitted = environment !== null && !environment.git?.commit ? commitProblem(folder) : null;
  if (uncommitted !== null) listener({ event: 'note', text: `no commit is kept with the run: ${uncommitted}` });
  if (recipe.data !== null) {
    const { train, validation, test } = compiled.ir.data;
    const text = `data: ${recipe.data} in place of the experiment's own, ${countText(train, 'example')} to train on, ${validation} for validation, ${test} for test`;
    listener({ event: 'note', text });
  }
  const [need, there] = [
    memoryOfRun(compiled.ir, trial.data.dataset, trial.library),
    settings.memory ?? physicalMemory(),
  ];
  if (need > there) {
    const text = `the run takes about ${memoryText(need)} of memory with its data, and there are ${memoryText(there)}`;
    listener({ event: 'note', text: `${text}: a smaller batch or less data take less` });
  }
  const recorded = settings.recorded ?? recordedRecipe(recipe, path);
  const description =
    environment && describeTrial(trial, environment, { recipe: recorded, text: stringifyRecipe(recorded) });
  const store = path !== null && description ? await openForRun(path, settings) : null;
  try {
    const from =
      store && description && settings.from ? checkpointToTrainLonger(store, settings.from, description, trial) : null;
    const writer =
      store &&
      description &&
      (from ? store.forkRun(description, from.runId, from.record) : store.startRun(description));
    if (init) writer?.saveWeights('initial', init.file);
    const begun = from && `goes on from ${from.runId}, after ${countText(from.record.epochs, 'epoch')}`;
    return await trainRun({ trial, from, store, writer, settings, notes: begun === null ? [] : [begun] });
  } finally {
    store?.close();
  }
}

/** SQLite is loaded for a run that is kept. */
async function openForRun(path: string, { commandLine = [], onWait }: RunSettings): Promise<WritableStore> {
  const { openStore } = await import('../runtime/store/store.js');
  return openStore(path, { mode: 'write', command: commandLine.join(' '), ...(onWait ? { onWait } : {}) });
}

/** A run that is trained, and where it is kept. */
export interface StartedRun extends Pick<Training, 'trial' | 'from'> {
  /** Both null where nothing is kept. */
  readonly store: WritableStore | null;
  readonly writer: RunWriter | null;
  readonly settings: RunSettings;
  /** Said once it is known which run it is. */
  readonly notes?: readonly string[];
}

/** Trains a run in this process, and keeps what comes out. */
export async function trainRun({ trial, from, store, writer, settings, notes = [] }: StartedRun): Promise<Run> {
  const { compiled, identity, seed, backend, data, diagnostics } = trial;
  const { listener = () => {}, checkpoints: policy = defaultCheckpoints } = settings;
  const written = (record: CheckpointRecord) => {
    const { stage, step, sha256 } = record;
    const name = compiled.ir.stages[stage]?.name ?? '';
    const event = { event: 'checkpoint', stage: name, step, sha256 } as const;
    writer?.record(event);
    writer?.checkpoint(record);
    listener(event);
  };
  const note = (text: string) => {
    writer?.note(text);
    listener({ event: 'note', text });
  };
  const failed = (error: Error) => note(`no checkpoint could be written: ${error.message}`);
  listener({
    event: 'run_started',
    runId: writer?.id ?? null,
    trialId: identity,
    experiment: compiled.ir.name,
    seed,
    backend,
    data: data.dataset.name,
  });
  for (const text of notes) listener({ event: 'note', text });
  try {
    const trained = await train({
      trial,
      from,
      checkpoints: store &&
        writer && {
          folder: store.checkpointFolder,
          prefix: store.checkpointPrefix(writer.id),
          policy,
          onWritten: written,
          onFailed: failed,
        },
      emit(event) {
        writer?.record(event);
        listener(event);
      },
      note,
      onTrained: (training) => writer?.trained(training, 1),
      signal: settings.signal ?? new AbortController().signal,
    });
    const { status, metrics, weightsSha256 } = trained.result;
    if (status === 'interrupted') {
      writer?.saveWeights('final', trained.weightsFile);
      writer?.saveChain(trained.chainFile);
    }
    const { evaluation, failures } = endEvaluation(writer, trained);
    for (const failure of failures) listener({ event: 'note', text: failureText(failure) });
    const result: RunResult = {
      event: 'result',
      runId: writer?.id ?? null,
      trialId: identity,
      status,
      metrics,
      weightsSha256,
      evaluation: status === 'complete' ? evaluation.state : null,
    };
    if (result.evaluation !== null && result.evaluation !== 'complete' && writer) {
      listener({ event: 'note', text: `its weights are kept; \`aedsl evaluate ${writer.id}\` makes what is missing` });
    }
    listener(result);
    const { pictures, model } = trained;
    return { ...result, pictures, failures, diagnostics, model };
  } catch (error) {
    writer?.fail(errorText(error));
    throw error;
  }
}
