import type { Listener } from '../../api/events.js';
import { resumeRun as resume } from '../../api/training.js';
import type { Console } from '../console.js';
import type { ExitCode } from '../failure.js';
import { interruptible } from '../interruption.js';
import { jsonReporter } from '../reporters/json.js';
import { downloadProgress, progressReporter } from '../reporters/progress.js';
import { runExit } from '../run-exit.js';
import type { ReporterName, sweepRunSettings } from '../sweep-run-options.js';
import { sayWaiting } from '../waiting.js';

/** Goes on with a run. */
export async function resumeRun(
  console: Console,
  { run, store, reporter }: { readonly run: string; readonly store: string; readonly reporter: ReporterName | null },
  {
    checkpoints,
    threads,
    commandLine,
    dataFolder,
  }: ReturnType<typeof sweepRunSettings> & { readonly dataFolder: string | null },
): Promise<ExitCode> {
  return interruptible(console, async (signal) => {
    const finished = await resume({
      store,
      run,
      checkpoints,
      dataFolder,
      threads,
      commandLine,
      listener: listenerOf(console, reporter),
      onDownload: downloadProgress(console),
      onWait: sayWaiting(console),
      signal,
    });
    finished.model?.dispose();
    if (reporter !== 'json' && reporter !== 'silent' && finished.pictures.length > 0)
      console.err(`pictures: aedsl figures ${finished.runId}\n`);
    return runExit(finished);
  });
}

function listenerOf(console: Console, reporter: ReporterName | null): Listener {
  if (reporter === 'silent') return () => {};
  return reporter === 'json' ? jsonReporter(console) : progressReporter(console, () => performance.now());
}
