import { UsageError } from '../../project/usage-error.js';

/** A host as ssh takes it. */
export interface SshHost {
  /** `login.example.org`, `ada@login.example.org`, or a name of ssh's own configuration. */
  readonly destination: string;
  /** Null for the one that ssh's configuration says. */
  readonly port: number | null;
}

const form =
  /^((?:[A-Za-z0-9_][\w.+-]{0,99}@)?(?:[A-Za-z0-9_][\w.-]{0,252}|\[[0-9A-Fa-f:.]{2,60}(?:%\w{1,30})?\]))(?::(\d{1,5}))?$/;

/**
 * Reads `HOST`, `USER@HOST` or `HOST:PORT`. Nothing that is accepted can be an option of ssh or a part of a command.
 * @throws UsageError
 */
export function readSshHost(text: string): SshHost {
  const [, name, port] = form.exec(text) ?? [];
  const number = port === undefined ? null : Number(port);
  if (name === undefined || (number !== null && (number < 1 || number > 65_535))) {
    throw new UsageError(
      `'${text}' is not the name of a host`,
      '--on ssh:login.example.org, ssh:ada@login.example.org, ssh:login.example.org:2222, or a Host of ~/.ssh/config',
    );
  }
  return { destination: name.replace(/[[\]]/g, ''), port: number };
}

/** Whether a text is a destination as {@link readSshHost} gives it. */
export function isDestination(text: string): boolean {
  return /^(?:[A-Za-z0-9_][\w.+-]{0,99}@)?(?:[A-Za-z0-9_][\w.-]{0,252}|[0-9A-Fa-f:.]{2,60}(?:%\w{1,30})?)$/.test(text);
}

/** As a person would write it. */
export function hostText({ destination, port }: SshHost): string {
  if (port === null) return destination;
  return destination.includes(':')
    ? `${destination.replace(/(^|@)(?=[^@]*$)/, '$1[')}]:${port}`
    : `${destination}:${port}`;
}
