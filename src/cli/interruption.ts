import { closeSync, openSync } from 'node:fs';
import { isSystemError } from '../files/system-error.js';
import type { Console } from './console.js';
import { exitCodes } from './failure.js';

interface Interruption {
  readonly signal: AbortSignal;
  /** Restores the previous signal handling. */
  release(): void;
}

function usesTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY === true);
}

/** Whether the process has a controlling terminal, which sends SIGHUP when it closes. */
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
 * Whether SIGHUP only reports the end of a terminal that the process does not use, as after `nohup`, which redirects
 * all three streams. Node resets ignored signals when it starts, so whether SIGHUP was ignored is unknown. A process
 * without any terminal is sent it on purpose.
 */
const isHangUpOfOthers = !usesTerminal() && hasControllingTerminal();

/** Ignores the end of a terminal that the process does not use. */
export function ignoreHangUpsOfOthers(): void {
  if (isHangUpOfOthers) process.on('SIGHUP', () => {});
}

export function endingSignals(): readonly NodeJS.Signals[] {
  return isHangUpOfOthers ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
}

/**
 * The first signal ends the run after its step, keeping everything; the second ends the process. Closing the terminal
 * counts as the first. Output without a reader ends nothing.
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
    console.err('standard output is closed; continuing without it\n');
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

/** Runs an action that a signal can end. @param notice printed on interruption */
export async function interruptible<T>(
  console: Console,
  action: (signal: AbortSignal) => Promise<T>,
  notice = 'finishing the step; interrupt again to leave now',
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
