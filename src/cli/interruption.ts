import type { Console } from './console.js';
import { exitCodes } from './failure.js';

export interface Interruption {
  readonly signal: AbortSignal;
  /** Signals do again what they did before. */
  release(): void;
}

/** The first signal ends the run after its step, with everything kept; the second ends the process. */
export function interruption(console: Console): Interruption {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    console.err('\nfinishing the step; once more to leave now\n');
    controller.abort();
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
