import { addDataSet, fetchDataSet, localDataSets, publishedSet } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { jsonOption } from '../options.js';
import { downloadProgress } from '../reporters/progress.js';
import { table } from '../table.js';

export const list = defineCommand({
  about: 'List the data sets, and say which of them are on this machine.',
  examples: ['aedsl data ls'],
  usage: (command) => command.addOption(jsonOption('one a line')),
  async run({ console, words }, _, options) {
    const sets = await localDataSets(await words());
    if (options.json) for (const { name, state, problem } of sets) console.out(jsonLine({ name, state, problem }));
    else {
      console.out(
        table(
          ['data set', 'state', ''],
          sets.map(({ name, state, isMade, problem }) => [
            name,
            state,
            problem ?? (isMade ? 'drawn by the package' : ''),
          ]),
        ),
      );
    }
    return exitCodes.ok;
  },
});

export const download = defineCommand({
  about: 'Download a data set and verify its checksums.',
  examples: ['aedsl data fetch mnist'],
  usage: (command) => command.argument('<name>', 'mnist or fashion_mnist'),
  async run({ console, words }, [name]) {
    const set = publishedSet(name, await words());
    for (const { path, downloaded } of await fetchDataSet(set, { onProgress: downloadProgress(console) })) {
      console.out(`${path}${downloaded ? '' : ' (was here)'}\n`);
    }
    return exitCodes.ok;
  },
});

export const add = defineCommand({
  about:
    'Verify the files of a data set that was downloaded by other means, and copy them to where aedsl looks for them.',
  examples: ['aedsl data add mnist ~/Downloads'],
  usage: (command) => command.argument('<name>', 'mnist or fashion_mnist').argument('<folder>', 'where the files are'),
  async run({ console, words }, [name, folder]) {
    for (const path of await addDataSet(publishedSet(name, await words()), folder)) console.out(`${path}\n`);
    return exitCodes.ok;
  },
});
