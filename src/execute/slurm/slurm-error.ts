/** Why Slurm can't take, run or tell of a sweep. */
export type SlurmReason =
  | 'not_installed'
  | 'not_configured'
  | 'unreachable'
  | 'unknown_partition'
  | 'account'
  | 'over_limit'
  | 'time_limit'
  | 'too_large'
  | 'refused'
  | 'odd_answer';

export class SlurmError extends Error {
  override readonly name = 'SlurmError';

  constructor(
    readonly reason: SlurmReason,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Known {
  /** In the words of Slurm, in lower case. */
  readonly says: readonly string[];
  readonly reason: SlurmReason;
  readonly hint: string;
}

const complaints: readonly Known[] = [
  {
    says: ['invalid partition', 'partition specified', 'partition not'],
    reason: 'unknown_partition',
    hint: '`sinfo` lists the partitions; name one with --partition, or under "slurm" in aedsl.config.json',
  },
  {
    says: ['invalid account', 'account/partition', 'invalid qos'],
    reason: 'account',
    hint: '`sacctmgr show associations user=$USER` lists what you may use; name it with --account and --qos',
  },
  {
    says: ['accounting/qos policy', 'assocmaxsubmit', 'qosmaxsubmit', 'job submit limit', 'maxsubmit'],
    reason: 'over_limit',
    hint: 'the account has no quota left, or takes fewer tasks: put several trials in one with --per-task, or wait for others to end',
  },
  {
    says: ['time limit'],
    reason: 'time_limit',
    hint: '`sinfo -o "%P %l"` lists the longest time of each partition; ask for less with --time',
  },
  {
    says: [
      'node configuration is not available',
      'too many cpus',
      'more processors',
      'memory specification',
      'node count',
    ],
    reason: 'too_large',
    hint: '`sinfo -o "%P %c %m"` lists the cores and the memory of the nodes; ask for less with --cpus and --memory',
  },
  {
    says: ['configuration source'],
    reason: 'not_configured',
    hint: 'run this on a login node of the cluster, where `sinfo` works; SLURM_CONF may have to name its configuration',
  },
  {
    says: ['unable to contact', 'connection refused', 'communication', 'timed out', 'controller'],
    reason: 'unreachable',
    hint: 'ask whoever runs the cluster, or try again later; nothing is submitted twice',
  },
];

/** Longest complaint that is repeated. */
const mostCharacters = 500;

/** What a program of Slurm complained about, as an error. @param program such as `sbatch` */
export function slurmComplaint(program: string, output: string): SlurmError {
  const lines = output.split('\n').flatMap((line) => line.trim() || []);
  const text = lines
    .map((line) => line.replace(/^\w+: (error: )?/, ''))
    .join('; ')
    .slice(0, mostCharacters);
  const known = complaints.find(({ says }) => says.some((words) => output.toLowerCase().includes(words)));
  const message = `${program} refuses: ${text === '' ? 'it says nothing' : text}`;
  return new SlurmError(known?.reason ?? 'refused', message, known?.hint ?? `\`${program}\` of this cluster says why`);
}
