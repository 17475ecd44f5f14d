import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemCode, systemReason } from '../../files/system-error.js';
import { SshError, sshComplaint } from './ssh-error.js';
import { hostText, type SshHost } from './ssh-host.js';

/** What the host's shell runs. */
export interface HostCall {
  /** For bash, or for sh if there is none. What it prints before the line {@link beginning} is a banner. */
  readonly script: string;
  /** Goes to the script's standard input. */
  readonly input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Gets its output, in pieces. What it throws ends the connection. */
  readonly take?: (bytes: Uint8Array) => void;
  readonly compress?: boolean;
  readonly signal?: AbortSignal;
}

/** Line that a script prints before anything that is meant for us. */
export const beginning = 'aedsl-begins-here';

const limits = { banner: 2 ** 20, complaint: 20_000 } as const;

/**
 * Takes a script from standard input, so that nothing of it goes through the quoting of a login shell, which may be any
 * (without a quote, a backslash or an exclamation mark in it). `dd` with blocks of a byte reads no further than that.
 */
const launcher =
  'sh -c \'read -r n; s=$(dd bs=1 count=$n 2>/dev/null); if command -v bash >/dev/null 2>&1; then exec bash -lc "$s" aedsl; else exec sh -c "$s" aedsl; fi\'';

/** Options that let ssh ask nobody, and notice a dead connection within a minute. */
const options = [
  '-T',
  ...[
    'BatchMode=yes',
    'ConnectTimeout=20',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
    'LogLevel=ERROR',
  ].flatMap((option) => ['-o', option]),
];

/**
 * Runs a script on a host, through the system's ssh with its own configuration, keys and known hosts.
 * @throws SshError if the host can't be reached, the connection ends before the script, or the script fails
 */
export async function onHost(host: SshHost, call: HostCall): Promise<void> {
  const { script, input = [], take = () => {}, compress = false, signal } = call;
  const port = host.port === null ? [] : ['-p', String(host.port)];
  const args = [...options, ...(compress ? ['-C'] : []), ...port, '--', host.destination, launcher];
  const child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'], ...(signal ? { signal } : {}) });
  let complaint = '';
  const thrown: unknown[] = [];
  const output = new AfterBanner(take);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < limits.complaint) complaint += text;
  });
  child.stdout.on('data', (bytes: Buffer) => {
    if (thrown.length > 0) return;
    try {
      output.take(bytes);
    } catch (error) {
      thrown.push(error);
      child.kill();
    }
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(notStarted(error)));
    child.once('close', resolve);
  });
  let unsent: unknown = null;
  pipeline(Readable.from(withScript(script, input)), child.stdin).catch((error: unknown) => {
    unsent = error;
  });
  const code = await ended;
  if (thrown.length > 0) throw thrown[0];
  // What could not be read here, and not that the other end has gone.
  if (unsent !== null && !isCutShort(unsent)) throw unsent;
  if (code !== 0) throw sshComplaint(hostText(host), code, complaint);
}

function isCutShort(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function notStarted(error: Error): unknown {
  if (error.name === 'AbortError') return error;
  const reason = systemCode(error) === 'ENOENT' ? 'there is no such program here' : systemReason(error);
  return new SshError('not_installed', `cannot run ssh: ${reason}`, 'install the OpenSSH client', { cause: error });
}

async function* withScript(script: string, input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  const text = Buffer.from(script);
  yield Buffer.concat([Buffer.from(`${text.length}\n`), text]);
  yield* input;
}

/** Passes on what follows the first line that is {@link beginning}. */
class AfterBanner {
  readonly #take: (bytes: Uint8Array) => void;
  #banner: Buffer | null = Buffer.alloc(0);

  constructor(take: (bytes: Uint8Array) => void) {
    this.#take = take;
  }

  take(bytes: Buffer): void {
    if (this.#banner === null) {
      this.#take(bytes);
      return;
    }
    this.#banner = Buffer.concat([this.#banner, bytes]);
    const at = this.#banner.indexOf(`${beginning}\n`);
    if (at < 0) {
      if (this.#banner.length > limits.banner)
        throw new SshError('failed', 'the host says too much', 'see its profile');
      return;
    }
    const rest = this.#banner.subarray(at + beginning.length + 1);
    this.#banner = null;
    if (rest.length > 0) this.#take(rest);
  }
}
