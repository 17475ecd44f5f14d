import { existsSync } from 'node:fs';
import { type EvaluatedAs, evaluateRun } from '../../api/training.js';
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
    'Repeat the evaluations and pictures of a trained run, or compute those that another file asks for, or measures that you type. Nothing is trained.',
  examples: ['aedsl evaluate last', 'aedsl evaluate last sparse.ae', "aedsl evaluate last 'knn()'"],
  usage: (command) =>
    command
      .argument('<run>', `${runHelp}, which is taken into the results`)
      .argument(
        '[what]',
        "a file whose evaluate and show are meant, of the same data and network, or measures: 'knn() pca()'; the run's own by default",
      )
      .addOption(threadsOption())
      .addOption(dataFolderOption)
      .addOption(databaseOption('the results'))
      .addOption(jsonOption('one event a line')),
  async run({ console, commandLine, words }, [run, what], options) {
    const as = what === undefined ? null : evaluatedAs(what);
    const name = reporterNamed(options, 'plain');
    const library = await words();
    return reported(console, { name, store: options.db }, (connections, meanwhile) =>
      diagnosed(meanwhile, name === 'json', async () => {
        const finished = await evaluateRun({
          library,
          store: options.db,
          run: await completeRunTakenIn(meanwhile, run, options.db, commandLine, library),
          as,
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

/** Measures, if they are written as calls and no file has that name. */
function evaluatedAs(what: string): EvaluatedAs {
  if (/^\s*[A-Za-z_]\w*\s*\(/.test(what) && !existsSync(what)) return { measures: what };
  const { source, name } = readExperimentArgument(what);
  return { source, experiment: name };
}
