import type { Words } from '../../api/compiler.js';
import { resumeRun as resume } from '../../api/training.js';
import type { Console } from '../console.js';
import { type ExitCode, runExit } from '../failure.js';
import { reported } from '../reported.js';
import type { ReporterName, sweepRunSettings } from '../sweep-run-options.js';

/** Resumes a run. */
export function resumeRun(
  console: Console,
  { run, store, reporter }: { readonly run: string; readonly store: string; readonly reporter: ReporterName },
  {
    checkpoints,
    threads,
    commandLine,
    dataFolder,
    library,
  }: Awaited<ReturnType<typeof sweepRunSettings>> & { readonly dataFolder: string | null; readonly library: Words },
): Promise<ExitCode> {
  return reported(console, { name: reporter, store }, async (connections, meanwhile) => {
    const finished = await resume({
      library,
      store,
      run,
      checkpoints,
      dataFolder,
      threads,
      commandLine,
      ...connections,
    });
    finished.model?.dispose();
    if (reporter !== 'json' && reporter !== 'silent' && finished.pictures.length > 0)
      meanwhile.err(`pictures: aedsl figures ${finished.runId}\n`);
    return runExit(finished);
  });
}
