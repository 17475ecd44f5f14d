import type { Command } from 'commander';
import type { Console } from './console.js';
import type { ExitCode } from './failure.js';
import { databaseHelp, dataFolderOption, runHelp } from './options.js';
import { addSweepPlanOptions } from './sweep-arguments.js';

const axesHelp = `
Axes (params of the experiment, seed, data; in place of those of the file's sweep block):
  rho=0.01,0.05              these values; rho=[0.01,0.05] too
  rho=0.1:0.5:0.1            from, to (without it), step
  rho=lin:0.1:0.5:5          equal steps, both ends; log:1e-4:1e-2:5 equal ratios
  rho=uniform:0:1            drawn, as many as --trials says; loguniform:, int:, choice:a:b
  @trials.csv                a trial for each row; the first row names the axes
`;

/** The commands that train several trials, or go on with what is stored. */
export function addSweepCommands(
  program: Command,
  console: Console,
  args: readonly string[],
  ending: (code: ExitCode) => void,
): void {
  addSweepRunOptions(
    addSweepPlanOptions(
      program
        .command('sweep')
        .summary('train an experiment for every combination of values: aedsl sweep rho=0.01,0.05 --seeds 5')
        .argument('[words...]', 'an .ae file or the name of an experiment, then axes such as rho=[0.01,0.05]'),
    ),
  )
    .option('--name <name>', "of the sweep; the experiment's by default")
    .option('--backend <name>', 'simd, tensorflow or cpu')
    .option('--no-store', 'keep nothing')
    .option('--force', 'train trials again that are complete, and say whether the bits are the same')
    .option('--explain', 'say for each trial why it would train or not, and train nothing')
    .option('--dry-run', 'print the trials with their updates and the time they take, and train nothing')
    .addHelpText('after', axesHelp)
    .action(async (words, options) => {
      const { sweep } = await import('./commands/sweep.js');
      ending(await sweep(console, words, options, args));
    });

  addSweepRunOptions(
    program
      .command('resume')
      .summary('go on with a sweep or a run that was interrupted')
      .argument(
        '[what]',
        'a sweep (s3, or its name) or a run (r12); the newest sweep or run that was interrupted by default',
      )
      .option('--failed', 'also the trials that failed')
      .option(...dataFolderOption),
  ).action(async (what, options) => {
    const { resume } = await import('./commands/resume.js');
    ending(await resume(console, what ?? null, options, args));
  });

  program
    .command('evaluate')
    .summary('make the evaluations and pictures of a stored run again, or those that an .ae file asks for now')
    .argument('<run>', `${runHelp}, which is taken into the results`)
    .argument('[file]', "whose evaluate and show are meant, of the same data and network; the run's own by default")
    .option('--threads <n>', 'threads of the backend, where it has them')
    .option(...dataFolderOption)
    .option('--db <file>', databaseHelp('the results'))
    .option('--json', 'one event a line')
    .action(async (run, file, options) => {
      const { evaluate } = await import('./commands/evaluate.js');
      ending(await evaluate(console, run, file, options, args));
    });
}

function addSweepRunOptions(command: Command): Command {
  return command
    .option('--jobs <n>', 'trials that train at one time; by default one for each core, as far as the memory goes')
    .option('--threads <n>', 'threads of each trial; by default as many as there are cores for')
    .option('--checkpoint-every <time>', 'how often trials are checkpointed: 30s, or 5epochs', '30s')
    .option('--keep-checkpoints', 'keep the last checkpoint of each trial, so that it can train longer')
    .option('--reporter <name>', 'dashboard, plain, json or silent')
    .option('--json', 'one event a line')
    .option('--db <file>', databaseHelp('where the results go'));
}
