import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { errorText } from '../files/system-error.js';
import { loadOutsideWords } from '../project/outside-words.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { TrainingEvent } from '../runtime/events.js';
import { decodeCheckpoint } from '../trial/checkpoint-file.js';
import { EventPost } from '../trial/event-post.js';
import { historyState } from '../trial/history.js';
import { preparedJob, type TrialJob, type TrialMessage } from '../trial/job.js';
import { Previews } from '../trial/previews.js';
import { type Training, train } from '../trial/train.js';
import { Pace } from '../trial/trial-pace.js';
import { builtinWords } from '../words/words.js';
import type { ThreadCommand } from './local/messages.js';

if (parentPort === null) throw new Error('this module is run by the host of a sweep');
serve(parentPort);

const now = () => performance.now();

/** What a thread of a host runs: one trial after the other. */
function serve(port: MessagePort): void {
  let halting = new AbortController();
  port.on('message', (command: ThreadCommand<LoadedData>) => {
    switch (command.type) {
      case 'halt':
        halting.abort();
        break;
      case 'train':
        halting = new AbortController();
        void answer(port, command, halting);
        break;
    }
  });
}

async function answer(
  port: MessagePort,
  { worker, job, data }: ThreadCommand<LoadedData> & { readonly type: 'train' },
  halting: AbortController,
): Promise<void> {
  const post = new EventPost((events) => port.postMessage({ type: 'events', events } satisfies TrialMessage), now);
  const say = (message: TrialMessage) => {
    post.flush();
    port.postMessage(message);
  };
  const pace = new Pace((report) => say({ type: 'report', worker, ...report }));
  try {
    await trainJob(job, data, halting, { pace, post, say });
  } catch (error) {
    say({ type: 'failed', reason: errorText(error) });
  } finally {
    pace.end();
  }
}

async function trainJob(
  job: TrialJob,
  data: LoadedData,
  halting: AbortController,
  { pace, post, say }: { readonly pace: Pace; readonly post: EventPost; readonly say: (message: TrialMessage) => void },
): Promise<void> {
  const words = await loadOutsideWords(builtinWords, job.words);
  const trial = await preparedJob(job, words, { load: async () => data }).ready();
  const { from, untilEpoch } = job;
  const { stages } = trial.compiled.ir;
  const last = stages.at(-1)?.name;
  const previews = job.previews
    ? new Previews({
        ...trial,
        clock: now,
        onPreview: (preview) => say({ type: 'preview', ...preview }),
        onFailed: (error) => say({ type: 'note', text: `no picture could be drawn: ${error.message}` }),
      })
    : null;
  const emit = (event: TrainingEvent) => {
    pace.observe(event);
    post.take(event);
    if (event.event === 'epoch' && event.stage === last && untilEpoch !== null && event.epoch >= untilEpoch) {
      // The step that ended the epoch is done, its evaluation and measures still come.
      halting.abort();
    }
  };
  // At its rung already: what it has to say is in its checkpoint.
  const isLast = from !== null && from.stage === stages.length - 1;
  if (isLast && untilEpoch !== null && from.epochs >= untilEpoch) halting.abort();
  const { folder, prefix, policy } = job.checkpoints;
  const { result, pictures, failures, unfinished, model } = await train({
    trial,
    from: checkpointOf(job),
    checkpoints: {
      folder,
      prefix,
      policy,
      onWritten: (checkpoint) => say({ type: 'checkpoint', checkpoint }),
      onFailed: (error) => say({ type: 'note', text: `no checkpoint could be written: ${error.message}` }),
    },
    emit,
    note: (text) => say({ type: 'note', text }),
    onTrained: (result) => say({ type: 'trained', result }),
    signal: halting.signal,
    ...(previews ? { onlooker: previews } : {}),
  });
  previews?.end();
  model?.dispose();
  const { status, metrics, weightsSha256 } = result;
  say({ type: 'ended', end: { status, metrics, weightsSha256, pictures, failures, unfinished } });
}

function checkpointOf({ from, trained, checkpoints, identity }: TrialJob): Training['from'] {
  const bytes = trained ?? (from && readFileSync(join(checkpoints.folder, from.file)));
  if (bytes === null) return null;
  const checkpoint = decodeCheckpoint(bytes, historyState);
  if (checkpoint.identity !== identity) throw new RangeError('the checkpoint is of another trial');
  return { checkpoint, record: from };
}
