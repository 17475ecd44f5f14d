import {
  isSubmitted,
  type ResumeRequest,
  resubmitSweep,
  resumeRun,
  resumeSweep,
  submittedPlan,
  unfinished,
  withdrawSweep,
} from '../../api/training.js';
import { defineCommand, joined } from '../command.js';
import { sayWaiting } from '../console.js';
import { diagnosed } from '../diagnostics.js';
import { exitCodes, trainingExit } from '../failure.js';
import { dataFolderOption } from '../options.js';
import { reported } from '../reported.js';
import { runTakenIn } from '../results.js';
import {
  addSlurmOptions,
  agreeToPlan,
  askedHost,
  hostBefore,
  hostOptionNames,
  refuseOnPlaces,
  rememberHost,
  slurmOptionNames,
  slurmSettingsOf,
  thisProgram,
} from '../slurm-options.js';
import { noteListener, syncedExit, tellSubmitted, tellSynced } from '../submitted-text.js';
import { addSweepRunOptions, reporterNamed, sweepRunSettings } from '../sweep-run-options.js';
import { tellPictures } from '../writing-files.js';

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
      joined(addSlurmOptions(command), addSweepRunOptions(command)),
    ),
  async run({ console, commandLine, refuse, words }, [what], options) {
    const settings = await sweepRunSettings(options, options.db, commandLine);
    // Reports bad options before searching for anything.
    reporterNamed(options);
    const library = await words();
    const named = what === undefined ? null : await runTakenIn(console, what, options.db, commandLine, library);
    const found = await unfinished(options.db, named);
    const { db: store, dataFolder = null } = options;
    const stored = { ...settings, library, store, dataFolder };
    if (found.kind === 'run') {
      refuse(
        ['jobs', 'failed', 'keepCheckpoints', ...slurmOptionNames, ...hostOptionNames],
        `is for sweeps, and ${found.run} is one run`,
      );
      if (options.on?.place === 'slurm' || options.on?.place === 'ssh') {
        refuse(['on'], `${options.on.place} is for sweeps, and ${found.run} is one run`);
      }
      const name = reporterNamed(options, 'plain');
      return reported(console, { name, store }, async (connections, meanwhile) => {
        const finished = await resumeRun({ ...stored, ...connections, run: found.run });
        finished.model?.dispose();
        tellPictures(meanwhile, name, finished);
        return trainingExit(finished.ended);
      });
    }
    const failed = options.failed === true;
    const isOnSlurm = isSubmitted(store, found.sweep);
    const before = isOnSlurm ? submittedPlan(store, found.sweep) : null;
    const checkpoints = settings.checkpoints ?? before?.checkpoints ?? null;
    const kept = checkpoints === null ? {} : { checkpoints };
    const request: ResumeRequest = { ...stored, ...kept, sweep: found.sweep, failed };
    const place = options.on?.place ?? (before === null ? 'cores' : before.host === null ? 'slurm' : 'ssh');
    if (place !== 'ssh') refuse(hostOptionNames, 'is for --on ssh');
    if (place === 'slurm' || place === 'ssh') {
      refuseOnPlaces(refuse);
      const settings = await slurmSettingsOf(console, options, before?.settings ?? null);
      const asked = { ...request, listener: noteListener(console), onWait: sayWaiting(console) };
      const typed = options.on?.place === 'ssh' ? askedHost(options.on.host, options) : null;
      // Wherever the rest goes, what has ended comes from where the sweep was.
      await agreeToPlan(console, store, found.sweep, { typed });
      const host = place === 'slurm' ? null : (typed ?? hostBefore(before, options));
      const site = { settings, program: thisProgram(), host, foundHost: rememberHost };
      const { synced, submitted } = await resubmitSweep(asked, site);
      const json = options.json === true;
      if (submitted === null) {
        tellSynced(console, synced, json);
        return syncedExit(synced);
      }
      tellSubmitted(console, submitted, json);
      return exitCodes.ok;
    }
    refuse(slurmOptionNames, 'is for a sweep that is submitted');
    await agreeToPlan(console, store, found.sweep);
    if (isOnSlurm) await withdrawSweep({ ...request, onWait: sayWaiting(console) });
    const name = reporterNamed(options);
    return diagnosed(console, name === 'json', async () => {
      const done = await reported(console, { name, store }, (connections) =>
        resumeSweep({ ...request, ...connections }),
      );
      return trainingExit(done);
    });
  },
});
