import { rerun as rerunRun } from '../../api/compare.js';
import { defineCommand } from '../command.js';
import { diagnosed } from '../diagnosed.js';
import { exitCodes } from '../failure.js';
import { interruptible } from '../interruption.js';
import { jsonLine } from '../json.js';
import {
  backendOption,
  databaseOption,
  dataFolderOption,
  jsonOption,
  noStoreOption,
  runHelp,
  threadsOption,
} from '../options.js';
import { jsonReporter } from '../reporters/json.js';
import { progressReporter } from '../reporters/progress.js';

/** Trains a stored run again and says whether the same weights came out. */
export const command = defineCommand({
  about: 'Train a stored run again from the recorded text, params, seed and data, and compare the weights.',
  examples: ['aedsl rerun last', 'aedsl rerun r1 --no-store'],
  usage: (command) =>
    command
      .argument('<run>', runHelp)
      .addOption(backendOption("; the run's by default"))
      .addOption(threadsOption())
      .addOption(databaseOption('the results'))
      .addOption(dataFolderOption)
      .addOption(noStoreOption('do not keep the new run'))
      .addOption(jsonOption('one event a line')),
  async run({ console, commandLine }, [id], options) {
    const train = async (signal: AbortSignal) => {
      const { original, again, identical } = await rerunRun(id, {
        store: options.db,
        keep: options.store,
        backend: options.backend ?? null,
        dataFolder: options.dataFolder ?? null,
        threads: options.threads ?? null,
        listener: options.json ? jsonReporter(console) : progressReporter(console, () => performance.now()),
        signal,
        commandLine,
      });
      again.model?.dispose();
      const { runId, status, weightsSha256 } = again;
      if (options.json) console.out(jsonLine({ event: 'rerun', original, runId, status, identical, weightsSha256 }));
      else console.out(`${runId ?? 'the new run'}: ${verdict(original, identical)}\n`);
      if (status === 'interrupted' || again.evaluation === 'pending') return exitCodes.interrupted;
      if (again.evaluation === 'failed') return exitCodes.failed;
      return identical === false ? exitCodes.failed : exitCodes.ok;
    };
    return interruptible(console, (signal) => diagnosed(console, options.json === true, () => train(signal)));
  },
});

function verdict(original: string, identical: boolean | null): string {
  if (identical === null) return `${original} did not end by itself, so there are no weights to compare`;
  return identical ? `the weights of ${original}, to the last bit` : `other weights than ${original}`;
}
