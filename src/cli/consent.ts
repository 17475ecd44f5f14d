import { createInterface } from 'node:readline/promises';
import type { Console } from './console.js';

/**
 * Asks before something is done that can't be undone, such as running the code of others.
 *
 * @param what a sentence that says what it is
 * @param given whether an option has said yes already
 * @param question `run it?`
 * @returns false where there is no terminal to ask on
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
  // Not as a terminal, so that Ctrl-C is a signal as everywhere else.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  // Ctrl-D closes the input, and the question is never answered.
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
