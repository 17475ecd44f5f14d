import type { Listener } from '../../api/events.js';
import type { Console } from '../console.js';
import { jsonLine } from '../json.js';

/** One event a line. */
export function jsonReporter(console: Console): Listener {
  return (event) => console.out(jsonLine(event));
}
