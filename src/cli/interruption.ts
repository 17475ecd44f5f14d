import { closeSync, openSync } from 'node:fs';
import { isSystemError } from '../files/system-error.js';
import type { Console } from './console.js';
import { exitCodes } from './failure.js';

interface Interruption {
  readonly signal: AbortSignal;
  /** Signals do again what they did before. */
  release(): void;
}

/** Whether the process reads from a terminal or writes to one. */
function usesTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY === true);
}

/** Whether the process belongs to a terminal, whose end the system tells by SIGHUP. */
function hasControllingTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/**
 * Whether SIGHUP only says that a terminal is gone that the process does not use, as one that `nohup` has started: it takes
 * the terminal away from all three streams. Node gives ignored signals their default action when it starts, so whether the
 * signal was ignored can't be known any more. A process without any terminal is sent it on purpose.
 */
const isHangUpOfOthers = !usesTerminal() && hasControllingTerminal();

/** Makes the end of a terminal harmless to a process that does not use it. */
export function ignoreHangUpsOfOthers(): void {
  if (isHangUpOfOthers) process.on('SIGHUP', () => {});
}

/** The signals that ask a command to end. */
export function endingSignals(): readonly NodeJS.Signals[] {
  return isHangUpOfOthers ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
}

/**
 * The first signal ends the run after its step, with everything kept; the second ends the process. A terminal that is closed
 * counts as the first one. Output that nobody reads any more ends nothing.
 */
function interruption(console: Console, notice: string): Interruption {
  const controller = new AbortController();
  const names = endingSignals();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    console.err(`\n${notice}\n`);
    controller.abort();
  };
  const onUnread = () => {
    console.err('nobody reads standard output any more; this goes on to its end without it\n');
  };
  for (const name of names) process.on(name, onSignal);
  console.unread.addEventListener('abort', onUnread);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, onSignal);
      console.unread.removeEventListener('abort', onUnread);
    },
  };
}

/**
 * Runs an action that a signal ends.
 *
 * @param notice what the person who interrupts it is told
 */
export async function interruptible<T>(
  console: Console,
  action: (signal: AbortSignal) => Promise<T>,
  notice = 'finishing the step; once more to leave now',
): Promise<T> {
  const { signal, release } = interruption(console, notice);
  try {
    return await action(signal);
  } finally {
    release();
  }
}

/** Resolves once the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
