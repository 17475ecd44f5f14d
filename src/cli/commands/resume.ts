import { resumeSweep } from '../../sweep/resume.js';
import { unfinished } from '../../sweep/unfinished.js';
import type { Console } from '../console.js';
import type { ExitCode } from '../failure.js';
import { reportedSweep } from '../reported-sweep.js';
import { reporterNamed, type SweepRunOptions, sweepRunSettings } from '../sweep-run-options.js';
import { runTakenIn } from '../taken-in.js';

export interface ResumeOptions extends SweepRunOptions {
  readonly failed?: boolean;
  readonly dataFolder?: string;
}

/** Goes on with a sweep or a run. */
export async function resume(
  console: Console,
  what: string | null,
  options: ResumeOptions,
  commandLine: readonly string[],
): Promise<ExitCode> {
  const settings = sweepRunSettings(options, commandLine);
  const reporterName = reporterNamed(options);
  const named = what === null ? null : await runTakenIn(console, what, options.db, commandLine);
  const found = await unfinished(options.db, named);
  if (found.kind === 'run') {
    const { resumeRun } = await import('./resume-run.js');
    return resumeRun(console, found.run, options, { ...settings, dataFolder: options.dataFolder ?? null });
  }
  return reportedSweep(console, { name: reporterName, store: options.db }, (connections, meanwhile) =>
    resumeSweep({
      ...settings,
      ...connections,
      store: options.db,
      sweep: found.sweep,
      failed: options.failed === true,
      dataFolder: options.dataFolder ?? null,
      onNote: (text) => meanwhile.err(`${text}\n`),
    }),
  );
}
