import { printable } from '../../api/compiler.js';
import type { Listener, SweepControls } from '../../api/events.js';
import type { Console } from '../console.js';
import { jsonLine } from '../json.js';
import type { ReporterName } from '../sweep-run-options.js';
import { type Clock, progressReporter } from './progress.js';
import { plainSweepReporter } from './sweep-plain.js';

/** Shows a sweep or run while it trains. */
export interface Reporter {
  readonly listener: Listener;
  /** Console to use meanwhile. */
  readonly console: Console;
  readonly connect: (controls: SweepControls) => void;
  /** Whether it shows previews. */
  readonly previews: boolean;
  /** Resolves when the user has seen the end. */
  readonly ended: () => Promise<void>;
  /** Restores the terminal. */
  readonly close: () => void;
}

/** @param store the results database, if there is one: the dashboard reads what no event reports */
type OpenReporter = (console: Console, store: string | null) => Promise<Reporter>;

const reporters: Readonly<Record<ReporterName, OpenReporter>> = {
  dashboard: async (console, store) => {
    const { dashboardReporter } = await import('./dashboard.js');
    return (await dashboardReporter(store)) ?? told(console, plainReporter(console));
  },
  plain: async (console) => told(console, plainReporter(console)),
  json: async (console) => told(console, jsonReporter(console)),
  silent: async (console) => told(console, () => {}),
};

export function openReporter(console: Console, name: ReporterName, store: string | null): Promise<Reporter> {
  return reporters[name](console, store);
}

function told(console: Console, listener: Listener): Reporter {
  const nothing = () => {};
  return { listener, console, connect: nothing, previews: false, ended: async () => {}, close: nothing };
}

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

/** One event a line, on standard output, without pictures. */
export function jsonReporter(console: Console): Listener {
  return (event) => {
    if (event.event !== 'preview') console.out(jsonLine(event));
  };
}
