import { resumeSweep, unfinished } from '../../api/training.js';
import { defineCommand, joined } from '../command.js';
import { sweepExit } from '../failure.js';
import { dataFolderOption } from '../options.js';
import { reported } from '../reported.js';
import { runTakenIn } from '../results.js';
import { addSweepRunOptions, reporterNamed, sweepRunSettings } from '../sweep-run-options.js';

/** Resumes a sweep or a run. */
export const command = defineCommand({
  about:
    'Continue a sweep or a run that was interrupted, from its last checkpoint. The result is the same to the bit as that of a training without interruption.',
  examples: ['aedsl resume', 'aedsl resume s1'],
  usage: (command) =>
    joined(
      command
        .argument(
          '[what]',
          'a sweep (s3, or its name) or a run (r12); the newest sweep or run that was interrupted by default',
        )
        .option('--failed', 'also the trials that failed')
        .addOption(dataFolderOption),
      addSweepRunOptions(command),
    ),
  async run({ console, commandLine, refuse, words }, [what], options) {
    const settings = await sweepRunSettings(options, options.db, commandLine);
    const reporterName = reporterNamed(options);
    const library = await words();
    const named = what === undefined ? null : await runTakenIn(console, what, options.db, commandLine, library);
    const found = await unfinished(options.db, named);
    if (found.kind === 'run') {
      refuse(['jobs', 'on', 'failed', 'keepCheckpoints'], `is for sweeps, and ${found.run} is one run`);
      const { resumeRun } = await import('./resume-run.js');
      return resumeRun(
        console,
        { run: found.run, store: options.db, reporter: reporterNamed(options, 'plain') },
        { ...settings, library, dataFolder: options.dataFolder ?? null },
      );
    }
    const done = await reported(console, { name: reporterName, store: options.db }, (connections, meanwhile) =>
      resumeSweep({
        ...settings,
        library,
        ...connections,
        store: options.db,
        sweep: found.sweep,
        failed: options.failed === true,
        dataFolder: options.dataFolder ?? null,
        onNote: (text) => meanwhile.err(`${text}\n`),
      }),
    );
    return sweepExit(done);
  },
});
