import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { CompiledExperiment } from '../compiler/compile.js';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import type { ExperimentIr } from '../compiler/ir/experiment.js';
import type { WorkEnd, WorkOptions } from '../execute/command/work.js';
import type { Executor } from '../execute/executor.js';
import type { Queued, QueueRequest } from '../execute/slurm/queue.js';
import type { TaskProgram } from '../execute/slurm/submit.js';
import type { TaskEnd, TaskOptions } from '../execute/slurm/task.js';
import type { SpoolOptions } from '../execute/spool/work-to-spool.js';
import type { CoresOptions } from '../execute/ssh/cores.js';
import type { serveOnHost as Serve } from '../execute/ssh/host-side.js';
import type { HuggingFaceExport } from '../models/export-huggingface.js';
import type { ModelExport } from '../models/export-onnx.js';
import type { ExportTable } from '../results/export-rows.js';
import type { Consistency, ConsistencyOptions } from '../results/stability.js';
import type { TrialTable } from '../results/sweep-table.js';
import type { TableSubject } from '../results/table-subject.js';
import type { TrackerFile } from '../results/trackers/tracked-runs.js';
import type { TrackerFormat } from '../results/trackers/tracker-files.js';
import type { DriveReport } from '../runtime/store/drive.js';
import type { SqliteBinding } from '../runtime/store/sqlite.js';
import type { ReadOptions, Store, WritableStore, WriteOptions } from '../runtime/store/store.js';
import type { ResumeRequest } from '../sweep/resume.js';
import type { SyncedSweep } from '../sweep/spooled/merge-sweep.js';
import type { MoreSeeds } from '../sweep/spooled/seed-sweep.js';
import type { SubmitPlace, SubmittedSweep } from '../sweep/spooled/submit-sweep.js';
import type { ResubmittedSweep } from '../sweep/spooled/sync-sweep.js';
import type { WaitOptions } from '../sweep/spooled/wait-for-sweep.js';
import type { SweepRequest } from '../sweep/sweep.js';
import type { TakenIn } from '../trial/bundle/take-in.js';
import type { GradientCheck } from '../trial/definition-gradients.js';
import type { Words } from '../words/word.js';

// SQLite is a native module, and packing and Parquet are packages that few programs need: each is loaded by its first call.

/**
 * Opens the results in a database. To write, the database and its folder are made if there are none, and an older schema is
 * brought up to date once nobody else writes; runs of processes that died become `interrupted`.
 *
 * @param path the file, such as `results.db`
 * @throws StoreError whose `reason` says why: `missing` or `older_schema` (reading), `not_a_database`, `locked`, `read_only`,
 *   `disk_full`, `damaged`, `not_loaded` if SQLite cannot be used on this machine, …
 */
export async function openStore(path: string, options: WriteOptions): Promise<WritableStore>;
export async function openStore(path: string, options: ReadOptions): Promise<Store>;
export async function openStore(path: string, options: ReadOptions | WriteOptions): Promise<Store> {
  const store = await import('../runtime/store/store.js');
  return options.mode === 'read' ? store.openStore(path, options) : store.openStore(path, options);
}

/**
 * Reads the results in a database, which is brought up to date before and closed whatever happens.
 * @throws StoreError as {@link openStore}
 */
export async function readStore<T>(path: string, read: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await import('../runtime/store/store.js');
  return store.readStore(path, read);
}

/** As {@link readStore}, and leaves an older schema as it is. @throws StoreError `older_schema` for one */
export async function readStoreAsItIs<T>(path: string, read: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await import('../runtime/store/store.js');
  return store.readStoreAsItIs(path, read);
}

/**
 * Tries in a temporary folder whether a database can live in a folder: writing, locks, the write-ahead log.
 * @throws StoreError `not_loaded` if SQLite cannot be used on this machine
 */
export async function checkDrive(folder: string): Promise<DriveReport> {
  const [{ loadSqlite }, drive] = await Promise.all([
    import('../runtime/store/sqlite.js'),
    import('../runtime/store/drive.js'),
  ]);
  loadSqlite();
  return drive.checkDrive(folder);
}

/**
 * Returns which package is SQLite here, and the versions of both.
 * @throws StoreError `not_loaded` if SQLite cannot be used on this machine
 */
export async function sqliteBinding(): Promise<SqliteBinding> {
  const sqlite = await import('../runtime/store/sqlite.js');
  return sqlite.sqliteBinding();
}

/**
 * Adds the run of a bundle to a database, unless it is there already; durable once it returns.
 * @param path the bundle, a `.tgz`
 * @param command who writes, for others that wait
 * @param words that its experiment is compiled with
 * @throws BundleError, UsageError, StoreError
 */
export async function takeIn(path: string, database: string, command: string, words: Words): Promise<TakenIn> {
  const bundle = await import('../trial/bundle/take-in.js');
  return bundle.takeIn(path, database, command, words);
}

/**
 * Trains the trials of a sweep by a command, each in a process of its own.
 * @param command a line for the shell, with `{job}` for the path of the job's file; see `CommandExecutor`
 * @param store the results database, beside which the jobs are; null for the system's folder of temporary files
 * @param dataFolder of published data sets, which the command gets as AEDSL_DATA; null to leave that as it is
 */
export async function commandExecutor(
  command: string,
  store: string | null,
  dataFolder: string | null = null,
): Promise<Executor> {
  const [{ CommandExecutor }, { jobsBeside, removeAbandonedJobs }] = await Promise.all([
    import('../execute/command/command-executor.js'),
    import('../execute/command/jobs-folder.js'),
  ]);
  const env = dataFolder === null ? {} : { env: { ...process.env, AEDSL_DATA: resolve(dataFolder) } };
  if (store === null) return new CommandExecutor({ command, folder: tmpdir(), ...env });
  const folder = jobsBeside(store);
  removeAbandonedJobs(folder);
  return new CommandExecutor({ command, folder, ...env });
}

/**
 * Trains the job in a file and reports it.
 * @throws FileError, JsonError for a file that is no job; UsageError for words that nobody allowed
 */
export async function work(path: string, options: WorkOptions): Promise<WorkEnd> {
  const worker = await import('../execute/command/work.js');
  return worker.work(path, options);
}

/**
 * Trains the job in a file, from where earlier attempts left it, and appends its messages to a file below the job's folder.
 * @throws as {@link work}, and the system's error if messages can't be written
 */
export async function workToSpool(path: string, options: SpoolOptions): Promise<WorkEnd> {
  const worker = await import('../execute/spool/work-to-spool.js');
  return worker.workToSpool(path, options);
}

/**
 * Trains the trials of a task that Slurm has started.
 * @param folder of the sweep, beside its database
 * @throws FileError, JsonError for a folder that has no such task; SlurmError if it can't be put back in the queue
 */
export async function runTask(folder: string, options: TaskOptions): Promise<TaskEnd> {
  const [{ runTask: run }, { SweepFolder }] = await Promise.all([
    import('../execute/slurm/task.js'),
    import('../execute/slurm/sweep-folder.js'),
  ]);
  return run(new SweepFolder(folder), options);
}

/** Answers the other end of a connection by ssh, which trains a sweep on this host. */
export async function serveOnHost(...asked: Parameters<typeof Serve>): Promise<void> {
  const host = await import('../execute/ssh/host-side.js');
  return host.serveOnHost(...asked);
}

/**
 * Trains what was submitted of a sweep on the cores of this host, until nothing is left.
 * @param folder of the sweep @throws FileError, JsonError for a folder that has none; the system's error
 */
export async function trainOnCores(folder: string, options: Omit<CoresOptions, 'jobs'>): Promise<void> {
  const [cores, { SweepFolder }] = await Promise.all([
    import('../execute/ssh/cores.js'),
    import('../execute/slurm/sweep-folder.js'),
  ]);
  const sweep = new SweepFolder(folder);
  return cores.trainOnCores(sweep, { ...options, jobs: cores.jobsOnCores(sweep.readPlan().settings) });
}

/**
 * Holds, releases, stops or prefers trials of a submitted sweep, as far as its scheduler can.
 * @throws UsageError for a sweep that was not submitted; SlurmError, SshError, StoreError
 */
export async function queueSweep(
  sweep: Pick<ResumeRequest, 'store' | 'sweep'>,
  asked: QueueRequest,
): Promise<Queued & { readonly sweep: string }> {
  const spooled = await import('../sweep/spooled/sync-sweep.js');
  return spooled.queueSweep(sweep, asked);
}

/**
 * Brings what has come of a sweep from the host that trains it, and merges nothing.
 * @param sweep `s3` @throws SshError, SlurmError; StoreError
 */
export async function bringSweep(store: string, sweep: string): Promise<void> {
  const spooled = await import('../sweep/spooled/merge-sweep.js');
  return spooled.bringSweep(store, sweep);
}

/**
 * Plans a sweep and submits its trials to Slurm, or to another host; this process may end once it returns.
 * @throws SlurmError, SshError, UsageError for what can't be submitted, and as `runSweep`
 */
export async function submitSweep(
  request: SweepRequest & { readonly store: string },
  place: SubmitPlace,
): Promise<SubmittedSweep> {
  const slurm = await import('../sweep/spooled/submit-sweep.js');
  return slurm.submitSweep(request, place);
}

/**
 * Merges what has ended of a sweep that was submitted, and submits the next points of a search; doing so twice is doing so once.
 * @param program aedsl, as nodes start it; null to submit nothing
 * @throws UsageError for a sweep that was not submitted; Stale, StoreError
 */
export async function syncSweep(request: ResumeRequest, program: TaskProgram | null): Promise<SyncedSweep> {
  const slurm = await import('../sweep/spooled/sync-sweep.js');
  return slurm.syncSweep(request, program);
}

/**
 * Adds seeds to settings of a submitted sweep, and submits them.
 * @throws UsageError for a search, or a sweep that was not submitted; SlurmError, SshError, and as `resumeSweep`
 */
export async function seedSweep(
  request: ResumeRequest,
  program: TaskProgram,
  seeds: MoreSeeds,
): Promise<SubmittedSweep> {
  const seeding = await import('../sweep/spooled/seed-sweep.js');
  return seeding.seedSweep(request, program, seeds);
}

/**
 * Merges the trials of a submitted sweep as they end, and submits what follows from them, until nobody trains one any more.
 * @returns what the last merge came to @throws as {@link syncSweep}; AbortError
 */
export async function waitForSweep(
  request: ResumeRequest,
  program: TaskProgram,
  options: WaitOptions,
): Promise<SyncedSweep> {
  const waiting = await import('../sweep/spooled/wait-for-sweep.js');
  return waiting.waitForSweep(request, program, options);
}

/**
 * Merges what has ended of a sweep, and submits what no task of Slurm trains.
 * @throws SlurmError, UsageError, and as `resumeSweep`
 */
export async function resubmitSweep(request: ResumeRequest, place: SubmitPlace): Promise<ResubmittedSweep> {
  const slurm = await import('../sweep/spooled/sync-sweep.js');
  return slurm.resubmitSweep(request, place);
}

/**
 * Merges what has ended of a sweep, before it is continued elsewhere.
 * @throws UsageError if Slurm still has trials of it
 */
export async function withdrawSweep(request: ResumeRequest): Promise<SyncedSweep> {
  const slurm = await import('../sweep/spooled/sync-sweep.js');
  return slurm.withdrawSweep(request);
}

/** A table as an Apache Parquet file, a row group at a time. */
export async function parquetBytes(table: ExportTable): Promise<Iterable<Uint8Array>> {
  const parquet = await import('../results/export-parquet.js');
  return parquet.parquetBytes(table);
}

/**
 * A run's model, or a part of it, as a file of ONNX.
 * @throws StoreError, LoadError for a run without weights, NotInOnnx for a layer that ONNX can't hold
 */
export async function onnxModel(options: ModelExport): Promise<Uint8Array> {
  const onnx = await import('../models/export-onnx.js');
  return onnx.onnxModel(options);
}

/**
 * A run's model, or a part of it, as files for TF.js's `loadGraphModel`.
 * @throws as {@link onnxModel}
 */
export async function tfjsModel(
  options: ModelExport,
): Promise<readonly { readonly name: string; readonly content: Uint8Array | string }[]> {
  const onnx = await import('../models/export-onnx.js');
  return onnx.tfjsModel(options);
}

/**
 * A run as a repository of the Hugging Face Hub: a model card, the weights, the model in PyTorch, the experiment, and a bundle.
 * Nothing is sent anywhere.
 * @throws UsageError for what is no licence; StoreError, LoadError for a run without weights, UnknownToPytorch, VerifyError
 */
export async function huggingFaceFiles(
  options: HuggingFaceExport,
): Promise<readonly { readonly name: string; readonly content: Uint8Array | string }[]> {
  const hub = await import('../models/export-huggingface.js');
  return hub.huggingFaceFiles(options);
}

/**
 * Compares what the seeds of each setting of a table learned; settings with fewer than two seeds are left out.
 * @throws LoadError for a run without weights; DatasetError
 */
export async function consistencyOf(
  table: Pick<TrialTable, 'settings'>,
  options: ConsistencyOptions,
): Promise<readonly Consistency[]> {
  const consistency = await import('../results/consistency.js');
  return consistency.consistencyOf(table, options);
}

/**
 * A run's sparse autoencoder as SAELens saves one: `cfg.json` and `sae_weights.safetensors`.
 * @throws StoreError, LoadError for a run without weights, NotInSaelens for another kind of model
 */
export async function saelensFiles(
  options: Pick<ModelExport, 'library' | 'run' | 'store'>,
): Promise<readonly { readonly name: string; readonly content: Uint8Array | string }[]> {
  const saelens = await import('../models/export-saelens.js');
  return saelens.saelensFiles(options);
}

/**
 * A sweep or a run as the files of another tracker of experiments, one at a time; nothing is sent anywhere.
 * @param folder that the files will be in, absolute
 */
export async function trackerFiles(
  store: Store,
  subject: TableSubject,
  format: TrackerFormat,
  folder: string,
): Promise<Iterable<TrackerFile>> {
  const trackers = await import('../results/trackers/tracker-files.js');
  return trackers.trackerFiles(store, subject, format, folder);
}

/** Diagnoses the stored runs that an experiment's layers start from. Loads SQLite only if there are such layers. */
export async function diagnosticsOfStarts(
  compiled: CompiledExperiment,
  database: string | null,
  words: Words,
): Promise<readonly Diagnostic[]> {
  if (compiled.starts.length === 0) return [];
  const starts = await import('../trial/stored-starts.js');
  return starts.diagnosticsOfStarts(compiled, database, words);
}

/** Compares the gradients of an experiment's own losses and activations with finite differences. */
export async function checkGradients(ir: ExperimentIr, library: Words): Promise<readonly GradientCheck[]> {
  const [{ definitionGradients }, { chooseBackend }] = await Promise.all([
    import('../trial/definition-gradients.js'),
    import('../runtime/backend/choose.js'),
  ]);
  await chooseBackend('simd', { threads: 1 });
  return definitionGradients(ir, library);
}
