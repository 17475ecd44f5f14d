import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { Command, CommanderError } from '@commander-js/extra-typings';
import type { Words } from '../api/compiler.js';
import { installedVersion } from '../api/machine.js';
import { olderDatabases, resultsPlace, shownPath } from '../api/project.js';
import type { Session } from './command.js';
import { type CommandEntry, type CommandGroup, commands } from './commands.js';
import type { ProcessConsole } from './console.js';
import { type ExitCode, exitCodes, Failure, report } from './failure.js';

/**
 * Runs the command line. Commands are loaded when called, so `--help`, `check` and `fmt` load neither TF.js nor React
 * nor SQLite.
 */
export async function main(args: readonly string[], console: ProcessConsole): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const ended = (code: ExitCode) => {
    exitCode = code;
  };
  /** The command succeeded, but its output may be incomplete. */
  const whole = (code: ExitCode) => (code === exitCodes.ok && console.incomplete() ? exitCodes.environment : code);
  const program = new Command('aedsl')
    .description('Autoencoder experiments in short files, with results that repeat to the bit')
    .version(installedVersion())
    .option('--debug', 'show stack traces')
    .option('--words <module>', 'a module of words of your own; may be given several times', collected)
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: console.out,
      writeErr: console.err,
      outputError: (text, write) => write(`${text}${meantCommand(text)}`),
    })
    .showHelpAfterError('(aedsl --help lists the commands)')
    .exitOverride()
    .hook('preAction', (_program, command) => {
      // Throws if the current folder is gone, which everything else would report in its own way.
      process.cwd();
      fillInDatabase(command);
    });
  let loaded: Promise<Words> | null = null;
  const words = () => {
    loaded ??= import('./project-words.js').then(({ projectWords }) =>
      projectWords(console, program.opts().words ?? []),
    );
    return loaded;
  };
  const wordModules = () => program.opts().words ?? [];
  addCommands(program, commands, { console, commandLine: ['aedsl', ...args], commands, words, wordModules, ended });
  const tell = (path: string) => {
    const place = shownPath(path);
    console.err(`${place} was made by an older aedsl and is brought up to date; that aedsl can no longer read it\n`);
  };
  olderDatabases.on('broughtUpToDate', tell);
  try {
    await program.parseAsync(withHelpOption(args), { from: 'user' });
    return whole(exitCode);
  } catch (error) {
    // Commander has printed the error or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? whole(exitCodes.ok) : exitCodes.usage;
    return report(error, console, args.includes('--debug'));
  } finally {
    olderDatabases.off('broughtUpToDate', tell);
  }
}

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Command names from other tools, with our equivalents. */
const elsewhere = new Map(
  Object.entries({
    train: 'run',
    fit: 'run',
    test: 'evaluate',
    eval: 'evaluate',
    predict: 'apply',
    encode: 'apply',
    transform: 'apply',
    infer: 'apply',
    tune: 'sweep',
    search: 'sweep',
    grid: 'sweep',
    dashboard: 'watch',
    ui: 'watch',
    list: 'ls',
    runs: 'ls',
    status: 'ls',
    delete: 'rm',
    remove: 'rm',
    repro: 'rerun',
    reproduce: 'rerun',
    lint: 'check',
    validate: 'check',
    format: 'fmt',
    plot: 'figures',
  }),
);

/** A line that suggests our command for another tool's name; empty for any other error. */
function meantCommand(error: string): string {
  const [, name = ''] = /^error: unknown command '(\w+)'/.exec(error) ?? [];
  const meant = elsewhere.get(name);
  return meant === undefined ? '' : `it is called ${meant} here: aedsl ${meant} --help\n`;
}

/** Registers commands without arguments and options, which their files add when called. */
function addCommands(parent: Command, entries: readonly (CommandEntry | CommandGroup)[], session: Session): void {
  const loads = new Map<string, () => Promise<void>>();
  for (const entry of entries) {
    const command = parent.command(entry.name).summary(entry.summary);
    if ('commands' in entry) addCommands(command.description(entry.about), entry.commands, session);
    else loads.set(entry.name, async () => (await entry.load()).command.addTo(command, session));
  }
  parent.hook('preSubcommand', (_parent, called) => loads.get(called.name())?.());
}

/** Rewrites `help run` as `run --help`, since a command has its options only once called. */
function withHelpOption(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => !arg.startsWith('-'));
  if (args[at] !== 'help') return args;
  const named = args.slice(at + 1).find((arg) => !arg.startsWith('-'));
  const isCommand = named === undefined ? !args.includes('--help') : commands.some(({ name }) => name === named);
  return isCommand ? [...args.toSpliced(at, 1), '--help'] : args;
}

/** @throws Failure for an empty `--db` */
function fillInDatabase(command: CommandUnknownOpts): void {
  if (!command.options.some(({ long }) => long === '--db')) return;
  if (command.getOptionValueSource('db') !== 'cli') {
    command.setOptionValueWithSource('db', resultsPlace().path, 'default');
  } else if (command.getOptionValue('db') === '') {
    throw new Failure(exitCodes.usage, '--db is empty', 'give the path of the results, or leave the option out');
  }
}
