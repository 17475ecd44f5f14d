import type { Command, OptionValues } from '@commander-js/extra-typings';
import type { Words } from '../api/compiler.js';
import type { CommandEntry, CommandGroup } from './commands.js';
import type { Console } from './console.js';
import { type ExitCode, exitCodes, Failure } from './failure.js';

/** How a command was invoked, besides its arguments and options. */
export interface Invocation<Values> {
  readonly console: Console;
  /** Command line as typed, starting with `aedsl`. */
  readonly commandLine: readonly string[];
  /** Session of the command, for commands that look at others. */
  readonly session: Session;
  /** The words of the language, plus those of the project and of `--words`; their code runs on the first call. */
  words(): Promise<Words>;
  /** Modules named by `--words`. */
  readonly wordModules: readonly string[];
  /**
   * Rejects options that have no effect on what the arguments name.
   * @param reason `is for sweeps`, appended to the first such option
   * @throws Failure if one of them was typed
   */
  refuse(names: readonly (keyof Values & string)[], reason: string, hint?: string): void;
}

export interface Optioned<Values> {
  opts(): Values;
}

export interface Usage<Args, Values> extends Optioned<Values> {
  readonly processedArgs: Args;
}

/** Joins two groups of arguments and options of one command. */
export function joined<Args, Values, Others>(
  first: Usage<Args, Values>,
  second: Optioned<Others>,
): Usage<Args, Values & Others> {
  return {
    get processedArgs() {
      return first.processedArgs;
    },
    opts: () => ({ ...first.opts(), ...second.opts() }),
  };
}

interface Definition<Args extends unknown[], Values extends OptionValues> extends HelpPage {
  /** Adds its arguments, options and further help. */
  readonly usage: (command: Command) => Usage<Args, Values>;
  readonly run: (invocation: Invocation<Values>, args: Args, options: Values) => ExitCode | Promise<ExitCode>;
}

/** Content of `aedsl COMMAND --help` besides the arguments and options. */
interface HelpPage {
  /** Purpose of the command, in one or two sentences. */
  readonly about: string;
  readonly examples: readonly string[];
}

/** The context of a command: its console, and the receiver of its exit code. */
export interface Session {
  readonly console: Console;
  readonly commandLine: readonly string[];
  readonly commands: readonly (CommandEntry | CommandGroup)[];
  readonly words: () => Promise<Words>;
  readonly wordModules: () => readonly string[];
  readonly ended: (code: ExitCode) => void;
}

/** A command as data; its name and summary are in `commands.ts`. */
export interface CommandDefinition extends HelpPage {
  /** Adds its arguments, options and action to an empty command. */
  addTo(command: Command, session: Session): void;
}

export function defineCommand<Args extends unknown[], Values extends OptionValues>({
  about,
  examples,
  usage,
  run,
}: Definition<Args, Values>): CommandDefinition {
  return {
    about,
    examples,
    addTo(command, session) {
      const { console, commandLine, words, wordModules, ended } = session;
      const lines = examples.map((example) => `  ${example}\n`).join('');
      command.description(about).addHelpText('after', `\nExamples:\n${lines}`);
      const given = usage(command);
      const refuse: Invocation<Values>['refuse'] = (names, reason, hint) => {
        const refused = names.find((name) => command.getOptionValueSource(name) === 'cli');
        if (refused === undefined) return;
        const flag = command.options.find((option) => option.attributeName() === refused)?.long;
        throw new Failure(exitCodes.usage, `${flag} ${reason}`, hint);
      };
      command.action(async () => {
        ended(
          await run(
            { console, commandLine, session, words, wordModules: wordModules(), refuse },
            given.processedArgs,
            given.opts(),
          ),
        );
      });
    },
  };
}
