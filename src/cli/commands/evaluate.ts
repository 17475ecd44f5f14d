import { evaluateRun } from '../../sweep/resume-run.js';
import type { Console } from '../console.js';
import { diagnosed } from '../diagnosed.js';
import { readExperimentArgument } from '../experiment-argument.js';
import type { ExitCode } from '../failure.js';
import { interruptible } from '../interruption.js';
import { wholeNumber } from '../options.js';
import { jsonReporter } from '../reporters/json.js';
import { downloadProgress, progressReporter } from '../reporters/progress.js';
import { runExit } from '../run-exit.js';
import { runTakenIn } from '../taken-in.js';
import { sayWaiting } from '../waiting.js';

export interface EvaluateOptions {
  readonly db: string;
  readonly threads?: string;
  readonly dataFolder?: string;
  readonly json?: boolean;
}

/** Makes the evaluations and pictures of a stored run again, or those that a file asks for. */
export async function evaluate(
  console: Console,
  run: string,
  file: string | undefined,
  options: EvaluateOptions,
  commandLine: readonly string[],
): Promise<ExitCode> {
  const read = file === undefined ? null : readExperimentArgument(file);
  const make = async (signal: AbortSignal) => {
    const finished = await evaluateRun({
      store: options.db,
      run: await runTakenIn(console, run, options.db, commandLine),
      as: read && { source: read.source, experiment: read.name },
      dataFolder: options.dataFolder ?? null,
      threads: wholeNumber('threads', options.threads, 1),
      listener: options.json ? jsonReporter(console) : progressReporter(console, () => performance.now()),
      onDownload: downloadProgress(console),
      onWait: sayWaiting(console),
      signal,
      commandLine: ['aedsl', ...commandLine],
    });
    finished.model?.dispose();
    if (!options.json && finished.pictures.length > 0) console.err(`pictures: aedsl figures ${finished.runId}\n`);
    return runExit(finished);
  };
  return interruptible(console, (signal) => diagnosed(console, options.json === true, () => make(signal)));
}
