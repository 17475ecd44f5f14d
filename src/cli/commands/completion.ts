import { Option } from '@commander-js/extra-typings';
import { defineCommand } from '../command.js';
import { complete, replyText, shells, wordsOfLine } from '../completion.js';
import { completionScripts } from '../completion-scripts.js';
import { exitCodes, Failure } from '../failure.js';

/** Prints what makes a shell complete commands, options, experiments, params, runs and metrics. */
export const command = defineCommand({
  about:
    'Print what makes a shell complete commands, options, experiments, params, runs and metrics. In ~/.bashrc: eval "$(aedsl completion bash)"; in ~/.zshrc: eval "$(aedsl completion zsh)"; in ~/.config/fish/config.fish: aedsl completion fish | source.',
  examples: ['aedsl completion bash', 'aedsl completion zsh', 'aedsl completion fish'],
  usage: (command) =>
    command
      .argument('[shell]', 'bash, zsh or fish')
      .argument('[words...]', 'for what it prints')
      .addOption(new Option('--reply', 'what may stand in the place of the last word').hideHelp())
      .addOption(new Option('--reply-line', 'the same for a line up to the cursor').hideHelp()),
  async run({ console, session }, [first, others], { reply, replyLine }) {
    const given = first === undefined ? [] : [first, ...others];
    if (reply || replyLine) {
      const typed = replyLine ? wordsOfLine(first ?? '').slice(1) : given;
      try {
        console.data(replyText(await complete(typed, session)));
      } catch {
        // Whatever is wrong with the project or its results is said by the command itself, not while it is typed.
      }
      return exitCodes.ok;
    }
    const shell = shells.find((name) => name === first);
    if (shell === undefined || others.length > 0) {
      throw new Failure(
        exitCodes.usage,
        `'${given.join(' ')}' is none of the shells`,
        `aedsl completion ${shells.join('|')}`,
      );
    }
    console.data(completionScripts[shell]);
    return exitCodes.ok;
  },
});
