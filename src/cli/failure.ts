import { UsageError } from '../api/project.js';
import { isOutOfMemory, systemSentence } from '../files/system-error.js';
import type { Console } from './console.js';

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
  /** A defect of aedsl. */
  defect: 70,
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

/** Every end that is not a result: a sentence, what to do, and a stack trace only where it was asked for. */
export function report(error: unknown, console: Console, debug: boolean): ExitCode {
  const { exitCode, message, hint } = judge(error);
  // A message of several lines must not look like several messages.
  const text = message.split('\n').join('\n  ');
  console.err(`aedsl: ${text}\n`);
  if (hint !== null) console.err(`  ${hint.split('\n').join('\n  ')}\n`);
  if (debug && error instanceof Error) console.err(`${error.stack ?? ''}\n`);
  return exitCode;
}

/** What a person is told of an error that ended the command. */
export interface Judgement {
  readonly exitCode: ExitCode;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | null;
}

/**
 * Whose an error is: the person's (exit codes 2 and 3), the system's (4) or ours, a defect. Every error that ends a command,
 * an uncaught one too, comes here.
 */
export function judge(error: unknown): Judgement {
  const message = error instanceof Error ? error.message : String(error);
  const hint = typeof error === 'object' && error !== null && 'hint' in error ? error.hint : undefined;
  const told = { message, hint: typeof hint === 'string' ? hint : null };
  if (error instanceof Failure) return { ...told, exitCode: error.exitCode };
  if (error instanceof UsageError || namesWrongly(error)) return { ...told, exitCode: exitCodes.usage };
  // Errors with a hint are those of files, the data and the backend.
  if (told.hint !== null || isEnvironmental(error)) return { ...told, exitCode: exitCodes.environment };
  for (const each of causes(error)) {
    if (isOutOfMemory(each)) {
      return {
        exitCode: exitCodes.environment,
        message: `out of memory (${message})`,
        hint: 'close other programs, raise the limit of memory, or train with smaller batches, fewer --jobs or less data',
      };
    }
    const sentence = systemSentence(each);
    if (sentence !== null) return { exitCode: exitCodes.environment, ...sentence };
  }
  return { ...told, exitCode: exitCodes.defect, hint: 'This is a defect of aedsl; --debug shows where.' };
}

function* causes(error: unknown): Iterable<unknown> {
  let each = error;
  // Nobody's chain of causes is longer, and one may lead to itself.
  for (let depth = 0; depth < 8 && each instanceof Error; depth++) {
    yield each;
    each = each.cause;
  }
}

/**
 * A run that is not in the database, or that can't be named alone; the store's errors are known by their reason, so that SQLite
 * isn't loaded for it.
 */
function namesWrongly(error: unknown): boolean {
  if (!(error instanceof Error) || !('reason' in error)) return false;
  return error.reason === 'unknown_run' || error.reason === 'ambiguous_run' || error.reason === 'needed';
}

/** What the machine lacks, by the names of errors, so that no engine is loaded to tell them. */
const environmental: ReadonlySet<string> = new Set([
  'BackendUnavailable',
  'UnsupportedPlatformError',
  'MemoryExhaustedError',
  'WorkerDiedError',
]);

function isEnvironmental(error: unknown): boolean {
  return error instanceof Error && environmental.has(error.name);
}
