import type { Words } from '../../api/compiler.js';
import { commandExecutor, run as runExperiment } from '../../api/training.js';
import { defineCommand, joined } from '../command.js';
import type { Console } from '../console.js';
import { diagnosed, printDiagnostics } from '../diagnostics.js';
import { placedPaths, readExperimentArgument } from '../experiment-argument.js';
import { trainingExit } from '../failure.js';
import {
  addTrainingOptions,
  backendOption,
  checkpointEveryOption,
  databaseOption,
  experimentHelp,
  integerOption,
  jsonOption,
  noStoreOption,
  threadsOption,
} from '../options.js';
import { reported } from '../reported.js';
import { completeRunTakenIn } from '../results.js';
import { onOption, reporterNamed, reporterOption } from '../sweep-run-options.js';
import { makeOutputFolder, tellPictures, writeFigure } from '../writing-files.js';

/** Trains one trial of an experiment. */
export const command = defineCommand({
  about:
    'Train one trial of an experiment and store it in the results database; one that is complete there already is not trained again. Ctrl-C stops after the current step and keeps a checkpoint; `aedsl resume` continues from it.',
  examples: [
    'aedsl run sparse.ae',
    'aedsl run sparse.ae rho=0.1 --seed 2',
    'aedsl run sparse.ae --epochs 2 --no-store',
  ],
  usage: (command) =>
    joined(
      command
        .argument('<file>', experimentHelp)
        .argument('[param=value...]', 'values for params')
        .addOption(integerOption('--seed <n>', 'the seed', 0).default(1)),
      addTrainingOptions(command)
        .addOption(backendOption())
        .addOption(threadsOption())
        .addOption(onOption('a run'))
        .option(
          '--init <file>',
          'start from the weights of a safetensors file, a bundle (.tgz), or a folder of SAELens',
        )
        .option('--from <run>', 'continue a run, or its bundle, that differs only in the length of its last stage')
        .option('--force', 'retrain what is complete in the results, and say whether the bits are the same')
        .addOption(checkpointEveryOption)
        .option('--out <folder>', 'write the pictures there too')
        .addOption(databaseOption('where the results go'))
        .addOption(noStoreOption('keep nothing; print the hash of the weights'))
        .addOption(reporterOption())
        .addOption(jsonOption('one event a line')),
    ),
  async run({ console, commandLine, words, refuse }, [file, params], options) {
    if (!options.store)
      refuse(['checkpointEvery', 'force'], 'has no effect where nothing is kept', 'leave out --no-store');
    // Pictures are drawn after the training, which must not be lost to an invalid folder.
    if (options.out !== undefined) makeOutputFolder(options.out);
    const { source, name } = readExperimentArgument(file);
    const library = await words();
    const placed = placedPaths(console, { library, source, experiment: name, params, data: options.data ?? null });
    const reporter = reporterNamed(options, 'plain');
    const isQuiet = reporter === 'json' || reporter === 'silent';
    const store = options.store ? options.db : null;
    const { on } = options;
    if (on?.place === 'slurm' || on?.place === 'ssh') {
      refuse(['on'], `${on.place} is for sweeps`, 'a sweep may have one trial: `aedsl sweep FILE --on …`');
    }
    const elsewhere = on?.place === 'command' ? { executor: await commandExecutor(on.command, store) } : {};
    return reported(console, { name: reporter, store }, (connections, meanwhile) =>
      diagnosed(meanwhile, reporter === 'json', async () => {
        const finished = await runExperiment({
          library,
          source,
          experiment: name,
          params: placed.params,
          seed: options.seed,
          backend: options.backend ?? 'auto',
          threads: options.threads ?? null,
          data: placed.data,
          epochs: options.epochs ?? null,
          maxSteps: options.maxSteps ?? null,
          mostParameters: options.maxParameters ?? null,
          init: options.init ?? null,
          from: await startingRun(meanwhile, options, commandLine, library),
          force: options.force === true,
          ...(options.checkpointEvery === undefined ? {} : { checkpoints: options.checkpointEvery }),
          store,
          storedRuns: options.db,
          commandLine,
          onWarnings: (warnings) => printDiagnostics(meanwhile, warnings, reporter === 'json'),
          ...connections,
          ...elsewhere,
        });
        finished.model?.dispose();
        if (options.out !== undefined) {
          const pictures = finished.pictures.map(({ name, png }) => writeFigure(options.out ?? '.', name, png));
          if (!isQuiet) for (const path of pictures) meanwhile.out(`${path}\n`);
        } else tellPictures(meanwhile, reporter, finished);
        if (!options.store && !isQuiet) meanwhile.out(`${finished.weightsSha256}\n`);
        return trainingExit(finished.ended);
      }),
    );
  },
});

/** The run to start from; a bundle's run is imported if results are stored. */
async function startingRun(
  console: Console,
  { from, store, db }: { readonly from?: string | undefined; readonly store: boolean; readonly db: string },
  commandLine: readonly string[],
  words: Words,
): Promise<string | null> {
  if (from === undefined) return null;
  return store ? completeRunTakenIn(console, from, db, commandLine, words) : from;
}
