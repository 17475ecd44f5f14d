import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../files/system-error.js';
import type { TrainingEvent } from '../runtime/events.js';
import { thisMachine } from '../runtime/provenance/environment.js';
import { samePlace } from '../runtime/training/witness.js';
import { decodeCheckpoint } from '../trial/checkpoint-file.js';
import { EventPost, POST_MILLISECONDS } from '../trial/event-post.js';
import { historyState } from '../trial/history.js';
import type { PreparedTrial, Trial } from '../trial/prepare.js';
import { type TrainedTrial, type Training, train } from '../trial/train.js';
import { Pace } from '../trial/trial-pace.js';
import type { CheckpointPlace } from './executor.js';
import type { Follow, TrialJob, TrialMessage } from './job.js';

export interface JobTraining {
  readonly job: TrialJob;
  /** The trial of the job. @throws if it isn't the one that was planned, or can't be trained here */
  readonly prepared: () => PreparedTrial | Promise<PreparedTrial>;
  readonly checkpoints: CheckpointPlace | null;
  /** Whether events may wait for a tenth of a second, to be reported together. */
  readonly gathered: boolean;
  /** Halts the trial. */
  readonly signal: AbortSignal;
  readonly say: (message: TrialMessage) => void;
  /** Given the trained trial before its end is reported, with a model to dispose of. */
  readonly onEnded: (trained: TrainedTrial) => void;
  /** Given what a failed trial threw. */
  readonly onThrown?: (error: unknown) => void;
}

const now = () => performance.now();

/** Trains a job in this thread and reports it, whatever executor asks for it. Never throws. */
export async function trainJob(training: JobTraining): Promise<void> {
  const { gathered, onThrown } = training;
  const post = new EventPost(
    (events) => training.say({ type: 'events', events }),
    now,
    gathered ? POST_MILLISECONDS : 0,
  );
  const say = (message: TrialMessage) => {
    post.flush();
    training.say(message);
  };
  try {
    await trainAndReport(training, post, say);
  } catch (error) {
    onThrown?.(error);
    const hint = typeof error === 'object' && error !== null && 'hint' in error ? error.hint : null;
    say({ type: 'failed', reason: errorText(error), ...(typeof hint === 'string' ? { hint } : {}) });
  }
}

async function trainAndReport(
  { job, prepared, checkpoints, signal, onEnded }: JobTraining,
  post: EventPost,
  say: JobTraining['say'],
): Promise<void> {
  const trial = await (await prepared()).ready();
  say({ type: 'machine', machine: thisMachine() });
  const pace = new Pace((report) => say({ type: 'report', ...report }));
  const { from, untilEpoch } = job;
  const { stages } = trial.compiled.ir;
  const last = stages.at(-1)?.name;
  const atRung = new AbortController();
  const previews = job.previews ? await previewsOf(trial, say) : null;
  const emit = (event: TrainingEvent) => {
    pace.observe(event);
    if (job.follow === undefined) post.take(event);
    if (event.event === 'epoch' && event.stage === last && untilEpoch !== null && event.epoch >= untilEpoch) {
      // The step that ended the epoch is done, its evaluation and measures still come.
      atRung.abort();
    }
  };
  // At its rung already: what it has to report is in its checkpoint.
  const isLastStage = from !== null && from.stage === stages.length - 1;
  if (isLastStage && untilEpoch !== null && from.epochs >= untilEpoch) atRung.abort();
  try {
    const trained = await train({
      trial,
      from: checkpointOf(job, trial.identity, checkpoints),
      ...(job.follow ? { follow: followed(job.follow, say) } : {}),
      checkpoints: checkpoints &&
        job.checkpoints && {
          ...checkpoints,
          policy: job.checkpoints,
          onWritten: (checkpoint) => say({ type: 'checkpoint', checkpoint }),
          onFailed: (error) => say({ type: 'note', text: `no checkpoint could be written: ${error.message}` }),
        },
      emit,
      note: (text) => say({ type: 'note', text }),
      onTrained: (result) => say({ type: 'trained', result }),
      signal: AbortSignal.any([signal, atRung.signal]),
      ...(previews ? { observer: previews } : {}),
    });
    const { result, pictures, failures, unfinished } = trained;
    const { status, metrics, weightsSha256 } = result;
    onEnded(trained);
    const end = { status, metrics, weightsSha256, pictures, failures, unfinished };
    const isAtRung = status === 'interrupted' && untilEpoch !== null && atRung.signal.aborted;
    say({ type: 'ended', end: isAtRung ? { ...end, atEpoch: untilEpoch } : end });
  } finally {
    pace.end();
    previews?.end();
  }
}

/** Loads the drawing code only if somebody watches. */
async function previewsOf(trial: Trial, say: JobTraining['say']) {
  const { Previews } = await import('../trial/previews.js');
  return new Previews({
    ...trial,
    clock: now,
    onPreview: (preview) => say({ type: 'preview', ...preview }),
    onFailed: (error) => say({ type: 'note', text: `no picture could be drawn: ${error.message}` }),
  });
}

function followed({ witness, capture }: Follow, say: JobTraining['say']): NonNullable<Training['follow']> {
  return {
    alsoWitness: (stage, step) =>
      witness.some((range) => range.stage === stage && range.from <= step && step <= range.to),
    onLink: (link) => say({ type: 'link', link }),
    onWitness: (witness) => say({ type: 'witness', witness }),
    onTensor(place, values) {
      // The backend may use the memory again.
      if (capture.some((wanted) => samePlace(wanted, place))) say({ type: 'tensor', place, values: values.slice() });
    },
  };
}

function checkpointOf({ from, trained }: TrialJob, identity: string, place: CheckpointPlace | null): Training['from'] {
  if (trained === null && from === null) return null;
  if (trained === null && place === null) throw new RangeError('a job resumes from a checkpoint that is nowhere');
  const bytes = trained ?? readFileSync(join(place?.folder ?? '', from?.file ?? ''));
  const checkpoint = decodeCheckpoint(bytes, historyState);
  if (checkpoint.identity !== identity) throw new RangeError('the checkpoint is of another trial');
  return { checkpoint, record: from };
}
