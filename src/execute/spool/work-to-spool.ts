import { dirname, resolve } from 'node:path';
import { readJob } from '../command/job-folder.js';
import { trainInFolder, type WorkEnd, type WorkOptions } from '../command/work.js';
import type { TrialMessage } from '../job.js';
import { type AttemptAsked, Attempts } from './attempts.js';

export interface SpoolOptions extends Omit<WorkOptions, 'say'>, AttemptAsked {}

/**
 * Trains the job in a file, from where earlier attempts left it, and appends its messages to a file of its own below the
 * job's folder. A job that has ended is left as it is.
 *
 * @throws FileError, JsonError for a file that is not a job; UsageError for words that were not allowed; the system's
 *   error if messages can't be written
 */
export async function workToSpool(path: string, { submission, task, ...options }: SpoolOptions): Promise<WorkEnd> {
  const attempts = new Attempts(dirname(resolve(path)));
  const end = attempts.end(submission);
  if (end !== null) return end.as === 'at_rung' ? 'interrupted' : end.as;
  const { folder, job, spool } = attempts.begin(readJob(path), { submission, task });
  try {
    return await trainInFolder(
      job,
      { path, folder },
      { ...options, say: (line, type) => spool.write(line, isKept(type)) },
    );
  } finally {
    spool.close();
  }
}

/** Whether somebody counts on a message once it is written. */
function isKept(type: TrialMessage['type']): boolean {
  return type === 'checkpoint' || type === 'trained' || type === 'ended' || type === 'failed';
}
