import { basename } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { defineCommand } from '../command.js';
import { complete, replyText, shells, wordsOfLine } from '../completion.js';
import { completionScripts } from '../completion-scripts.js';
import { exitCodes, Failure } from '../failure.js';

const installation = `Where it is evaluated:
  ~/.bashrc                   eval "$(aedsl completion bash)"
  ~/.zshrc, after compinit    eval "$(aedsl completion zsh)"
  ~/.config/fish/config.fish  aedsl completion fish | source`;

/** Prints what makes a shell complete commands, options, experiments, params, runs and metrics. */
export const command = defineCommand({
  about:
    'Print a script that makes a shell complete commands, options, experiments, params, runs and metrics. A shell evaluates it at its start.',
  examples: ['aedsl completion bash', 'aedsl completion zsh', 'aedsl completion fish'],
  usage: (command) =>
    command
      .argument('[shell]', 'bash, zsh or fish; the one that SHELL names by default')
      .argument('[words...]', 'for the script alone')
      .addOption(new Option('--reply', 'what may stand in the place of the last word').hideHelp())
      .addHelpText('after', installation)
      .addOption(new Option('--reply-line', 'the same for a line up to the cursor').hideHelp()),
  async run({ console, session }, [first, others], { reply, replyLine }) {
    const given = first === undefined ? [] : [first, ...others];
    if (reply || replyLine) {
      const typed = replyLine ? wordsOfLine(first ?? '').slice(1) : given;
      try {
        console.data(replyText(await complete(typed, session)));
      } catch {
        // Problems of the project or its results are reported by the command itself, not while it is being typed.
      }
      return exitCodes.ok;
    }
    const asked = first ?? basename(process.env.SHELL ?? '');
    const shell = shells.find((name) => name === asked);
    if (shell === undefined || others.length > 0) {
      throw new Failure(
        exitCodes.usage,
        `'${[asked, ...others].join(' ')}' is none of the shells`,
        `aedsl completion ${shells.join('|')}`,
      );
    }
    console.data(completionScripts[shell]);
    return exitCodes.ok;
  },
});
