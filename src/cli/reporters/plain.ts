import { printable } from '../../api/compiler.js';
import type { Listener } from '../../api/events.js';
import type { Console } from '../console.js';
import { type Clock, progressReporter } from './progress.js';
import { plainSweepReporter } from './sweep-plain.js';

/** For pipes, logs and plain terminals: a line per trial for a sweep; the progress of its only trial for a run. */
export function plainReporter(console: Console, clock: Clock = () => performance.now()): Listener {
  let listener: Listener | null = null;
  return (event) => {
    if (event.event === 'started') {
      listener = event.of === 'run' ? progressReporter(console, clock) : plainSweepReporter(console, clock);
    }
    if (listener !== null) listener(event);
    else if (event.event === 'note') console.err(`${printable(event.text)}\n`);
  };
}
