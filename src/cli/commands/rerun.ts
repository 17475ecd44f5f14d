import { rerun as rerunRun } from '../../api/compare.js';
import { defineCommand } from '../command.js';
import { diagnosed } from '../diagnostics.js';
import { exitCodes, trainingExit } from '../failure.js';
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
import { reported } from '../reported.js';
import { reporterNamed } from '../sweep-run-options.js';

/** Retrains a stored run and reports whether the weights are the same. */
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
  async run({ console, commandLine, words }, [id], options) {
    const name = reporterNamed(options, 'plain');
    const library = await words();
    return reported(console, { name, store: null }, ({ listener, signal }, meanwhile) =>
      diagnosed(meanwhile, name === 'json', async () => {
        const { original, again, identical } = await rerunRun(id, {
          library,
          store: options.db,
          keep: options.store,
          backend: options.backend ?? null,
          dataFolder: options.dataFolder ?? null,
          threads: options.threads ?? null,
          listener,
          signal,
          commandLine,
        });
        again.model?.dispose();
        const { runId, status, weightsSha256 } = again;
        if (name === 'json')
          meanwhile.out(jsonLine({ event: 'rerun', original, runId, status, identical, weightsSha256 }));
        else meanwhile.out(`${runId ?? 'the new run'}: ${verdict(original, identical)}\n`);
        return identical === false ? exitCodes.failed : trainingExit(again.ended);
      }),
    );
  },
});

function verdict(original: string, identical: boolean | null): string {
  if (identical === null) return `${original} was not trained to its end, so there are no weights to compare`;
  return identical ? `the same weights as ${original}, to the last bit` : `different weights from ${original}`;
}
