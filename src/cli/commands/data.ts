import { addDataSet, fetchDataSet, localDataSets, publishedName } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { jsonOption } from '../options.js';
import { downloadProgress } from '../reporters/progress.js';
import { table } from '../table.js';

export const list = defineCommand({
  usage: (command) => command.addOption(jsonOption('one a line')),
  async run({ console }, _, options) {
    const sets = [{ name: 'digits', state: 'here', problem: null }, ...(await localDataSets())];
    if (options.json) for (const set of sets) console.out(jsonLine(set));
    else {
      console.out(
        table(
          ['data set', 'state', ''],
          sets.map(({ name, state, problem }) => [
            name,
            state,
            problem ?? (name === 'digits' ? 'drawn by the package' : ''),
          ]),
        ),
      );
    }
    return exitCodes.ok;
  },
});

export const download = defineCommand({
  usage: (command) => command.argument('<name>', 'mnist or fashion_mnist'),
  async run({ console }, [name]) {
    for (const { path, downloaded } of await fetchDataSet(publishedName(name), {
      onProgress: downloadProgress(console),
    })) {
      console.out(`${path}${downloaded ? '' : ' (was here)'}\n`);
    }
    return exitCodes.ok;
  },
});

export const add = defineCommand({
  usage: (command) => command.argument('<name>', 'mnist or fashion_mnist').argument('<folder>', 'where the files are'),
  async run({ console }, [name, folder]) {
    for (const path of await addDataSet(publishedName(name), folder)) console.out(`${path}\n`);
    return exitCodes.ok;
  },
});
