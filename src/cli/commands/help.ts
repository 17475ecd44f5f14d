import { builtinWords, entriesNamed, kindNamed } from '../../api/compiler.js';
import { definedInFile, definedInProject } from '../../api/project.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { definitionsFileOption } from '../options.js';
import { printDefined, printDefinedIn, printEntries, printKind } from '../word-pages.js';

/** Explains a word; a command's own help is printed before this one is called. */
export const command = defineCommand({
  about:
    'Explain a command, a word of the language, one that a file of the project defines, a function of formulas, a statement, a setting, or a family of words. A command comes first where both have the name; `aedsl words` takes the other.',
  examples: ['aedsl help run', 'aedsl help kl_sparsity', 'aedsl help train', 'aedsl help charbonnier --file losses.ae'],
  usage: (command) => command.argument('[name...]', 'run, data ls, adam, losses, …').addOption(definitionsFileOption()),
  async run({ console, session, words }, [names], { file }) {
    const name = names.join(' ');
    if (file !== undefined) {
      const known = await words();
      printDefinedIn(console, { known, name, file, defined: definedInFile(file, known) });
      return exitCodes.ok;
    }
    // Loading third-party words asks for consent, which explaining a built-in word doesn't need.
    const library = entriesNamed(builtinWords, name).length > 0 ? builtinWords : await words();
    const kind = kindNamed(name);
    const isKnown = kind !== null || entriesNamed(library, name).length > 0;
    const defined = isKnown ? [] : definedInProject(name, library);
    if (defined.length > 0) printDefined(console, defined);
    else if (kind !== null && entriesNamed(library, name).length === 0) printKind(console, library, kind);
    else
      printEntries(
        console,
        library,
        name,
        session.commands.map((entry) => entry.name),
      );
    return exitCodes.ok;
  },
});
