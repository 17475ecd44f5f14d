import type { Console } from './console.js';
import { exitCodes } from './failure.js';

interface Interruption {
  readonly signal: AbortSignal;
  /** Signals do again what they did before. */
  release(): void;
}

/**
 * The first signal ends the run after its step, with everything kept; the second ends the process. A terminal or a pipe
 * that is closed counts as the first one.
 */
function interruption(console: Console): Interruption {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    console.err('\nfinishing the step; once more to leave now\n');
    controller.abort();
  };
  const onClosed = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    controller.abort();
  };
  const outputs = [process.stdout, process.stderr];
  for (const name of names) process.on(name, onSignal);
  for (const output of outputs) output.on('error', onClosed);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, onSignal);
      for (const output of outputs) output.off('error', onClosed);
    },
  };
}

/** Does what a signal ends. */
export async function interruptible<T>(console: Console, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, release } = interruption(console);
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
