import type { Command } from 'commander';
import type { Console } from './console.js';
import type { ExitCode } from './failure.js';
import { databaseHelp, dataFolderOption } from './options.js';
import { addFormatOptions } from './table-formats.js';
import { addTableOptions } from './table-options.js';

const anyHelp = 'sweeps (s3, or by name) and runs (r12, last), as `aedsl ls` lists them';
const replicationOptions = (command: Command) =>
  command
    .option('--interval <method>', 'student or bootstrap', 'student')
    .option('--width <w>', 'say how many seeds a 95% interval of this width would need')
    .option('--per-seed', 'the value of each seed too');

/** The commands that look at what was trained. */
export function addResultCommands(
  program: Command,
  console: Console,
  ending: (code: ExitCode) => void,
  args: readonly string[],
): void {
  addFormatOptions(
    addTableOptions(
      program
        .command('ls')
        .summary('list sweeps and runs, or the trials of a sweep')
        .argument('[sweep]', 'a sweep (s3, or by name), or a run')
        .option('--db <file>', databaseHelp('the results'))
        .option('--runs', 'all runs, those of sweeps too'),
    ),
  ).action(async (subject, options) => {
    const { ls } = await import('./commands/ls.js');
    ending(await ls(console, subject, options));
  });

  addFormatOptions(
    replicationOptions(
      addTableOptions(
        program
          .command('show')
          .summary('show a run, or what the settings of a sweep come to')
          .argument(
            '<run|sweep>',
            'an id or a name as `aedsl ls` lists it, `last` for the newest run, or a bundle (.tgz)',
          )
          .option('--db <file>', databaseHelp('the results'))
          .option('--importance', 'how much each parameter matters'),
      ),
    ),
  ).action(async (id, options) => {
    const { show } = await import('./commands/show.js');
    ending(await show(console, id, options));
  });

  addFormatOptions(
    replicationOptions(
      addTableOptions(
        program
          .command('compare')
          .summary('hold settings and runs against each other, seed by seed')
          .argument('<sweep|run...>', anyHelp)
          .option('--db <file>', databaseHelp('the results'))
          .option('--baseline <setting>', 'rho=0.05, a run of it, best or first'),
      ),
    ),
  ).action(async (subjects, options) => {
    const { compare } = await import('./commands/compare.js');
    ending(await compare(console, subjects, options));
  });

  addTableOptions(
    program
      .command('figures')
      .summary('write the pictures of a run, or charts of a sweep or of several runs')
      .argument('<run|sweep...>', anyHelp)
      .option('--db <file>', databaseHelp('the results'))
      .option('--format <format>', 'of charts: png, svg or both', 'both')
      .option('-o, --output <folder>', 'where to', 'figures'),
  ).action(async (subjects, options) => {
    const { figures } = await import('./commands/figures.js');
    ending(await figures(console, subjects, options));
  });

  addTableOptions(
    program
      .command('report')
      .summary('one HTML file with all of a sweep: tables, charts, pictures, identity')
      .argument('[sweep]', 'a sweep (s3, or by name)', 'last')
      .option('--db <file>', databaseHelp('the results'))
      .option('--interval <method>', 'student or bootstrap', 'student')
      .option('-o, --output <file>', 'the file to write; the name of the sweep by default'),
  ).action(async (sweep, options) => {
    const { report } = await import('./commands/report.js');
    ending(await report(console, sweep, options));
  });

  program
    .command('import')
    .summary('take runs and sweeps of another database into this one')
    .argument('<other>', 'the other database, or a bundle (.tgz); it is only read')
    .argument('[sweep|run...]', 'some of it: ids and names as `aedsl ls --db OTHER.db` lists them; all by default')
    .option('--db <file>', databaseHelp('the results'))
    .option('--json', 'as one object')
    .action(async (other, subjects, options) => {
      const { importCommand } = await import('./commands/import.js');
      ending(await importCommand(console, other, subjects, options, args));
    });

  program
    .command('rm')
    .summary('delete runs and sweeps with their files; what a sweep trained goes with it')
    .argument('<run|sweep...>', 'ids as `aedsl ls` lists them: r12, s3')
    .option('--yes', 'without asking')
    .option('--dry-run', 'say what would go, and delete nothing')
    .option('--json', 'as one object')
    .option('--db <file>', databaseHelp('the results'))
    .action(async (ids, options) => {
      const { rm } = await import('./commands/rm.js');
      ending(await rm(console, ids, options, args));
    });

  program
    .command('gc')
    .summary('delete files that no run needs, such as those of killed processes, and make the database small')
    .option('--dry-run', 'say what would go, and delete nothing')
    .option('--json', 'as one object')
    .option('--db <file>', databaseHelp('the results'))
    .action(async (options) => {
      const { gc } = await import('./commands/gc.js');
      ending(await gc(console, options, args));
    });

  program
    .command('export')
    .summary('write weights, or metrics, for other programs')
    .argument('<run|sweep>', 'an id or a name as `aedsl ls` lists it, `last` for the newest run, or a bundle (.tgz)')
    .requiredOption(
      '--as <format>',
      'csv, json (an object a line) or parquet; of a run also safetensors (PyTorch names and layouts), pytorch (a model and its training)',
    )
    .option('--rows <rows>', 'of csv, json and parquet: trials, epochs or steps')
    .option(...dataFolderOption)
    .option('-o, --output <file>', 'the file to write; for pytorch a folder')
    .option('--db <file>', databaseHelp('the results'))
    .action(async (id, options) => {
      const { exportResults } = await import('./commands/export.js');
      ending(await exportResults(console, id, options));
    });
}
