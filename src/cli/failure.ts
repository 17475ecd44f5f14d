/** What the process ends with; see the table in `docs/events.md`. */
export const exitCodes = {
  ok: 0,
  /** A trial failed or diverged, or a comparison differs. */
  failed: 1,
  usage: 2,
  /** The `.ae` file has errors. */
  experiment: 3,
  /** The environment or the storage. */
  environment: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An end of the command that the person is told about in a sentence, without a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;
  /** What to do about it. */
  readonly hint: string | null;

  constructor(exitCode: ExitCode, message: string, hint: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}
