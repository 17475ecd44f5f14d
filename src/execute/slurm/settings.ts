import * as v from 'valibot';
import { configName, readProjectConfig } from '../../project/project-config.js';
import { UsageError } from '../../project/usage-error.js';
import { mostThreads } from '../../runtime/backend/backend.js';
import {
  checked,
  JsonError,
  listOf,
  nullable,
  object,
  oneOf,
  type Schema,
  text,
  wholeNumber,
} from '../../runtime/formats/json.js';

/** What a sweep asks of Slurm; null for what the cluster gives by default. */
export interface SlurmSettings {
  readonly partition: string | null;
  readonly account: string | null;
  readonly qos: string | null;
  readonly constraint: string | null;
  /** Time limit of a task, in one of Slurm's forms. */
  readonly time: string | null;
  /** Cores of each trial. */
  readonly cpus: number;
  /** Memory of a task, such as `4G`. */
  readonly memory: string | null;
  /** Most tasks that run at the same time. */
  readonly limit: number | null;
  /** Trials that a task trains one after another; null to judge by earlier runs. */
  readonly perTask: number | null;
  /** Lines of bash that run first on a node. */
  readonly setup: readonly string[];
}

export const noSlurmSettings: SlurmSettings = {
  partition: null,
  account: null,
  qos: null,
  constraint: null,
  time: null,
  cpus: 1,
  memory: null,
  limit: null,
  perTask: null,
  setup: [],
};

const limits = { limit: 1_000_000, perTask: 10_000, setup: 100, line: 10_000, name: 200 } as const;

/** A text with this form, which Slurm can't take for an option or for several words. */
function written(form: RegExp, such: string): Schema<string> {
  return v.pipe(text, v.regex(form, `is not written as Slurm does, such as ${such}`));
}

const name = written(new RegExp(`^\\w[\\w.,@+-]{0,${limits.name - 1}}$`), 'long');
const fields = {
  partition: name,
  account: name,
  qos: name,
  constraint: written(/^[\w[][\w.,|&*()[\]:-]{0,199}$/, 'avx2'),
  time: written(/^(?:\d{1,4}-\d{1,2}(?::\d{1,2}){0,2}|\d{1,6}(?::\d{1,2}){0,2})$/, '30:00, 2:00:00 or 1-12'),
  cpus: wholeNumber(1, mostThreads),
  memory: written(/^\d{1,9}[KMGT]?$/, '4G'),
  limit: wholeNumber(1, limits.limit),
  perTask: wholeNumber(1, limits.perTask),
  setup: listOf(
    v.pipe(text, v.regex(/^[^\n\r\0]*$/, 'is more than a line'), v.maxLength(limits.line, 'is too long')),
    limits.setup,
  ),
} as const;

/** The settings of a sweep, as they are kept with it. */
export const slurmSettings: Schema<SlurmSettings> = object({
  partition: nullable(fields.partition),
  account: nullable(fields.account),
  qos: nullable(fields.qos),
  constraint: nullable(fields.constraint),
  time: nullable(fields.time),
  cpus: fields.cpus,
  memory: nullable(fields.memory),
  limit: nullable(fields.limit),
  perTask: nullable(fields.perTask),
  setup: fields.setup,
});

/** Settings that a project or a person gives. */
export type GivenSlurmSettings = { readonly [Name in keyof SlurmSettings]?: NonNullable<SlurmSettings[Name]> };

/** The `slurm` of a project's `aedsl.config.json`. */
export const givenSlurmSettings: Schema<GivenSlurmSettings> = v.strictObject(
  {
    partition: v.exactOptional(fields.partition),
    account: v.exactOptional(fields.account),
    qos: v.exactOptional(fields.qos),
    constraint: v.exactOptional(fields.constraint),
    time: v.exactOptional(fields.time),
    cpus: v.exactOptional(fields.cpus),
    memory: v.exactOptional(fields.memory),
    limit: v.exactOptional(fields.limit),
    perTask: v.exactOptional(fields.perTask),
    setup: v.exactOptional(fields.setup),
  },
  'has an unknown setting',
);

/** Settings in the `aedsl.config.json` of a project. @throws UsageError, FileError */
export function projectSlurmSettings(folder: string): GivenSlurmSettings {
  try {
    return checked(givenSlurmSettings, readProjectConfig(folder).slurm ?? {}, 'slurm');
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new UsageError(`${configName}: ${error.message}`, 'docs/cluster.md lists the settings of Slurm');
  }
}

/** How a host trains that is reached by ssh. */
export interface HostSettings {
  /** Where aedsl, data and sweeps go there; below the home unless it is absolute. */
  readonly folder: string;
  /** `auto`: by Slurm if it has one. */
  readonly scheduler: 'auto' | 'slurm' | 'cores';
}

const noHostSettings: HostSettings = { folder: '.aedsl', scheduler: 'auto' };

/** A folder of another host, which no line break or option can be in. */
const hostFolder = v.pipe(
  text,
  v.regex(/^[^\p{Cc}-][^\p{Cc}]{0,999}$/u, 'is not the path of a folder'),
  v.regex(/^(?!~)/, 'begins with ~; paths are below the home there unless they begin with /'),
);

const givenHostSettings = v.strictObject(
  { folder: v.exactOptional(hostFolder), scheduler: v.exactOptional(oneOf('auto', 'slurm', 'cores')) },
  'has an unknown setting',
);

/** The `ssh` of a project's `aedsl.config.json`. @throws UsageError, FileError */
export function projectHostSettings(folder: string): HostSettings {
  try {
    return { ...noHostSettings, ...checked(givenHostSettings, readProjectConfig(folder).ssh ?? {}, 'ssh') };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new UsageError(`${configName}: ${error.message}`, 'docs/cluster.md lists the settings of hosts');
  }
}

/** Checks a folder that was typed. @throws UsageError */
export function typedHostFolder(path: string): string {
  const { success, issues } = v.safeParse(hostFolder, path, { abortEarly: true });
  if (success) return path;
  throw new UsageError(`--host-folder ${issues[0].message}, and not '${path}'`, '--host-folder /scratch/ada/aedsl');
}

/** Checks settings that were typed. @throws UsageError */
export function typedSlurmSettings(given: GivenSlurmSettings): GivenSlurmSettings {
  const { success, output, issues } = v.safeParse(givenSlurmSettings, given, { abortEarly: true });
  if (success) return output;
  const [{ path = [], message }] = issues;
  const [key, value] = [String(path[0]?.key), path[0]?.value];
  const flag = key === 'perTask' ? 'per-task' : key;
  throw new UsageError(
    `--${flag} ${message}, and not '${String(value)}'`,
    '`aedsl sweep --help` lists the options of Slurm',
  );
}

/** Seconds of a time limit in one of Slurm's forms: `30` (minutes), `30:00`, `2:00:00`, `1-12`, `1-12:30`, `1-12:30:00`. */
export function timeSeconds(time: string): number {
  const [days, rest] = time.includes('-') ? time.split('-') : [null, time];
  const numbers = (rest ?? '').split(':').map(Number);
  const [first = 0, second = 0, third = 0] = numbers;
  if (days !== null) return Number(days) * 86_400 + first * 3600 + second * 60 + third;
  if (numbers.length === 3) return first * 3600 + second * 60 + third;
  return first * 60 + second;
}

/** Most seconds before the time limit at which a task is told to take a checkpoint. */
const mostLead = 120;

/** Seconds before the time limit at which a task is told to take a checkpoint. */
export function leadSeconds(time: string | null): number {
  return time === null ? mostLead : Math.max(1, Math.min(mostLead, Math.floor(timeSeconds(time) / 4)));
}

/** The settings as options of `sbatch`. */
export function sbatchOptions(settings: SlurmSettings): readonly string[] {
  const { partition, account, qos, constraint, time, cpus, memory } = settings;
  const option = (flag: string, value: string | number | null) => (value === null ? [] : [`--${flag}=${value}`]);
  return [
    ...option('partition', partition),
    ...option('account', account),
    ...option('qos', qos),
    ...option('constraint', constraint),
    ...option('time', time),
    ...option('mem', memory),
    `--signal=B:USR2@${leadSeconds(time)}`,
    '--ntasks=1',
    `--cpus-per-task=${cpus}`,
    '--requeue',
  ];
}
