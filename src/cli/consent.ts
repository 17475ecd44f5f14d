import { createInterface } from 'node:readline/promises';
import type { Console } from './console.js';

/**
 * Asks whether code of others may run.
 *
 * @param what a sentence that says whose code it is
 * @param given whether an option has said yes already
 * @returns false where there is no terminal to ask on
 */
export async function consent(console: Console, what: string, given: boolean, signal: AbortSignal): Promise<boolean> {
  if (given) return true;
  if (process.stdin.isTTY !== true || !console.interactive) return false;
  console.err(`${what}\n`);
  // Not as a terminal, so that Ctrl-C is a signal as everywhere else.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return /^y(es)?$/i.test((await lines.question('run it? [y/N] ', { signal })).trim());
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}
