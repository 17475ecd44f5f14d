import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Command, Option } from '@commander-js/extra-typings';
import { findProject } from '../api/project.js';
import {
  type AskedHost,
  type HostPlace,
  hostText,
  isSubmitted,
  mostThreads,
  noSlurmSettings,
  projectHostSettings,
  projectSlurmSettings,
  quoted,
  type SlurmSettings,
  type SshHost,
  type SweepPlanFile,
  submittedPlan,
  type TaskProgram,
  typedHostFolder,
  typedSlurmSettings,
} from '../api/training.js';
import { configName, notYetAllowed, rememberAllowed } from '../api/words.js';
import { consent } from './consent.js';
import type { Console } from './console.js';
import { exitCodes, Failure } from './failure.js';
import { choiceOption, integerOption, repeatedOption } from './options.js';

/** Names of the options that only `--on slurm` and `--on ssh` take. */
export const slurmOptionNames = [
  'partition',
  'account',
  'qos',
  'constraint',
  'time',
  'cpus',
  'memory',
  'limit',
  'perTask',
  'setup',
] as const;

/** Names of the options that only `--on ssh` takes. */
export const hostOptionNames = ['hostFolder', 'scheduler'] as const;

const help = `
With --on slurm, or on another host with --on ssh:HOST, trials are submitted and the command ends; \`aedsl sync\` merges
what has come, and \`aedsl watch\` shows it. The options of Slurm are those of sbatch; aedsl.config.json may have them
under "slurm", and those of hosts under "ssh".
`;

export function addSlurmOptions(command: Command) {
  const group = 'Options of Slurm:';
  return command
    .addHelpText('after', help)
    .addOption(new Option('--partition <name>', 'the partition').helpGroup(group))
    .addOption(new Option('--account <name>', 'the account').helpGroup(group))
    .addOption(new Option('--qos <name>', 'the quality of service').helpGroup(group))
    .addOption(new Option('--constraint <features>', 'features of the nodes').helpGroup(group))
    .addOption(new Option('--time <limit>', 'the time limit of a task: 30:00, 2:00:00, 1-12').helpGroup(group))
    .addOption(integerOption('--cpus <n>', 'cores of each trial; 1 by default', 1, mostThreads).helpGroup(group))
    .addOption(new Option('--memory <size>', 'memory of a task: 4G').helpGroup(group))
    .addOption(integerOption('--limit <n>', 'most tasks that run at one time', 1).helpGroup(group))
    .addOption(integerOption('--per-task <n>', 'trials that a task trains one after another', 1).helpGroup(group))
    .addOption(repeatedOption('--setup <line>', 'a line of bash that a node runs first').helpGroup(group))
    .addOption(
      choiceOption('--scheduler <which>', 'what trains on a host: slurm, cores, or auto, Slurm if it has one', [
        'auto',
        'slurm',
        'cores',
      ] as const).helpGroup(hostGroup),
    )
    .addOption(
      new Option(
        '--host-folder <path>',
        'for aedsl, data and sweeps on a host; .aedsl in its home by default',
      ).helpGroup(hostGroup),
    );
}

const hostGroup = 'Options of --on ssh:';

/** Refuses options of trainings on this machine. */
export function refuseOnPlaces(
  refuse: (names: readonly ['keepCheckpoints', 'jobs', 'threads', 'reporter'], problem: string, hint: string) => void,
): void {
  refuse(
    ['keepCheckpoints', 'jobs', 'threads', 'reporter'],
    'has no effect where trials are submitted',
    '--limit and --cpus are for it',
  );
}

/** A host, with the settings that were typed, or else those of the project. @throws UsageError */
export function askedHost(host: SshHost, { hostFolder, scheduler }: SlurmOptions): AskedHost {
  const { folder } = findProject(process.cwd());
  const project = projectHostSettings(folder);
  return {
    ...host,
    folder: hostFolder === undefined ? project.folder : typedHostFolder(hostFolder),
    scheduler: scheduler ?? project.scheduler,
  };
}

type SlurmOptions = ReturnType<ReturnType<typeof addSlurmOptions>['opts']>;

/**
 * Settings that were typed, before those of the sweep's earlier submission, if there was one, or of the project.
 * @throws Failure without agreement to setup lines that nobody typed, which are code; UsageError
 */
export async function slurmSettingsOf(
  console: Console,
  options: SlurmOptions,
  submitted: SlurmSettings | null = null,
): Promise<SlurmSettings> {
  const { folder } = findProject(process.cwd());
  const typed = typedSlurmSettings(
    Object.fromEntries(
      slurmOptionNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const])),
    ),
  );
  const settings = { ...(submitted ?? { ...noSlurmSettings, ...projectSlurmSettings(folder) }), ...typed };
  if (settings.setup.length > 0) await agreeTo(settings.setup, typed.setup !== undefined, folder, console);
  return settings;
}

/** The host that a sweep was submitted to, with what was typed since. @throws UsageError */
export function hostBefore(
  before: Pick<SweepPlanFile, 'host'> | null,
  { hostFolder, scheduler }: SlurmOptions,
): AskedHost | null {
  const host = before?.host ?? null;
  if (host === null) return null;
  return {
    destination: host.destination,
    port: host.port,
    folder: hostFolder === undefined ? host.base : typedHostFolder(hostFolder),
    scheduler: scheduler ?? host.scheduler,
  };
}

/**
 * Asks before a submitted sweep has this machine do what only its files say: talk to a host, and run setup lines, there
 * whenever it is asked something, on nodes where trials are submitted.
 * @param typed a host that the user named
 * @throws Failure without agreement
 */
export async function agreeToPlan(
  console: Console,
  store: string,
  sweep: string,
  { submits = false, typed = null }: { readonly submits?: boolean; readonly typed?: AskedHost | null } = {},
): Promise<void> {
  if (!isSubmitted(store, sweep)) return;
  const { host, settings } = submittedPlan(store, sweep);
  if (host !== null) await agreeToHost(host, typed, sweep, console);
  if ((host === null && !submits) || settings.setup.length === 0) return;
  await agreeTo(settings.setup, false, findProject(process.cwd()).folder, console);
}

type Place = SshHost & Pick<HostPlace, 'base'>;

/** Records that the user named a host, or agreed to it, so that `sync` and `watch` don't ask. */
export function rememberHost(host: Place): void {
  const known = knownHost(host);
  if (notYetAllowed([known], process.env).length > 0) rememberAllowed([known], process.env);
}

function knownHost({ destination, port, base }: Place) {
  // No setup line has such a start.
  const sha256 = createHash('sha256').update(`ssh.host\0${destination}\0${port}\0${base}`).digest('hex');
  return { name: 'ssh.host', path: `${hostText({ destination, port })}:${base}`, sha256 };
}

/** Whoever answers for a host runs what aedsl starts there as the user, so a file alone can't choose it. */
async function agreeToHost(host: HostPlace, typed: AskedHost | null, sweep: string, console: Console): Promise<void> {
  if (notYetAllowed([knownHost(host)], process.env).length === 0) return;
  const { destination, port, base } = host;
  const isTyped = typed?.destination === destination && typed.port === port && typed.folder === base;
  const what = `${sweep} was submitted to ${hostText(host)}, says its folder: aedsl runs there as you, from ${base}`;
  if (await consent(console, what, isTyped, new AbortController().signal, 'connect, now and from now on?')) {
    rememberHost(host);
    return;
  }
  throw new Failure(
    exitCodes.usage,
    `${sweep} was submitted to ${hostText(host)}, in ${base}, and you have not agreed to connect to it`,
    `in a terminal you are asked; or name it: aedsl resume ${sweep} --on ssh:${hostText(host)} --host-folder ${quoted(base)}`,
  );
}

/** Setup lines in files need the user's agreement, as words from outside do; typing them is one. */
async function agreeTo(setup: readonly string[], isTyped: boolean, folder: string, console: Console): Promise<void> {
  const path = join(folder, configName);
  const sha256 = createHash('sha256').update(setup.join('\n')).digest('hex');
  const code = { name: 'slurm.setup', path, sha256 };
  if (notYetAllowed([code], process.env).length === 0) return;
  const listed = setup.map((line) => `  ${line}`).join('\n');
  const what = `the settings for Slurm have lines that nodes run as you before each task:\n${listed}`;
  const question = 'run them, now and until they change?';
  if (await consent(console, what, isTyped, new AbortController().signal, question)) {
    rememberAllowed([code], process.env);
    return;
  }
  throw new Failure(
    exitCodes.usage,
    `there are setup lines for Slurm that you have not agreed to run:\n${listed}`,
    'look at them, and give each yourself with --setup',
  );
}

/** How nodes start this program: as it was started here. */
export function thisProgram(): TaskProgram {
  const [, script] = process.argv;
  if (script === undefined) throw new RangeError('this process was started without a script');
  return [process.execPath, resolve(script)];
}
