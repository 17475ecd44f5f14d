import { resumeSweep } from '../../api/resume.js';
import { unfinished } from '../../api/unfinished.js';
import type { Console } from '../console.js';
import type { ExitCode } from '../failure.js';
import { interruption } from '../interruption.js';
import { downloadProgress } from '../reporters/progress.js';
import { sweepReporter } from '../reporters/sweep-reporter.js';
import { sweepExit } from '../sweep-exit.js';
import { reporterNamed, type SweepRunOptions, sayWaiting, sweepRunSettings } from '../sweep-run-options.js';

export interface ResumeOptions extends SweepRunOptions {
  readonly failed?: boolean;
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
  const found = await unfinished(options.db, what);
  if (found.kind === 'run') {
    const { resumeRun } = await import('./resume-run.js');
    return resumeRun(console, found.run, options, settings);
  }
  const reporter = await sweepReporter(console, reporterName, options.db);
  const stop = interruption(reporter.console);
  try {
    const done = await resumeSweep({
      ...settings,
      store: options.db,
      sweep: found.sweep,
      failed: options.failed === true,
      listener: reporter.listener,
      onControls: reporter.connect,
      previews: reporter.previews,
      onDownload: downloadProgress(reporter.console),
      onNote: (text) => reporter.console.err(`${text}\n`),
      onWait: sayWaiting(reporter.console),
      signal: stop.signal,
    });
    await reporter.ended();
    return sweepExit(done);
  } finally {
    reporter.close();
    stop.release();
  }
}
