import type { CompiledExperiment } from '../compiler/compile.js';
import { type Canonical, canonicalJson } from '../compiler/ir/canonical.js';
import type { Source } from '../compiler/syntax/source.js';
import { UsageError } from '../project/params.js';
import { parseRecipe, type Recipe } from '../project/recipe.js';
import { type RecordedIn, recordedIn } from '../project/recorded-place.js';
import { sourceChanges } from '../project/source-changes.js';
import { fileWorld } from '../project/world.js';
import type { BackendName } from '../runtime/backend/backend.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import type { Listener } from '../runtime/events.js';
import { isUnevaluated, type RunRecord } from '../runtime/store/records.js';
import type { RunWriter } from '../runtime/store/run-writer.js';
import { openStore, type WritableStore } from '../runtime/store/store.js';
import { decodeCheckpoint } from '../trial/checkpoint-file.js';
import type { CheckpointPolicy } from '../trial/checkpointer.js';
import { historyState } from '../trial/history.js';
import { expectedOf, prepare, recordedBackend } from '../trial/prepare.js';
import { type Run, type RunSettings, type StartedRun, trainRun } from '../trial/train-run.js';
import { trainedState } from '../trial/trained-state.js';
import { initOf } from '../trial/weights-file.js';
import type { Words } from '../words/word.js';
import { usableCheckpoint } from './trial-run.js';

export interface ResumeRunOptions extends Pick<RunSettings, 'onControls' | 'previews' | 'onWait'> {
  /** Those that the run was trained with. */
  readonly library: Words;
  readonly store: string;
  readonly run: string;
  readonly checkpoints: CheckpointPolicy;
  readonly threads?: number | null;
  readonly listener: Listener;
  readonly signal: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  /** Where the data are, if the person says so. */
  readonly dataFolder?: string | null;
  readonly commandLine: readonly string[];
}

/**
 * Goes on with a run that was interrupted, from its last checkpoint that is whole, to the bits it would have had. What it
 * trains is what was stored. Of a run that was trained but not evaluated, only that is done.
 *
 * @throws UsageError for a run that has ended, Stale for one that means something else by now,
 *   InitialWeightsError, StoreError, DatasetError, BackendUnavailable
 */
export function resumeRun(options: ResumeRunOptions): Promise<Run> {
  return goOnWith(options, ({ store, run, compiled, where }) => {
    if (isUnevaluated(run)) return afterTraining(store, run, compiled, null);
    if (run.status !== 'interrupted' && run.status !== 'failed' && run.status !== 'stopped') {
      throw new UsageError(
        `${run.id} is ${run.status}`,
        run.status === 'complete'
          ? `it has trained to its end; \`aedsl evaluate ${run.id}\` makes its evaluations and pictures again`
          : 'only a run that was interrupted can be gone on with',
      );
    }
    return fromCheckpoint(store, run, compiled, where);
  });
}

export interface EvaluateRunOptions extends Omit<ResumeRunOptions, 'checkpoints'> {
  /** Whose evaluations and pictures are made, with the name of an experiment in it; null: those that the run was stored with. */
  readonly as: { readonly source: Source; readonly experiment: string | null } | null;
}

/**
 * Makes the evaluations and pictures of a run that trained to its end, in place of those that it has of the same name.
 * @throws as {@link resumeRun}; UsageError for a run without weights, or an experiment of another network or other data,
 *   ExperimentError
 */
export function evaluateRun(options: EvaluateRunOptions): Promise<Run> {
  return goOnWith({ ...options, checkpoints: { seconds: null, epochs: null } }, ({ store, run, recipe, compiled }) => {
    if (options.as === null) return afterTraining(store, run, compiled, null);
    const other = compiledAs(options.as, recipe, recordedBackend(run), options.library);
    const differing = differentModel(compiled, other);
    if (differing.length > 0) {
      throw new UsageError(
        `${options.as.source.path} is of another model than ${run.id} (${differing.join(', ')})`,
        'its evaluations and pictures may be others, not its data and its network',
      );
    }
    const { evaluations, figures } = other.ir;
    const ir = { ...compiled.ir, evaluations, figures };
    return afterTraining(store, run, { ...compiled, ir }, options.as.source.path);
  });
}

/** What a run is gone on with. */
interface StoredRun {
  readonly store: WritableStore;
  readonly run: RunRecord;
  readonly recipe: Recipe;
  readonly compiled: CompiledExperiment;
  readonly where: RecordedIn;
}

async function goOnWith(options: ResumeRunOptions, choose: (stored: StoredRun) => Continuation): Promise<Run> {
  const { listener, commandLine, onWait } = options;
  const command = commandLine.join(' ');
  const where = recordedIn(options.store, options.dataFolder ?? null);
  const store = await openStore(options.store, { mode: 'write', command, ...(onWait ? { onWait } : {}) });
  try {
    const run = store.findRun(options.run);
    store.requireFree(run.id);
    const { onDownload, signal, threads = null } = options;
    const prepared = prepare(
      {
        recipe: parseRecipe(run.source),
        library: options.library,
        seed: run.seed,
        init: initOf(store, run),
        backend: recordedBackend(run),
        threads,
        data: { where, signal, ...(onDownload ? { onProgress: onDownload } : {}) },
      },
      expectedOf(run),
    );
    const { recipe, compiled } = prepared;
    const going = choose({ store, run, recipe, compiled, where });
    for (const text of going.notes) listener({ event: 'note', trial: null, text });
    const trial = { ...(await prepared.ready()), compiled: going.compiled, diagnostics: [] };
    return await trainRun({ trial, from: going.from, store, writer: going.begin(), settings: options });
  } finally {
    store.close();
  }
}

interface Continuation {
  readonly compiled: CompiledExperiment;
  readonly from: StartedRun['from'];
  readonly notes: readonly string[];
  readonly begin: () => RunWriter;
}

function fromCheckpoint(
  store: WritableStore,
  run: RunRecord,
  compiled: CompiledExperiment,
  where: RecordedIn,
): Continuation {
  const { id } = run;
  const { checkpoint: record, notes } = usableCheckpoint(store, id);
  const bytes = record && store.readCheckpoint(record);
  const point = record
    ? `after step ${record.step} of ${compiled.ir.stages[record.stage]?.name}`
    : 'from its beginning';
  return {
    compiled,
    from: record && bytes && { record, checkpoint: decodeCheckpoint(bytes, historyState) },
    notes: [...sourceChanges(parseRecipe(run.source), id, where), ...notes, `${id} goes on ${point}`],
    begin: () => store.resumeRun(id, record),
  };
}

/** Nothing is trained any more. @param as the file whose evaluations and pictures are made; null: the run's own */
function afterTraining(
  store: WritableStore,
  { id }: RunRecord,
  compiled: CompiledExperiment,
  as: string | null,
): Continuation {
  const whose = as === null ? 'its evaluations and pictures' : `the evaluations and pictures of ${as}`;
  return {
    compiled,
    from: { record: null, checkpoint: trainedState(store, id) },
    notes: [`${id} is trained; ${whose} are made`],
    begin: () => store.evaluateRun(id, as),
  };
}

/** With the params that the run was given. @throws ExperimentError */
function compiledAs(
  { source, experiment }: NonNullable<EvaluateRunOptions['as']>,
  recipe: Recipe,
  backend: BackendName,
  library: Words,
): CompiledExperiment {
  const again = { ...recipe, sources: [source], experiment: experiment ?? recipe.experiment, files: {} };
  return prepare({ recipe: again, world: fileWorld(backend), library, seed: 1, backend }).compiled;
}

/** What evaluations and pictures depend on, and the two have otherwise. */
function differentModel(before: CompiledExperiment, after: CompiledExperiment): readonly string[] {
  const [a, b] = [partsOf(before.canonical), partsOf(after.canonical)];
  return ['data', 'transforms', 'corruption', 'encoder', 'decoder'].filter((part) => a.get(part) !== b.get(part));
}

function partsOf(form: Canonical): ReadonlyMap<string, string> {
  if (typeof form !== 'object' || form === null) return new Map();
  return new Map(Object.entries(form).map(([name, part]) => [name, canonicalJson(part)]));
}
