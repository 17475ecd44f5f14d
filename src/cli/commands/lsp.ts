import { serveStreams } from '../../api/editor.js';
import { installedVersion } from '../../api/machine.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';

/** Serves an editor on standard input and output; it is the one that starts and ends it. */
export const command = defineCommand({
  about: 'Serve an editor with the Language Server Protocol: diagnostics while you type, completion, shapes, and more.',
  examples: ['aedsl lsp --stdio'],
  usage: (command) => command.option('--stdio', 'talk over standard input and output, as it does anyway'),
  async run({ wordModules }) {
    const options = { words: wordModules, version: installedVersion() };
    const isRight = await serveStreams(process.stdin, process.stdout, options);
    process.stdin.destroy();
    return isRight ? exitCodes.ok : exitCodes.failed;
  },
});
