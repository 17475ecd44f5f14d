import { createInterface } from 'node:readline/promises';
import type { Console } from './console.js';

/**
 * Asks before something irreversible, such as running third-party code.
 *
 * @param what a sentence that describes it
 * @param given whether an option has already consented
 * @param question `run it?`
 * @returns false without a terminal to ask on
 */
export async function consent(
  console: Console,
  what: string,
  given: boolean,
  signal: AbortSignal,
  question = 'run it?',
): Promise<boolean> {
  if (given) return true;
  if (process.stdin.isTTY !== true || !console.interactive) return false;
  console.err(`${what}\n`);
  // Not in terminal mode, so that Ctrl-C stays a signal.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  // Ctrl-D closes the input without an answer.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}
