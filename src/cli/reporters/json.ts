import type { Listener } from '../../api/events.js';
import type { Console } from '../console.js';
import { jsonLine } from '../json.js';

/** One event a line, on standard output, without pictures. */
export function jsonReporter(console: Console): Listener {
  return (event) => {
    if (event.event !== 'preview') console.out(jsonLine(event));
  };
}
