import type { SweepEvent, SweepListener } from '../../api/events.js';
import type { Console } from '../console.js';
import { jsonLine } from '../json.js';

/** Every event as a line of JSON on standard output; pictures are for terminals and left out. */
export function jsonSweepReporter(console: Console): SweepListener {
  return (event: SweepEvent) => {
    if (event.event !== 'preview') console.out(jsonLine(event));
  };
}
