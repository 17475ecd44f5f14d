/** Why a host can't be reached, or can't train. */
export type SshReason =
  | 'not_installed'
  | 'unknown_host'
  | 'host_key'
  | 'refused'
  | 'unreachable'
  | 'cut'
  | 'no_node'
  | 'no_tar'
  | 'no_space'
  | 'not_writable'
  | 'no_scheduler'
  | 'failed';

export class SshError extends Error {
  override readonly name = 'SshError';

  constructor(
    readonly reason: SshReason,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Known {
  /** In the words of ssh or of the host's system, in lower case. */
  readonly says: readonly string[];
  readonly reason: SshReason;
  readonly hint: (host: string) => string;
}

const complaints: readonly Known[] = [
  {
    says: ['could not resolve hostname', 'name or service not known'],
    reason: 'unknown_host',
    hint: (host) => `check the name; \`ssh ${host}\` must work, and ~/.ssh/config may say what it stands for`,
  },
  {
    says: ['host key verification failed', 'remote host identification has changed'],
    reason: 'host_key',
    hint: (host) => `run \`ssh ${host}\` yourself once, and compare the key that it shows; aedsl accepts none for you`,
  },
  {
    says: ['permission denied (', 'too many authentication failures', 'no supported authentication'],
    reason: 'refused',
    hint: (host) =>
      `nobody is asked for a password here: \`ssh -o BatchMode=yes ${host} true\` must work; \`ssh-copy-id ${host}\` or an agent brings a key`,
  },
  {
    says: [
      'connection refused',
      'timed out',
      'no route to host',
      'network is unreachable',
      'connection reset by peer port',
    ],
    reason: 'unreachable',
    hint: (host) => `\`ssh ${host}\` says the same; check the network and the port, or try again later`,
  },
  {
    says: ['no space left', 'disk quota exceeded', 'file too large'],
    reason: 'no_space',
    hint: () => 'make room there, or name a folder on another disk with --host-folder',
  },
  {
    says: [
      'permission denied',
      'read-only file system',
      'not a directory',
      'cannot create directory',
      'operation not permitted',
    ],
    reason: 'not_writable',
    hint: () => 'name a folder where you may write with --host-folder',
  },
];

/** Longest complaint that is repeated. */
const mostCharacters = 400;

/** What ssh, or a program on the host, complained about. @param code of ssh: 255 if it is its own complaint */
export function sshComplaint(host: string, code: number | null, output: string): SshError {
  const lines = output
    .split('\n')
    .flatMap((line) => line.trim().replace(/^(?:aedsl|ssh|sh|bash|mkdir|tar): /, '') || []);
  const said = lines.slice(-4).join('; ').slice(0, mostCharacters);
  const isOwn = code === 255 || code === null;
  const lower = output.toLowerCase();
  const known = complaints.find(({ says }) => says.some((words) => lower.includes(words)));
  if (known !== undefined) return new SshError(known.reason, `${host}: ${said}`, known.hint(host));
  if (isOwn) {
    const why = said === '' ? '' : `: ${said}`;
    return new SshError('cut', `the connection to ${host} ended${why}`, 'nothing is lost or done twice: try again');
  }
  return new SshError(
    'failed',
    `${host} ended with code ${code}${said === '' ? '' : `: ${said}`}`,
    `\`ssh ${host}\` shows what its shell says at the start`,
  );
}
