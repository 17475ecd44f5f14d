import { readStore } from '../../api/results.js';
import { syncSweep } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { sayWaiting } from '../console.js';
import { databaseOption, dataFolderOption, jsonOption } from '../options.js';
import { agreeToSetup } from '../slurm-options.js';
import { syncedExit, tellSynced } from '../submitted-text.js';

/** `s3`, of a sweep or of its name. */
function sweepId(store: string, name: string): Promise<string> {
  return readStore(store, (results) => results.sweep(name)?.id ?? name);
}

/** Merges what has come of a sweep on a cluster. */
export const command = defineCommand({
  about:
    'Merge the trials of a submitted sweep that have ended into the results, and say how the others are. Merging twice is merging once.',
  examples: ['aedsl sync s1'],
  usage: (command) =>
    command
      .argument('[sweep]', 'a sweep (s3, or its name); the newest by default')
      .addOption(dataFolderOption)
      .addOption(jsonOption('as one object'))
      .addOption(databaseOption('the results')),
  async run({ console, commandLine, words }, [sweep = 'last'], options) {
    const { db: store, dataFolder = null } = options;
    await agreeToSetup(console, store, await sweepId(store, sweep));
    const synced = await syncSweep({
      library: await words(),
      store,
      sweep,
      dataFolder,
      commandLine,
      onWait: sayWaiting(console),
    });
    tellSynced(console, synced, options.json === true);
    return syncedExit(synced);
  },
});
