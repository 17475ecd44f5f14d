import { anything } from '../runtime/formats/json.js';
import type { CheckpointRecord, RunDescription } from '../runtime/store/records.js';
import type { RunWriter } from '../runtime/store/run-writer.js';
import type { Store, WritableStore } from '../runtime/store/store.js';
import { countText } from '../text/number-text.js';
import { CheckpointError, decodeCheckpoint, encodeCheckpoint } from '../trial/checkpoint-file.js';
import { historyState } from '../trial/history.js';
import type { SweepTrial } from './sweep-trial.js';

/** How a trial's run is opened. */
export interface Opening {
  /** From the beginning, in a run of its own. */
  readonly anew: boolean;
  /** The place in the sweep; null for a run by itself. */
  readonly trialOf: NonNullable<RunDescription['trialOf']> | null;
  /** Whether a run that is evaluated already is evaluated again, and the file that asks for it. */
  readonly evaluates: { readonly as: string | null } | null;
  /** `trained-state.ts`, which isn't loaded for a run that isn't kept. */
  readonly stateToEvaluate: (store: Store, id: string, again: boolean) => Uint8Array | null;
}

/** Where the training of an opened run begins. */
export interface Beginning {
  readonly checkpoint: CheckpointRecord | null;
  /** Initial state, encoded as a checkpoint, if not from the run's own checkpoint. */
  readonly state: Uint8Array | null;
  /** Checkpoints that can't be used, one sentence each. */
  readonly problems: readonly string[];
  /** Describes the state resumed from, in a sentence; null if training from the beginning. */
  readonly text: string | null;
}

export const fromTheStart: Beginning = { checkpoint: null, state: null, problems: [], text: null };

interface OpenedRun {
  readonly writer: RunWriter;
  readonly beginning: Beginning;
  /** Whether it lacks only evaluations and pictures. */
  readonly isTrained: boolean;
}

/**
 * Opens a run of a trial for writing: a new one, or its own where that ended.
 * @param runId its own, if it has one
 * @throws StoreError, UsageError
 */
export function openRun(store: WritableStore, trial: SweepTrial, runId: string | null, opening: Opening): OpenedRun {
  const { anew, trialOf, evaluates, stateToEvaluate } = opening;
  if (anew || runId === null) return begunRun(store, trial, trialOf);
  const state = stateToEvaluate(store, runId, evaluates !== null);
  if (state !== null) {
    const writer = store.evaluateRun(runId, evaluates?.as ?? null);
    const whose = evaluates?.as ? `the evaluations and pictures of ${evaluates.as}` : 'its evaluations and pictures';
    const text = `${runId} is trained; ${whose} are made`;
    return { writer, beginning: { ...fromTheStart, state, text }, isTrained: true };
  }
  const { checkpoint, problems } = usableCheckpoint(store, runId);
  const stages = store.findRun(runId).stages.map(({ stage }) => stage);
  const writer = store.resumeRun(runId, checkpoint);
  const where = checkpoint ? `after step ${checkpoint.step} of ${stages[checkpoint.stage]}` : 'from its beginning';
  return {
    writer,
    beginning: { checkpoint, state: null, problems, text: `${runId} goes on ${where}` },
    isTrained: false,
  };
}

function begunRun(store: WritableStore, trial: SweepTrial, trialOf: Opening['trialOf']): OpenedRun {
  const { identity, from } = trial;
  const init = trial.init();
  const description = { ...trial.describe(), trialOf };
  const bytes = from && store.readCheckpoint(from.record);
  const writer = from && bytes ? store.forkRun(description, from.runId, from.record) : store.startRun(description);
  if (init) writer.saveWeights('initial', init.file);
  if (!from || !bytes) return { writer, beginning: fromTheStart, isTrained: false };
  const beginning: Beginning = {
    checkpoint: from.record,
    state: encodeCheckpoint({ ...decodeCheckpoint(bytes, historyState), identity }),
    problems: [],
    text: `${writer.id} goes on from ${from.runId}, after ${countText(from.record.epochs, 'epoch')}`,
  };
  return { writer, beginning, isTrained: false };
}

/** The newest intact checkpoint, and remarks about damaged ones. */
function usableCheckpoint(store: Store, runId: string): Pick<Beginning, 'checkpoint' | 'problems'> {
  const found: (readonly [step: number, problem: string])[] = [];
  const { identity } = store.findRun(runId);
  let checkpoint: CheckpointRecord | null = null;
  for (const each of store.checkpoints(runId)) {
    const problem = problemOf(store, each, identity);
    if (problem === null) {
      checkpoint = each;
      break;
    }
    found.push([each.step, problem]);
  }
  const instead = checkpoint === null ? '' : '; the one before it is';
  const problems = found.map(
    ([step, problem]) => `${runId}: the checkpoint at step ${step} cannot be used (${problem})${instead}`,
  );
  return { checkpoint, problems };
}

function problemOf(store: Store, checkpoint: CheckpointRecord, identity: string): string | null {
  const bytes = store.readCheckpoint(checkpoint);
  if (bytes === null) return 'its file is missing or damaged';
  try {
    const decoded = decodeCheckpoint(bytes, anything);
    if (decoded.identity !== identity) return 'it is of another trial';
    return decoded.state.stage === checkpoint.stage ? null : 'it is of another stage';
  } catch (error) {
    if (error instanceof CheckpointError) return error.message;
    throw error;
  }
}
