import { describeWord, entriesNamed, entriesOf, kindNamed, kinds } from '../../api/compiler.js';
import { type DefinedInFile, definedInFile, definedInProject } from '../../api/project.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { definitionsFileOption, jsonOption } from '../options.js';
import {
  printAllWords,
  printDefined,
  printDefinedIn,
  printDefinedList,
  printEntries,
  printKind,
} from '../word-pages.js';

/** The reference of the language in the terminal. */
export const command = defineCommand({
  about: 'List the words of the language, those of a family with what they do, those of a file, or explain one word.',
  examples: ['aedsl words', 'aedsl words loss', 'aedsl words kl_sparsity', 'aedsl words --file losses.ae'],
  usage: (command) =>
    command
      .argument('[family]', 'loss, layer, data sets, …, or a word')
      .addOption(definitionsFileOption())
      .addOption(jsonOption('one word a line, with its arguments')),
  async run({ console, words }, [name], { file, json }) {
    const library = await words();
    const isKnown = name === undefined || kindNamed(name) !== null || entriesNamed(library, name).length > 0;
    const all = file !== undefined ? definedInFile(file, library) : isKnown ? [] : definedInProject(name, library);
    const defined = name === undefined ? all : all.filter((each) => each.name === name);
    if (json && defined.length > 0) {
      for (const each of defined) console.out(jsonLine(definitionJson(each)));
      return exitCodes.ok;
    }
    if (file !== undefined) {
      if (name !== undefined) printDefinedIn(console, { known: library, name, file, defined: all });
      else if (!json) printDefinedList(console, all, file);
      return exitCodes.ok;
    }
    if (defined.length > 0) {
      printDefined(console, defined);
      return exitCodes.ok;
    }
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

function definitionJson({ name, role, path, text, word }: DefinedInFile): Readonly<Record<string, unknown>> {
  const parameters = word === null ? null : describeWord(word).parameters;
  return { family: role, name, file: path, definition: text, parameters };
}
