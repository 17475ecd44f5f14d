import type { Ended } from '../api/events.js';
import { UsageError } from '../api/project.js';
import { isOutOfMemory, systemSentence } from '../files/system-error.js';
import type { Console } from './console.js';

/** Exit codes; see the table in `docs/events.md`. */
export const exitCodes = {
  ok: 0,
  /** A trial failed or diverged, or a comparison found differences. */
  failed: 1,
  usage: 2,
  /** The `.ae` file has errors. */
  experiment: 3,
  /** A problem of the environment or the storage. */
  environment: 4,
  /** A bug in aedsl. */
  defect: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the command with a message for the user, without a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;
  readonly hint: string | null;

  constructor(exitCode: ExitCode, message: string, hint: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** Reports an error: a sentence, a hint, and with `--debug` a stack trace. */
export function report(error: unknown, console: Console, debug: boolean): ExitCode {
  const { exitCode, message, hint } = judge(error);
  // A message of several lines must not look like several messages.
  const text = message.split('\n').join('\n  ');
  console.err(`aedsl: ${text}\n`);
  if (hint !== null) console.err(`  ${hint.split('\n').join('\n  ')}\n`);
  if (debug && error instanceof Error) console.err(`${error.stack ?? ''}\n`);
  return exitCode;
}

/** Message, hint and exit code for an error that ended the command. */
export interface Judgement {
  readonly exitCode: ExitCode;
  readonly message: string;
  /** Suggested fix. */
  readonly hint: string | null;
}

/**
 * Classifies an error as the user's (exit codes 2 and 3), the system's (4) or a bug of ours. Every error that ends a
 * command, even an uncaught one, comes here.
 */
export function judge(error: unknown): Judgement {
  const message = error instanceof Error ? error.message : String(error);
  const hint = typeof error === 'object' && error !== null && 'hint' in error ? error.hint : undefined;
  const told = { message, hint: typeof hint === 'string' ? hint : null };
  if (error instanceof Failure) return { ...told, exitCode: error.exitCode };
  if (error instanceof Error && error.name === 'AbortError') {
    return { exitCode: exitCodes.interrupted, message: 'interrupted', hint: null };
  }
  // By its name, so that nothing that trains is loaded.
  if (error instanceof Error && error.name === 'TrialFailedError') return { ...told, exitCode: exitCodes.failed };
  if (error instanceof UsageError || namesWrongly(error)) return { ...told, exitCode: exitCodes.usage };
  // Errors with a hint come from files, data or the backend.
  if (told.hint !== null || isEnvironmental(error)) return { ...told, exitCode: exitCodes.environment };
  for (const each of causes(error)) {
    if (isOutOfMemory(each)) {
      return {
        exitCode: exitCodes.environment,
        message: `out of memory (${message})`,
        hint: 'close other programs, raise the memory limit, or train with smaller batches, fewer --jobs or less data',
      };
    }
    const sentence = systemSentence(each);
    if (sentence !== null) return { exitCode: exitCodes.environment, ...sentence };
  }
  return { ...told, exitCode: exitCodes.defect, hint: 'This is a bug in aedsl; --debug shows where.' };
}

function* causes(error: unknown): Iterable<unknown> {
  let each = error;
  // No real chain of causes is longer, and one may be circular.
  for (let depth = 0; depth < 8 && each instanceof Error; depth++) {
    yield each;
    each = each.cause;
  }
}

/** Whether a run is unknown or ambiguous. Store errors are identified by their reason, so as not to load SQLite. */
function namesWrongly(error: unknown): boolean {
  if (!(error instanceof Error) || !('reason' in error)) return false;
  return error.reason === 'unknown_run' || error.reason === 'ambiguous_run' || error.reason === 'needed';
}

/** Errors about what the machine lacks, by name, so that no engine is loaded to identify them. */
const environmental: ReadonlySet<string> = new Set([
  'BackendUnavailable',
  'UnsupportedPlatformError',
  'MemoryExhaustedError',
  'WorkerDiedError',
]);

function isEnvironmental(error: unknown): boolean {
  return error instanceof Error && environmental.has(error.name);
}

/** 130 if interrupted; 1 if a trial failed, diverged, trained to other bits, or could not be evaluated. */
export function trainingExit({ status, counts, differing, unevaluated }: Ended): ExitCode {
  if (status === 'interrupted') return exitCodes.interrupted;
  const failed = (counts.failed ?? 0) + (counts.diverged ?? 0) + differing.length + unevaluated.length;
  return failed > 0 ? exitCodes.failed : exitCodes.ok;
}
