import type { Listener, SweepControls } from '../../api/events.js';
import type { Console } from '../console.js';
import type { ReporterName } from '../sweep-run-options.js';
import { jsonReporter } from './json.js';
import { plainReporter } from './plain.js';

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
