import { type Command, Option } from 'commander';
import type { Console } from './console.js';
import type { ExitCode } from './failure.js';
import { databaseHelp, dataFolderOption, experimentHelp, runHelp } from './options.js';
import { addFormatOptions } from './table-formats.js';

/** The commands that say what changed, and hold results to what they were. */
export function addTrustCommands(
  program: Command,
  console: Console,
  ending: (code: ExitCode) => void,
  commandLine: readonly string[],
): void {
  program
    .command('rerun')
    .summary('train a run again from what the results have of it, and compare the weights')
    .argument('<run>', runHelp)
    .option('--backend <name>', "simd, tensorflow or cpu; the run's by default")
    .option('--threads <n>', 'threads of the backend, where it has them')
    .option('--db <file>', databaseHelp('the results'))
    .option(...dataFolderOption)
    .option('--no-store', 'do not keep the new run')
    .option('--json', 'one event a line')
    .action(async (id, options) => {
      const { rerun } = await import('./commands/rerun.js');
      ending(await rerun(console, id, options, commandLine));
    });

  program
    .command('explain')
    .summary('say why two runs are the same trial, or are not')
    .argument('<a>', 'a run, or a bundle (.tgz)')
    .argument('<b>', 'another')
    .option('--db <file>', databaseHelp('the results'))
    .option('--json', 'as one object')
    .action(async (a, b, options) => {
      const { explain } = await import('./commands/explain.js');
      ending(await explain(console, a, b, options));
    });

  program
    .command('lock')
    .summary('write down what experiments give, or check it')
    .argument('[experiment...]', 'names, .ae files, folders or FILE:name; those that are locked already by default')
    .option('--seeds <n>', 'train with the seeds 1 to n; as many as are locked, 5 at first')
    .option('--sweep', "lock each cell of the experiment's sweep too")
    .option('--check', 'train again and compare; exit 1 when anything moved')
    .option('--quick', 'with --check: only the first steps of each stage')
    .option('--backend <name>', 'simd, tensorflow or cpu')
    .option('--threads <n>', 'threads of the backend, where it has them')
    .option('--db <file>', databaseHelp('where the runs go, and known results come from'))
    .option('--no-store', 'keep no runs')
    .option('--json', 'one file, or checked experiment, a line')
    .action(async (experiments, options) => {
      const { lock } = await import('./commands/lock.js');
      ending(await lock(console, experiments, options, commandLine));
    });

  addFormatOptions(
    program
      .command('diff')
      .summary('what changed between two commits, runs or sweeps: experiments, identity, results')
      .argument(
        '[what...]',
        'revisions as git writes them (HEAD against the working tree by default), two runs, two sweeps; experiments',
      )
      .option('--only-changed', 'leave out what is the same')
      .option('--precision <n>', 'significant digits', '6')
      .addOption(
        new Option('--fail-on <limit>', "exit 1 where a metric changed by more: 'validation.loss>+1%'; may be repeated")
          .argParser(several)
          .default([], 'none'),
      )
      .option('--figures <folder>', 'write the pictures of both sides beside each other')
      .option('--db <file>', databaseHelp('the results, for curves and the first step that differs')),
  ).action(async (what, options) => {
    const { diff } = await import('./commands/diff.js');
    ending(await diff(console, what, options));
  });

  addFormatOptions(
    program
      .command('log')
      .summary('a metric over the commits that touched an experiment, from their lock files')
      .argument('<experiment>', experimentHelp)
      .argument(
        '[metric]',
        'such as test.loss (default: the validation or the test loss, or the squared error where the loss itself changed)',
      )
      .option('--rev <revision>', 'the newest commit', 'HEAD')
      .option('--precision <n>', 'significant digits', '6'),
  ).action(async (experiment, metric, options) => {
    const { log } = await import('./commands/log.js');
    ending(log(console, experiment, metric, options));
  });

  program
    .command('bisect')
    .summary('find the commit that changed a result')
    .argument('<experiment>', experimentHelp)
    .argument('<condition>', "such as 'test.loss < 0.05'")
    .argument('<range>', 'GOOD..BAD')
    .option('--seeds <n>', 'the mean over the seeds 1 to n', '1')
    .option(
      '--install',
      "train with each commit's own aedsl: runs the npm scripts, build and aedsl of every commit that is tried. " +
        'Where the engine differs within the range, this is asked for on a terminal, and has to be given elsewhere',
    )
    .option('--no-install', 'train the old texts with this aedsl')
    .option('--backend <name>', 'simd, tensorflow or cpu')
    .option('--threads <n>', 'threads of the backend, where it has them')
    .option('--db <file>', databaseHelp('where the runs go, and known results come from'))
    .option('--no-store', 'keep no runs')
    .option('--json', 'as one object')
    .action(async (experiment, condition, range, options) => {
      const { bisect } = await import('./commands/bisect.js');
      ending(await bisect(console, experiment, condition, range, options, commandLine));
    });

  program
    .command('verify')
    .summary('train again and compare to the bit: a run, the runs of a sweep, a lock file, a bundle')
    .argument(
      '<what>',
      'a run (r12, last), a sweep (s3), an experiment (its latest complete run), a .lock file or a bundle (.tgz)',
    )
    .option('--threads <n>', 'threads of the backend')
    .option('--backend <name>', "simd, tensorflow or cpu; the run's by default")
    .option('--node <path>', 'another Node to train with')
    .option(
      '--against <what>',
      'compare two engines, value by value: threads=2, backend=cpu, node=PATH, or a revision of aedsl; ' +
        'or with stored values: weights, checkpoint. A revision is built and run: its code runs',
    )
    .option(...dataFolderOption)
    .option('-y, --yes', 'run the code of the revision that --against names, without asking')
    .option('--db <file>', databaseHelp('the results'))
    .option('--json', 'one verdict a line')
    .action(async (what, options) => {
      const { verify } = await import('./commands/verify.js');
      ending(await verify(console, what, options, commandLine));
    });

  program
    .command('bundle')
    .summary('write a run with all that it takes to verify it elsewhere')
    .argument('<run>', 'an id as `aedsl ls` lists it, `last`, or an experiment, whose latest complete run is meant')
    .option('-o, --output <file>', 'the .tgz to write')
    .option('--db <file>', databaseHelp('the results'))
    .action(async (id, options) => {
      const { bundle } = await import('./commands/bundle.js');
      ending(await bundle(console, id, options));
    });
}

function several(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
