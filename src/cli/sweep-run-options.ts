import { type Command, Option } from '@commander-js/extra-typings';
import { UsageError } from '../api/project.js';
import { commandExecutor, readSshHost, roomElsewhere, type SshHost } from '../api/training.js';
import { exitCodes, Failure } from './failure.js';
import {
  checkpointEveryOption,
  choiceOption,
  databaseOption,
  integerOption,
  jsonOption,
  threadsOption,
} from './options.js';

const reporterNames = ['dashboard', 'plain', 'json', 'silent'] as const;

export type ReporterName = (typeof reporterNames)[number];

/** `--on` of what trains trials one beside the other, or of one run, which trains in this process. */
export function onOption(trains: 'trials' | 'a run') {
  const help =
    trains === 'trials'
      ? "where trials train: cores of this machine (the default), slurm, ssh:login.example.org, or 'command:srun aedsl work {job}', a program for each trial"
      : "where it trains: in this process (the default), or 'command:ssh node7 aedsl work {job}', a program that trains it";
  return new Option('--on <where>', help).argParser(readPlace);
}

export function reporterOption() {
  return choiceOption('--reporter <name>', 'dashboard, plain, json or silent', reporterNames);
}

export function addSweepRunOptions(command: Command) {
  return command
    .addOption(
      integerOption(
        '--jobs <n>',
        'trials that train at one time; by default one for each core, as far as the memory goes',
        1,
      ),
    )
    .addOption(onOption('trials'))
    .addOption(threadsOption('threads of each trial; by default as many as there are cores for'))
    .addOption(checkpointEveryOption)
    .option('--keep-checkpoints', 'keep the last checkpoint of each trial, so that it can train longer')
    .addOption(reporterOption())
    .addOption(jsonOption('one event a line'))
    .addOption(databaseOption('where the results go'));
}

type SweepRunOptions = ReturnType<ReturnType<typeof addSweepRunOptions>['opts']>;

/** @param store the results database; null to store nothing */
export async function sweepRunSettings(
  options: SweepRunOptions & { readonly dataFolder?: string | undefined },
  store: string | null,
  commandLine: readonly string[],
) {
  const { on, jobs, threads, checkpointEvery, keepCheckpoints, dataFolder } = options;
  const asked = { jobs: jobs ?? null, threads: threads ?? null };
  return {
    ...(on?.place === 'command'
      ? { ...roomElsewhere(asked), executor: await commandExecutor(on.command, store, dataFolder) }
      : {}),
    jobs: jobs ?? null,
    threads: threads ?? null,
    ...(checkpointEvery === undefined ? {} : { checkpoints: checkpointEvery }),
    keepCheckpoints: keepCheckpoints === true,
    commandLine,
  };
}

/** The place in which trials train. */
export type TrainingPlace =
  | { readonly place: 'cores' | 'slurm' }
  | { readonly place: 'ssh'; readonly host: SshHost }
  | { readonly place: 'command'; readonly command: string };

/** Parses `--on`. @throws UsageError */
function readPlace(text: string): TrainingPlace {
  if (text === 'cores' || text === 'slurm') return { place: text };
  if (text.startsWith('ssh:')) return { place: 'ssh', host: readSshHost(text.slice('ssh:'.length)) };
  const [, command] = /^command:(.*\S.*)$/s.exec(text) ?? [];
  if (command !== undefined) return { place: 'command', command };
  throw new UsageError(
    `trials cannot train on '${text}'`,
    "cores, slurm, ssh:login.example.org, or a command that is given the file of a job: --on 'command:aedsl work {job}'",
  );
}

/** The default reporter for this terminal. */
function fittingReporter(): ReporterName {
  return process.stdout.isTTY && process.stdin.isTTY ? 'dashboard' : 'plain';
}

/** @param otherwise the default @throws Failure for `--json` with another reporter */
export function reporterNamed(
  { reporter, json }: Pick<SweepRunOptions, 'reporter' | 'json'>,
  otherwise: ReporterName = fittingReporter(),
): ReporterName {
  if (json !== true) return reporter ?? otherwise;
  if (reporter === undefined || reporter === 'json') return 'json';
  throw new Failure(
    exitCodes.usage,
    `--json is --reporter json, and this is --reporter ${reporter}`,
    'choose one of them',
  );
}
