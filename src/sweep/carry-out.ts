import { availableParallelism } from 'node:os';
import type { SharedExecutor } from '../execute/executor.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import type { Ended, Listener, SweepControls } from '../runtime/events.js';
import type { Writer } from '../runtime/store/records.js';
import type { WritableStore } from '../runtime/store/store.js';
import type { CheckpointPolicy } from '../trial/checkpointer.js';
import { SweepRun, type SweepRunOptions } from './sweep-run.js';
import type { SweepWorkers } from './sweep-workers.js';

/** Options for training, for both sweeps and single runs. */
export interface TrainingSettings {
  /** Trains the trials; by default, this machine's cores for a sweep, and this process for a run. */
  readonly executor?: SharedExecutor;
  /** Threads of each trial; by default the cores are divided among parallel trials. */
  readonly threads?: number | null;
  /** Whether `asha` judges each trial by those before it in the plan, as with one trial at a time. */
  readonly inOrder?: boolean;
  /** When trials are checkpointed; every 30 seconds by default. */
  readonly checkpoints?: CheckpointPolicy;
  readonly listener?: Listener;
  /** Receives the sweep's controls once it runs. */
  readonly onControls?: (controls: SweepControls) => void;
  /** Whether to make small pictures while trials train. */
  readonly previews?: boolean;
  /** Whether a search proposes further points; true by default. */
  readonly proposes?: boolean;
  /** Ends the sweep after the running steps. */
  readonly signal?: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  /** Called once if another process is writing to the database and has to be waited for. */
  readonly onWait?: (writer: Writer | null) => void;
  /** Command line to record. */
  readonly commandLine?: readonly string[];
}

/** The trials to train: a new sweep, a resumed one, or a run. */
export interface SweepParts
  extends Omit<
    SweepRunOptions,
    'executor' | 'workers' | 'cores' | 'policy' | 'previews' | 'proposes' | 'inOrder' | 'listener' | 'clock'
  > {
  readonly workers: SweepWorkers;
  readonly cores?: number;
  /** Reported once it runs. */
  readonly notes: readonly string[];
}

const defaultCheckpoints: CheckpointPolicy = { seconds: 30, epochs: null };

/** Trains what is to be trained on an executor, which is closed afterwards. @throws StoreError */
export async function carryOut(
  settings: TrainingSettings,
  { workers, notes, cores = availableParallelism(), ...parts }: SweepParts,
  executor: SharedExecutor,
): Promise<{ readonly ended: Ended; readonly sweep: SweepRun }> {
  const { signal, listener = () => {} } = settings;
  const sweep = new SweepRun({
    ...parts,
    executor,
    workers,
    cores,
    policy: settings.checkpoints ?? defaultCheckpoints,
    previews: settings.previews === true,
    proposes: settings.proposes ?? true,
    inOrder: settings.inOrder === true,
    listener,
    clock: () => performance.now(),
  });
  const interrupt = () => sweep.interrupt();
  try {
    settings.onControls?.(sweep);
    signal?.addEventListener('abort', interrupt);
    const running = sweep.run();
    if (signal?.aborted === true) sweep.interrupt();
    for (const text of [...(workers.note === null ? [] : [workers.note]), ...notes])
      listener({ event: 'note', trial: null, text });
    return { ended: await running, sweep };
  } finally {
    signal?.removeEventListener('abort', interrupt);
    await executor.close();
  }
}

/** Opens the results to write them; SQLite is loaded for that alone. @throws StoreError */
export async function withStore<T>(
  path: string,
  { commandLine = [], onWait }: Pick<TrainingSettings, 'commandLine' | 'onWait'>,
  use: (store: WritableStore) => Promise<T>,
): Promise<T> {
  const { openStore } = await import('../runtime/store/store.js');
  const command = commandLine.join(' ');
  const store = await openStore(path, { mode: 'write', command, ...(onWait ? { onWait } : {}) });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}
