import { type RecordedIn, recordedIn } from '../../project/recorded-place.js';
import { anything } from '../../runtime/formats/json.js';
import type { RunRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import { decodeChain } from '../../runtime/training/chain-file.js';
import type { ChainState } from '../../runtime/training/hash-chain.js';
import type { WeightValues } from '../../runtime/training/initial-weights.js';
import type { TrainingState } from '../../runtime/training/state.js';
import { decodeCheckpoint } from '../checkpoint-file.js';
import { VerifyError } from '../verify-error.js';
import { type GivenWeights, initOf, weightsOf } from '../weights-file.js';

/** A run as it was stored: what it was made of, and what is left of how it went. */
export interface RecordedRun {
  /** `r12`, or the name of a bundle. */
  readonly name: string;
  readonly experiment: string;
  readonly seed: number;
  readonly backend: string;
  /** Version of the arithmetic. */
  readonly numerics: string;
  /** Whether it trained to its end. */
  readonly complete: boolean;
  /** JSON of its recipe. */
  readonly recipe: string;
  readonly irSha256: string;
  readonly dataSha256: string;
  readonly recordedIn: RecordedIn;
  /** Identity of the trial. */
  readonly identity: string;
  readonly chain: ChainState;
  readonly weightsSha256: string | null;
  /** The final weights; null if they were not kept. */
  readonly weights: WeightValues | null;
  /** SHA-256 of the weights file. */
  readonly weightsFileSha256: string | null;
  /** Weights it was told to start from. */
  readonly init: GivenWeights | null;
  /** The values in its latest checkpoint. */
  readonly checkpoint: RecordedCheckpoint | null;
  /** Other parts of a bundle, which retraining cannot verify. */
  readonly unverifiable: readonly string[];
}

export interface RecordedCheckpoint {
  readonly stage: string;
  /** Updates of the stage that were done. */
  readonly step: number;
  /** By the names that a witness gives them: `update encoder.0.weight`, `mean of encoder.0.weight`. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/**
 * @param where location of the results, in which to look for the data
 * @throws StoreError, InitialWeightsError, VerifyError for a run without a chain
 */
export function recordedRun(store: Store, id: string, where: RecordedIn = recordedIn(store.path)): RecordedRun {
  const run = store.findRun(id);
  const [chainFile] = store.listFiles(run.id, 'chain');
  if (!chainFile) {
    throw new VerifyError(
      `${run.id} has no chain of hashes: it was ${reasonOf(run)}`,
      'train it again (aedsl rerun), then it can be verified',
    );
  }
  const final = store.listFiles(run.id, 'weights').find(({ name }) => name === 'final');
  return {
    name: run.id,
    experiment: run.experiment,
    seed: run.seed,
    backend: run.backend,
    numerics: run.numerics,
    complete: run.status === 'complete',
    recipe: run.source,
    irSha256: run.ir.sha256,
    dataSha256: run.dataSha256,
    recordedIn: where,
    identity: run.identity,
    chain: decodeChain(store.readFile(chainFile)),
    weightsSha256: run.weightsSha256,
    weights: final ? weightsOf(store.readFile(final)) : null,
    weightsFileSha256: final?.sha256 ?? null,
    init: initOf(store, run),
    checkpoint: checkpointOf(store, run),
    unverifiable: [],
  };
}

function reasonOf({ status }: RunRecord): string {
  return status === 'running' ? 'not finished yet' : 'stored by an older version, or its process ended before it';
}

function checkpointOf(store: Store, run: RunRecord): RecordedCheckpoint | null {
  const [newest] = store.checkpoints(run.id);
  const bytes = newest ? store.readCheckpoint(newest) : null;
  if (bytes === null) return null;
  const { state } = decodeCheckpoint(bytes, anything);
  const stage = run.stages[state.stage]?.stage;
  return stage === undefined || state.progress === null ? null : recordedCheckpoint(stage, state);
}

/** The values in a training state, by their names in a witness. */
export function recordedCheckpoint(stage: string, { weights, progress }: TrainingState): RecordedCheckpoint | null {
  if (progress === null) return null;
  const trained = progress.kind === 'pretrain' ? progress.values : weights;
  const step = progress.kind === 'pretrain' ? progress.totalSteps : progress.step;
  const updated = Object.entries(trained).map(([key, values]): readonly [string, Float32Array] => [
    `update ${dotted(key)}`,
    values,
  ]);
  const slots = Object.entries(progress.slots).flatMap(([key, ofWeight]) =>
    Object.entries(ofWeight).map(([slot, values]): readonly [string, Float32Array] => [
      `${slot} of ${dotted(key)}`,
      values,
    ]),
  );
  return { stage, step, tensors: new Map([...slots, ...updated]) };
}

function dotted(key: string): string {
  return key.replaceAll('/', '.');
}
