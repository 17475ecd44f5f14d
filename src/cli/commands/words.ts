import { entriesNamed, entriesOf, kindNamed, kinds } from '../../api/compiler.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { jsonOption } from '../options.js';
import { printAllWords, printEntries, printKind } from '../word-pages.js';

/** The reference of the language in the terminal. */
export const command = defineCommand({
  about: 'List the words of the language, those of a family with what they do, or explain one word.',
  examples: ['aedsl words', 'aedsl words loss', 'aedsl words kl_sparsity'],
  usage: (command) =>
    command
      .argument('[family]', 'loss, layer, data sets, …, or a word')
      .addOption(jsonOption('one word a line, with its arguments')),
  async run({ console, words }, [name], { json }) {
    const library = await words();
    const kind = name === undefined ? null : kindNamed(name);
    if (json) {
      const entries =
        name === undefined
          ? kinds.flatMap((each) => entriesOf(library, each))
          : kind === null
            ? entriesNamed(library, name)
            : entriesOf(library, kind);
      for (const entry of entries) console.out(jsonLine('word' in entry ? entry.word : entry));
      if (entries.length > 0) return exitCodes.ok;
    }
    if (name === undefined) printAllWords(console, library);
    else if (kind !== null) printKind(console, library, kind);
    else printEntries(console, library, name, []);
    return exitCodes.ok;
  },
});
