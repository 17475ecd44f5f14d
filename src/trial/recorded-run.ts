import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { errorText } from '../files/system-error.js';
import type { CheckpointRecord } from '../runtime/store/records.js';
import type { RunWriter } from '../runtime/store/run-writer.js';
import type { WritableStore } from '../runtime/store/store.js';
import type { EvaluationFailure } from '../runtime/training/train-trial.js';
import type { CheckpointPolicy } from './checkpointer.js';
import { endEvaluation, failureText } from './evaluation-end.js';
import type { Listener, RunResult } from './events.js';
import type { Model } from './model.js';
import type { Picture } from './pictures.js';
import { type TrialTask, trainTask } from './trial.js';

export interface Run extends RunResult {
  readonly pictures: readonly Picture[];
  /** Evaluations and pictures that failed. */
  readonly failures: readonly EvaluationFailure[];
  /** Warnings of the compiler. */
  readonly diagnostics: readonly Diagnostic[];
  /** The trained model; null unless the training ended by itself. To be disposed of. */
  readonly model: Model | null;
}

export interface RecordedTask extends Omit<TrialTask, 'checkpoints' | 'emit' | 'note' | 'onlooker'> {
  /** Both null where nothing is kept. */
  readonly store: WritableStore | null;
  readonly writer: RunWriter | null;
  readonly policy: CheckpointPolicy;
  readonly listener: Listener;
  readonly diagnostics: readonly Diagnostic[];
}

/** Trains a run in this process, and keeps what comes out. */
export async function trainRun(task: RecordedTask): Promise<Run> {
  const { store, writer, policy, listener, identity, diagnostics, compiled } = task;
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
  try {
    const trained = await trainTask({
      ...task,
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
