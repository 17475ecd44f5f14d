import { closeSync, openSync } from 'node:fs';
import { isSystemError } from '../files/system-error.js';
import type { Console } from './console.js';
import { exitCodes } from './failure.js';

interface Interruption {
  readonly signal: AbortSignal;
  /** Takes over from the system, which ends the process at a signal, whatever it is computing. */
  listen(): void;
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
  console.unread.addEventListener('abort', onUnread);
  let isListening = false;
  return {
    signal: controller.signal,
    listen: () => {
      if (!isListening) for (const name of names) process.on(name, onSignal);
      isListening = true;
    },
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
  notice?: string,
): Promise<T> {
  return interruptibleOnceBegun(
    console,
    (signal, begun) => {
      begun();
      return action(signal);
    },
    notice,
  );
}

/**
 * Runs an action that a signal ends at once until `begun` is called, and cleanly from then on. Reading data can take
 * minutes without a pause in which a signal would be heard, and there is nothing to keep yet.
 */
export async function interruptibleOnceBegun<T>(
  console: Console,
  action: (signal: AbortSignal, begun: () => void) => Promise<T>,
  notice = 'finishing the step; interrupt again to leave now',
): Promise<T> {
  const { signal, listen, release } = interruption(console, notice);
  try {
    return await action(signal, listen);
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
