import { builtinWords, entriesNamed, kindNamed } from '../../api/compiler.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { printEntries, printKind } from '../word-pages.js';

/** Explains a word; a command's own help is printed before this one is called. */
export const command = defineCommand({
  about:
    'Explain a command, a word of the language, a statement, a setting, or a family of words. A command comes first where both have the name; `aedsl words` takes the other.',
  examples: ['aedsl help run', 'aedsl help kl_sparsity', 'aedsl help train'],
  usage: (command) => command.argument('[name...]', 'run, data ls, adam, losses, …'),
  async run({ console, session, words }, [names]) {
    const name = names.join(' ');
    // Loading third-party words asks for consent, which explaining a built-in word doesn't need.
    const library = entriesNamed(builtinWords, name).length > 0 ? builtinWords : await words();
    const kind = kindNamed(name);
    if (kind !== null && entriesNamed(library, name).length === 0) printKind(console, library, kind);
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
