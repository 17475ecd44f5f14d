import { run as runExperiment } from '../../sweep/run.js';
import { readCheckpointPolicy } from '../../trial/checkpoint-policy.js';
import { backendOption } from '../backend-option.js';
import type { Console } from '../console.js';
import { diagnosed } from '../diagnosed.js';
import { printDiagnostics } from '../diagnostics.js';
import { placedPaths, readExperimentArgument } from '../experiment-argument.js';
import type { ExitCode } from '../failure.js';
import { interruptible } from '../interruption.js';
import { type RunOptions, threadCount, wholeNumber } from '../options.js';
import { writeFigure } from '../picture-files.js';
import { jsonReporter } from '../reporters/json.js';
import { downloadProgress, progressReporter } from '../reporters/progress.js';
import { runExit } from '../run-exit.js';
import { runTakenIn } from '../taken-in.js';
import { sayWaiting } from '../waiting.js';
import { makeOutputFolder } from '../writing-files.js';

/** Trains one trial of an experiment. */
export async function run(
  console: Console,
  file: string,
  params: readonly string[],
  options: RunOptions,
  commandLine: readonly string[],
): Promise<ExitCode> {
  // Pictures are drawn after the training, which must not be lost to a path that can hold none.
  if (options.out !== undefined) makeOutputFolder(options.out);
  const { source, name } = readExperimentArgument(file);
  const placed = placedPaths(console, { source, experiment: name, params, data: options.data ?? null });
  const train = async (signal: AbortSignal) => {
    const finished = await runExperiment({
      source,
      experiment: name,
      params: placed.params,
      seed: wholeNumber('seed', options.seed, 0) ?? 1,
      backend: backendOption(options.backend),
      threads: threadCount(options.threads),
      data: placed.data,
      epochs: wholeNumber('epochs', options.epochs, 1),
      maxSteps: wholeNumber('max-steps', options.maxSteps, 1),
      mostParameters: wholeNumber('max-parameters', options.maxParameters, 1),
      init: options.init ?? null,
      from: await startingRun(console, options, commandLine),
      checkpoints: readCheckpointPolicy(options.checkpointEvery),
      onWait: sayWaiting(console),
      store: options.store ? options.db : null,
      listener: options.json ? jsonReporter(console) : progressReporter(console, () => performance.now()),
      onDownload: downloadProgress(console),
      signal,
      commandLine: ['aedsl', ...commandLine],
      onWarnings: (warnings) => printDiagnostics(console, warnings, options.json === true),
    });
    finished.model?.dispose();
    if (options.out !== undefined) {
      const pictures = finished.pictures.map(({ name, png }) => writeFigure(options.out ?? '.', name, png));
      if (!options.json) for (const path of pictures) console.out(`${path}\n`);
    } else if (!options.json && finished.runId !== null && finished.pictures.length > 0) {
      console.err(`pictures: aedsl figures ${finished.runId}\n`);
    }
    if (!options.store && !options.json) console.out(`${finished.weightsSha256}\n`);
    return runExit(finished);
  };
  return interruptible(console, (signal) => diagnosed(console, options.json === true, () => train(signal)));
}

/** The run to go on from: where it is kept, a bundle is taken in first. */
async function startingRun(
  console: Console,
  { from, store, db }: RunOptions,
  commandLine: readonly string[],
): Promise<string | null> {
  if (from === undefined) return null;
  return store ? runTakenIn(console, from, db, commandLine) : from;
}
