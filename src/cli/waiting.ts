import type { Writer } from '../api/results.js';
import type { Console } from './console.js';

/** Says whom it waits for. */
export function sayWaiting(console: Console): (writer: Writer | null) => void {
  return (writer) => {
    const who = writer ? `process ${writer.pid} (\`${writer.command}\`)` : 'another process';
    console.err(`waiting for ${who}, which writes the same database\n`);
  };
}
