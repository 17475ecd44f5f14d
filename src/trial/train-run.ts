import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { errorText } from '../files/system-error.js';
import { type Recipe, recordedRecipe, stringifyRecipe } from '../project/recipe.js';
import { sourcePlaces } from '../project/source-changes.js';
import { physicalMemory } from '../runtime/backend/most-memory.js';
import type { JournalEvent, Listener, SweepControls, TrainingEvent, TrialStatus } from '../runtime/events.js';
import { collectEnvironment, experimentFolder } from '../runtime/provenance/environment.js';
import { commitProblem } from '../runtime/provenance/git-state.js';
import type { CheckpointRecord, EvaluationState, Writer } from '../runtime/store/records.js';
import type { RunWriter } from '../runtime/store/run-writer.js';
import type { WritableStore } from '../runtime/store/store.js';
import type { EvaluationFailure } from '../runtime/training/train-trial.js';
import { countText, memoryText } from '../text/number-text.js';
import type { CheckpointPolicy } from './checkpointer.js';
import { endEvaluation, failureText } from './evaluation-end.js';
import { checkpointToTrainLonger } from './longer-training.js';
import type { Model } from './model.js';
import type { Picture } from './pictures.js';
import { describeTrial, type PreparedTrial, type Trial } from './prepare.js';
import { type Training, train } from './train.js';
import { memoryOfRun } from './trial-memory.js';

/** How a run ended. */
export interface RunResult {
  /** Null for a run that is not stored. */
  readonly runId: string | null;
  readonly trialId: string;
  readonly status: TrialStatus;
  readonly metrics: Readonly<Record<string, number>>;
  readonly weightsSha256: string | null;
  /** Of a run that trained to its end: whether all evaluations and pictures were made. */
  readonly evaluation: EvaluationState;
}

/** How a training came out, with what was made of it. */
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
  /** Given what a person may ask of the run, once it trains. */
  readonly onControls?: (controls: SweepControls) => void;
  /** Whether small pictures are made meanwhile, and it is said how fast it trains. */
  readonly previews?: boolean;
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
  if (uncommitted !== null)
    listener({ event: 'note', trial: null, text: `no commit is kept with the run: ${uncommitted}` });
  if (recipe.data !== null) {
    const { train, validation, test } = compiled.ir.data;
    const text = `data: ${recipe.data} in place of the experiment's own, ${countText(train, 'example')} to train on, ${validation} for validation, ${test} for test`;
    listener({ event: 'note', trial: null, text });
  }
  const [need, there] = [
    memoryOfRun(compiled.ir, trial.data.dataset, trial.library),
    settings.memory ?? physicalMemory(),
  ];
  if (need > there) {
    const text = `the run takes about ${memoryText(need)} of memory with its data, and there are ${memoryText(there)}`;
    listener({ event: 'note', trial: null, text: `${text}: a smaller batch or less data take less` });
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
  const { diagnostics, identity } = trial;
  const { checkpoints: policy = defaultCheckpoints } = settings;
  const journal = new RunJournal(trial, writer, settings.listener ?? (() => {}));
  journal.begin();
  const asked = new AbortController();
  settings.onControls?.(controlsOf(journal, asked));
  const shown = settings.previews === true ? await shownMeanwhile(trial, journal) : null;
  for (const text of notes) journal.tell({ event: 'note', trial: 0, text });
  try {
    const trained = await train({
      trial,
      from,
      checkpoints: store &&
        writer && {
          folder: store.checkpointFolder,
          prefix: store.checkpointPrefix(writer.id),
          policy,
          onWritten: (record) => journal.checkpoint(record),
          onFailed: (error) => journal.note(`no checkpoint could be written: ${error.message}`),
        },
      emit: (event) => {
        shown?.observe(event);
        journal.record(event);
      },
      note: (text) => journal.note(text),
      onTrained: (training) => writer?.trained(training, 1),
      signal: settings.signal ? AbortSignal.any([settings.signal, asked.signal]) : asked.signal,
      ...(shown ? { onlooker: shown.onlooker } : {}),
    });
    shown?.end();
    const { status, metrics, weightsSha256 } = trained.result;
    if (status === 'interrupted') {
      writer?.saveWeights('final', trained.weightsFile);
      writer?.saveChain(trained.chainFile);
    }
    const { evaluation, failures } = endEvaluation(writer, trained);
    const result: RunResult = {
      runId: writer?.id ?? null,
      trialId: identity,
      status,
      metrics,
      weightsSha256,
      evaluation: status === 'complete' ? evaluation.state : null,
    };
    journal.end(result, failures);
    const { pictures, model } = trained;
    return { ...result, pictures, failures, diagnostics, model };
  } catch (error) {
    shown?.end();
    writer?.fail(errorText(error));
    throw error;
  }
}

/** A run is one trial of this process: it can be ended, with a checkpoint. */
function controlsOf(journal: RunJournal, asked: AbortController): SweepControls {
  return {
    act(action) {
      switch (action.do) {
        case 'pause':
        case 'stop':
          asked.abort();
          break;
        case 'resume':
        case 'restart':
        case 'prioritise':
        case 'jobs':
        case 'add_seeds':
          journal.tell({
            event: 'note',
            trial: null,
            text: 'this is a run of one trial; `aedsl sweep` trains several',
          });
          break;
      }
    },
    interrupt: () => asked.abort(),
  };
}

/** Small pictures and the speed, for the dashboard; what makes them is loaded for it alone. */
async function shownMeanwhile(trial: Trial, journal: RunJournal) {
  const [{ Previews }, { Pace }] = await Promise.all([import('./previews.js'), import('./trial-pace.js')]);
  const pace = new Pace(({ stepsPerSecond, bytes }) =>
    journal.tell({ event: 'worker', worker: 0, trial: 0, stepsPerSecond, bytes }),
  );
  const previews = new Previews({
    ...trial,
    clock: () => performance.now(),
    onPreview: (preview) => journal.tell({ event: 'preview', trial: 0, ...preview }),
    onFailed: (error) => journal.note(`no picture could be drawn: ${error.message}`),
  });
  return {
    onlooker: previews,
    observe: (event: TrainingEvent) => pace.observe(event),
    end() {
      pace.end();
      previews.end();
    },
  };
}

/** Tells the store and a listener of a run: of its only trial, in the order of what happens. */
class RunJournal {
  readonly #trial: Trial;
  readonly #writer: RunWriter | null;
  readonly #listener: Listener;
  readonly #began = performance.now();

  constructor(trial: Trial, writer: RunWriter | null, listener: Listener) {
    this.#trial = trial;
    this.#writer = writer;
    this.#listener = listener;
  }

  begin(): void {
    const { compiled, identity, seed, backend, dataset } = this.#trial;
    const { name: experiment } = compiled.ir;
    const runId = this.#writer?.id ?? null;
    this.tell({
      event: 'started',
      of: 'run',
      id: runId,
      name: experiment,
      experiment,
      backend,
      data: dataset.name,
      axes: [],
      trials: [{ trial: 0, parameters: {}, seed, identity, state: 'running', runId }],
      objective: null,
      comparable: 'loss',
      jobs: 1,
      threads: 1,
    });
  }

  tell(event: JournalEvent): void {
    this.#listener(event);
  }

  record(event: TrainingEvent): void {
    this.#writer?.record(event);
    this.tell({ ...event, trial: 0 });
  }

  checkpoint(checkpoint: CheckpointRecord): void {
    const { stage, step, sha256 } = checkpoint;
    this.record({ event: 'checkpoint', stage: this.#trial.compiled.ir.stages[stage]?.name ?? '', step, sha256 });
    this.#writer?.checkpoint(checkpoint);
  }

  note(text: string): void {
    this.#writer?.note(text);
    this.tell({ event: 'note', trial: 0, text });
  }

  end({ runId, status, evaluation, metrics, weightsSha256 }: RunResult, failures: readonly EvaluationFailure[]): void {
    for (const failure of failures) this.tell({ event: 'note', trial: 0, text: failureText(failure) });
    if (evaluation !== null && evaluation !== 'complete' && runId !== null) {
      const text = `its weights are kept; \`aedsl evaluate ${runId}\` makes what is missing`;
      this.tell({ event: 'note', trial: 0, text });
    }
    const state = evaluation === 'pending' ? 'interrupted' : status;
    const reason = failures.length === 0 ? null : failures.map(failureText).join('; ');
    this.tell({ event: 'trial_state', trial: 0, state, runId, reason, weightsSha256, metrics });
    this.tell({
      event: 'ended',
      id: runId,
      status: state === 'interrupted' ? 'interrupted' : 'complete',
      counts: { [state]: 1 },
      best: null,
      differing: [],
      unevaluated: evaluation === 'failed' ? [0] : [],
      seconds: (performance.now() - this.#began) / 1000,
    });
  }
}
