import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import type { Source } from '../compiler/syntax/source.js';
import type { World } from '../compiler/world.js';
import type { BackendName } from '../runtime/backend/backend.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load_named_set.js';
import type { Writer } from '../runtime/store/records.js';
import type { Words } from '../words/word.js';
import type { CheckpointPolicy } from './checkpointer.js';
import type { DataRequest } from './data.js';
import type { Listener } from './events.js';
import type { GivenWeights } from './weights-file.js';

export interface RunOptions {
  readonly source: Source;
  /** A run that is trained again: what is recorded of its file, and its data. */
  readonly again?: {
    /** Of the `.ae` file, as the results have it. */
    readonly path: string;
    readonly data: (experiment: DataRequest, options: LoadOptions) => Promise<LoadedData>;
  };
  /** Of the source; null for its first experiment. */
  readonly experiment?: string | null;
  /** `rho=0.05` */
  readonly params?: readonly string[];
  readonly seed?: number;
  readonly backend?: BackendName | 'auto';
  /** Of the backend, where it has them; one for each core by default. */
  readonly threads?: number | null;
  /** Another data set: `digits`, `idx("images.gz")`. */
  readonly data?: string | null;
  /** In place of every stage's epochs. */
  readonly epochs?: number | null;
  /** Updates after which each stage ends. */
  readonly maxSteps?: number | null;
  readonly mostParameters?: number | null;
  /** A safetensors file with weights to start from. */
  readonly init?: string | null;
  /** In place of `init`: its content. */
  readonly initialWeights?: GivenWeights | null;
  /** A run of fewer epochs of the last stage, to go on from. */
  readonly from?: string | null;
  /** The results database; null: nothing is kept. */
  readonly store?: string | null;
  /** Bytes that it may take with its data before that is noted; what the machine has by default. */
  readonly memory?: number;
  /** When it is checkpointed; every 30 seconds by default. */
  readonly checkpoints?: CheckpointPolicy;
  /** What the compiler sees of other files; those on the disk by default. */
  readonly world?: World;
  /** The words that the experiment may use; those of the package by default. See `extendLibrary`. */
  readonly library?: Words;
  readonly listener?: Listener;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  /** Another process writes the database: called once, when it has to be waited for. */
  readonly onWait?: (writer: Writer | null) => void;
  /** Ends the run after the running step. */
  readonly signal?: AbortSignal;
  /** What the compiler warns of, before anything trains. */
  readonly onWarnings?: (warnings: readonly Diagnostic[]) => void;
  /** As it is recorded. */
  readonly commandLine?: readonly string[];
}
