import { evaluateRun } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { diagnosed } from '../diagnosed.js';
import { readExperimentArgument } from '../experiment-argument.js';
import { interruptible } from '../interruption.js';
import { databaseOption, dataFolderOption, jsonOption, runHelp, threadsOption } from '../options.js';
import { jsonReporter } from '../reporters/json.js';
import { downloadProgress, progressReporter } from '../reporters/progress.js';
import { runExit } from '../run-exit.js';
import { runTakenIn } from '../taken-in.js';
import { sayWaiting } from '../waiting.js';

/** Makes the evaluations and pictures of a stored run again, or those that a file asks for. */
export const command = defineCommand({
  about:
    'Repeat the evaluations and pictures of a trained run, or compute those that another file asks for. Nothing is trained.',
  examples: ['aedsl evaluate last', 'aedsl evaluate last sparse.ae'],
  usage: (command) =>
    command
      .argument('<run>', `${runHelp}, which is taken into the results`)
      .argument('[file]', "whose evaluate and show are meant, of the same data and network; the run's own by default")
      .addOption(threadsOption())
      .addOption(dataFolderOption)
      .addOption(databaseOption('the results'))
      .addOption(jsonOption('one event a line')),
  async run({ console, commandLine }, [run, file], options) {
    const read = file === undefined ? null : readExperimentArgument(file);
    const make = async (signal: AbortSignal) => {
      const finished = await evaluateRun({
        store: options.db,
        run: await runTakenIn(console, run, options.db, commandLine),
        as: read && { source: read.source, experiment: read.name },
        dataFolder: options.dataFolder ?? null,
        threads: options.threads ?? null,
        listener: options.json ? jsonReporter(console) : progressReporter(console, () => performance.now()),
        onDownload: downloadProgress(console),
        onWait: sayWaiting(console),
        signal,
        commandLine,
      });
      finished.model?.dispose();
      if (!options.json && finished.pictures.length > 0) console.err(`pictures: aedsl figures ${finished.runId}\n`);
      return runExit(finished);
    };
    return interruptible(console, (signal) => diagnosed(console, options.json === true, () => make(signal)));
  },
});
