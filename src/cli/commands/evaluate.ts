import { evaluateRun } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { diagnosed } from '../diagnostics.js';
import { readExperimentArgument } from '../experiment-argument.js';
import { trainingExit } from '../failure.js';
import { databaseOption, dataFolderOption, jsonOption, runHelp, threadsOption } from '../options.js';
import { reported } from '../reported.js';
import { completeRunTakenIn } from '../results.js';
import { reporterNamed } from '../sweep-run-options.js';
import { tellPictures } from '../writing-files.js';

/** Repeats the evaluations and pictures of a stored run, or makes those that a file asks for. */
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
  async run({ console, commandLine, words }, [run, file], options) {
    const read = file === undefined ? null : readExperimentArgument(file);
    const name = reporterNamed(options, 'plain');
    const library = await words();
    return reported(console, { name, store: options.db }, (connections, meanwhile) =>
      diagnosed(meanwhile, name === 'json', async () => {
        const finished = await evaluateRun({
          library,
          store: options.db,
          run: await completeRunTakenIn(meanwhile, run, options.db, commandLine, library),
          as: read && { source: read.source, experiment: read.name },
          dataFolder: options.dataFolder ?? null,
          threads: options.threads ?? null,
          commandLine,
          ...connections,
        });
        finished.model?.dispose();
        tellPictures(meanwhile, name, finished);
        return trainingExit(finished.ended);
      }),
    );
  },
});
