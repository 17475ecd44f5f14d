import { renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { WordModule } from '../../compiler/library/word.js';
import { recordedIn } from '../../project/recorded-place.js';
import { UsageError } from '../../project/usage-error.js';
import type { LoadOptions } from '../../runtime/datasets/load-named-set.js';
import type { CheckpointRecord } from '../../runtime/store/records.js';
import { modulesOf } from '../../words/outside.js';
import type { Words } from '../../words/word.js';
import { preparedJob, type TrialEnd, type TrialJob, type TrialMessage } from '../job.js';
import { trainJob } from '../train-job.js';
import { readJob } from './job-folder.js';
import { messageLine } from './message-lines.js';

export interface WorkOptions {
  /** Words that the user allows; their modules may include the job's. */
  readonly library: Words;
  /** Folder of the data, if the user gave one. */
  readonly dataFolder: string | null;
  readonly signal: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  /** Given each message as a line of JSON, without its end, and its type. */
  readonly say: (line: string, type: TrialMessage['type']) => void;
}

export type WorkEnd = TrialEnd['status'] | 'failed';

/**
 * Trains the job in a file and reports by messages; checkpoints, weights and the chain go to its folder. A job may come
 * from anybody: its data are searched for like those of a recorded run, and only words in `library` run.
 *
 * @returns how the trial ended
 * @throws FileError, JsonError for a file that is not a job; UsageError for words that were not allowed
 */
export async function work(path: string, options: WorkOptions): Promise<WorkEnd> {
  return trainInFolder(readJob(path), { path, folder: dirname(resolve(path)) }, options);
}

/** The file of a job, and the folder of its checkpoints and results. */
export interface JobPlace {
  readonly path: string;
  readonly folder: string;
}

/** Trains a job whose files are all in `folder`, which also gets its results. @throws UsageError as {@link work} */
export async function trainInFolder(
  job: TrialJob,
  { path, folder }: JobPlace,
  { library, dataFolder, signal, onDownload, say }: WorkOptions,
): Promise<WorkEnd> {
  requireAllowed(job.words, library);
  const checkpoints = new NumberedCheckpoints(folder);
  let status: WorkEnd = 'failed';
  await trainJob({
    job,
    prepared: () =>
      preparedJob(job, library, {
        where: recordedIn(path, dataFolder),
        found: job.dataFiles,
        signal,
        ...(onDownload ? { onProgress: onDownload } : {}),
      }),
    checkpoints: { folder, prefix: 'unnumbered' },
    gathered: true,
    signal,
    say(message) {
      if (message.type === 'ended') status = message.end.status;
      if (message.type === 'lost') return;
      const said = message.type === 'checkpoint' ? checkpoints.named(message.checkpoint) : message;
      say(messageLine(said, folder), message.type);
    },
    onEnded: ({ model }) => model?.dispose(),
  });
  return status;
}

/** How many checkpoints stay that nobody takes away. */
const mostCheckpoints = 4;

/** Names checkpoints so that none replaces one that was reported and not read yet. */
class NumberedCheckpoints {
  readonly #folder: string;
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  named(checkpoint: CheckpointRecord): TrialMessage & { readonly type: 'checkpoint' } {
    const nameOf = (number: number) => `checkpoint-${number}.safetensors`;
    const file = nameOf(this.#count++);
    renameSync(join(this.#folder, checkpoint.file), join(this.#folder, file));
    rmSync(join(this.#folder, nameOf(this.#count - 1 - mostCheckpoints)), { force: true });
    return { type: 'checkpoint', checkpoint: { ...checkpoint, file } };
  }
}

/** Words' code runs with the user's rights, so the user must have named it or agreed to it. */
function requireAllowed(wanted: readonly WordModule[], library: Words): void {
  const allowed = new Set(modulesOf(library).map(({ sha256 }) => sha256));
  const missing = wanted.filter(({ sha256 }) => !allowed.has(sha256));
  if (missing.length === 0) return;
  throw new UsageError(
    `the job takes words from code that nobody here has agreed to run: ${missing.map(({ name }) => name).join(', ')}`,
    `look at it, and name it yourself: ${missing.map(({ path: place }) => `--words ${place}`).join(' ')}`,
  );
}
