import { join } from 'node:path';
import { builtinWords } from '../../api/compiler.js';
import { copyExamples, examples, shownPath } from '../../api/project.js';
import { defineCommand } from '../command.js';
import { exitCodes, Failure } from '../failure.js';
import { jsonLine } from '../json.js';
import { jsonOption } from '../options.js';
import { columns } from '../word-pages.js';

/** Lists or copies the experiments that the package has. */
export const command = defineCommand({
  about:
    'List the experiments that come with aedsl, most of them from papers, or copy some of them. What an experiment extends and the data files it reads are copied with it; no file is replaced.',
  examples: ['aedsl examples', 'aedsl examples masking table --to copied'],
  usage: (command) =>
    command
      .argument('[name...]', 'experiments to copy; lists all without one')
      .option('--to <folder>', 'where to copy them', '.')
      .addOption(jsonOption('one experiment a line')),
  run({ console, refuse }, [names], { to, json }) {
    const all = examples();
    if (names.length === 0) {
      refuse(['to'], 'is for experiments that are named', 'aedsl examples vae --to FOLDER');
      if (json) for (const example of all) console.out(jsonLine(example));
      else {
        console.out(
          columns(
            console,
            all.map(({ name, about }) => [name, about]),
          ),
        );
        console.out('\naedsl examples NAME copies one into this folder.\n');
      }
      return exitCodes.ok;
    }
    refuse(['json'], 'is for the list');
    if (to === '') throw new Failure(exitCodes.usage, '--to is empty', 'name a folder');
    for (const { path, written } of copyExamples(names, to)) {
      console.out(`${shownPath(join(to, path))}${written ? '' : ' (was there)'}\n`);
    }
    const [first = ''] = names;
    const { data } = all.find(({ name }) => name === first) ?? { data: null };
    const isDownloaded = data !== null && builtinWords.find('dataset', data)?.published !== undefined;
    console.out(`\nnext:\n  npx aedsl run ${shownPath(join(to, `${first}.ae`))}\n`);
    if (isDownloaded) console.out(`It downloads ${data} once; with --data digits it needs nothing.\n`);
    return exitCodes.ok;
  },
});
