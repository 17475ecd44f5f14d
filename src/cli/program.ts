import { Command, CommanderError } from 'commander';
import { resultsPlace } from '../project/results-place.js';
import type { ProcessConsole } from './console.js';
import { type ExitCode, exitCodes, Failure, report } from './failure.js';
import { addRunOptions, databaseHelp, dataFolderOption, experimentHelp, runHelp } from './options.js';
import { addResultCommands } from './result-commands.js';
import { addSweepCommands } from './sweep-commands.js';
import { addTrustCommands } from './trust-commands.js';
import { packageVersion } from './version.js';

/**
 * The command line. Each command's code is loaded when it is called, so that `--help`, `check` and `fmt` load neither
 * TF.js nor React nor SQLite.
 */
export async function main(args: readonly string[], console: ProcessConsole): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const ending = (code: ExitCode) => {
    exitCode = code;
  };
  /** What was asked for has been done, but not all that was to be printed may be where it should be. */
  const whole = (code: ExitCode) => (code === exitCodes.ok && console.incomplete() ? exitCodes.environment : code);
  const program = new Command('aedsl')
    .description('Autoencoder experiments in short files, with results that repeat to the bit')
    .version(packageVersion())
    .option('--debug', 'show stack traces')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .configureOutput({ writeOut: console.out, writeErr: console.err })
    .showHelpAfterError('(aedsl --help lists the commands)')
    .exitOverride()
    .hook('preAction', (_program, command) => {
      // Throws where the current folder is gone, which everything else would say in words of its own.
      process.cwd();
      const { db } = command.opts();
      if (db === '') {
        throw new Failure(exitCodes.usage, '--db is empty', 'give the path of the results, or leave the option out');
      }
      const takesDatabase = command.options.some(({ long }) => long === '--db');
      if (takesDatabase && db === undefined) command.setOptionValueWithSource('db', resultsPlace().path, 'default');
    });

  program
    .command('check')
    .summary('check experiments, and every trial of their sweeps, without training')
    .argument('<file...>', `files, folders, names of experiments; values for params: rho=0.05`)
    .option('--data <set>', 'another data set')
    .option('--max-parameters <n>', 'refuse larger models')
    .option('--json', 'one diagnostic a line')
    .action(async (words, options) => {
      const { check } = await import('./commands/check.js');
      ending(check(console, words, options));
    });

  program
    .command('fmt')
    .summary('format experiments')
    .argument('<files...>', 'files, folders, names of experiments, or - for standard input')
    .option('--check', 'change nothing; exit 1 where something would change')
    .action(async (files, options) => {
      const { fmt } = await import('./commands/fmt.js');
      ending(await fmt(console, files, options));
    });

  program
    .command('compile')
    .summary('print what the compiler makes of an experiment')
    .argument('<file>', experimentHelp)
    .argument('[param=value...]', 'values for params')
    .option('--emit <stage>', 'cst, ast, ir, or canonical (what the identity is made of)', 'ir')
    .option('--data <set>', 'another data set')
    .action(async (file, params, options) => {
      const { compile } = await import('./commands/compile.js');
      ending(compile(console, file, params, options));
    });

  addRunOptions(
    program
      .command('run')
      .summary('train an experiment')
      .argument('<file>', experimentHelp)
      .argument('[param=value...]', 'values for params'),
  ).action(async (file, params, options) => {
    const { run } = await import('./commands/run.js');
    ending(await run(console, file, params, options, args));
  });

  addSweepCommands(program, console, args, ending);

  program
    .command('watch')
    .summary('watch a sweep or a run in the terminal, while it trains or afterwards')
    .argument('[sweep-or-run]', 'a sweep (`s3`, its name) or a run (`r12`); what was begun last by default')
    .option('--db <file>', databaseHelp('the results'))
    .option('--once', 'print the first screen and end')
    .option('--json', 'one event a line')
    .action(async (subject, options) => {
      const { watch } = await import('./commands/watch.js');
      ending(await watch(console, subject, options));
    });

  addResultCommands(program, console, ending, args);

  program
    .command('apply')
    .summary('use a trained model on any data')
    .argument('<run>', runHelp)
    .option(
      '--data <what>',
      'a file (.npy, .csv, .safetensors, idx), a folder of images, or a data set: mnist, \'csv("new.csv")\'; its own by default',
    )
    .option(
      '--output <what>',
      'code, reconstruction, error or scaled_error of each row, or the label of a layer',
      'code',
    )
    .option('--part <part>', 'all, train, validation or test; the test part by default, where there is one')
    .requiredOption('-o, --to <file>', 'a .npy, .csv or .safetensors file')
    .option(...dataFolderOption)
    .option('--backend <name>', 'simd, tensorflow or cpu')
    .option('--db <file>', databaseHelp('the results'))
    .option('--json', 'say what was written as one object')
    .action(async (id, options) => {
      const { apply } = await import('./commands/apply.js');
      ending(await apply(console, id, options));
    });

  program
    .command('sample')
    .summary('what a variational model makes of codes drawn from its prior')
    .argument('<run>', runHelp)
    .option('-n, --number <n>', 'how many', '64')
    .option('--seed <n>', "of the draws; the run's by default")
    .requiredOption('-o, --to <file>', 'a .png, .npy, .csv or .safetensors file')
    .option('--backend <name>', 'simd, tensorflow or cpu')
    .option('--db <file>', databaseHelp('the results'))
    .action(async (id, options) => {
      const { sample } = await import('./commands/sample.js');
      ending(await sample(console, id, options));
    });

  addTrustCommands(program, console, ending, args);

  const data = program.command('data').summary('the data sets of this machine');
  data
    .command('ls')
    .summary('which data sets are here')
    .option('--json', 'one a line')
    .action(async (options) => {
      const { listData } = await import('./commands/data.js');
      ending(await listData(console, options));
    });
  data
    .command('fetch')
    .summary('download a data set and check it')
    .argument('<name>', 'mnist or fashion_mnist')
    .action(async (name) => {
      const { fetchData } = await import('./commands/data.js');
      ending(await fetchData(console, name));
    });
  data
    .command('add')
    .summary('put the files of a data set, downloaded by other means, where aedsl looks for them')
    .argument('<name>', 'mnist or fashion_mnist')
    .argument('<folder>', 'where the files are')
    .action(async (name, folder) => {
      const { addData } = await import('./commands/data.js');
      ending(await addData(console, name, folder));
    });

  program
    .command('doctor')
    .summary('what this machine has for aedsl, and what is missing')
    .option('--db <file>', databaseHelp('where the results would go'))
    .option('--json', 'as one object')
    .action(async (options) => {
      const { doctor } = await import('./commands/doctor.js');
      ending(await doctor(console, options));
    });

  try {
    await program.parseAsync([...args], { from: 'user' });
    return whole(exitCode);
  } catch (error) {
    // It has printed what was wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? whole(exitCodes.ok) : exitCodes.usage;
    return report(error, console, args.includes('--debug'));
  }
}
