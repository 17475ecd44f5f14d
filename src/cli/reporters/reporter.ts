import type { Listener, SweepControls } from '../../api/events.js';
import type { Console } from '../console.js';
import type { ReporterName } from '../sweep-run-options.js';
import { jsonReporter } from './json.js';
import { plainReporter } from './plain.js';

/** What shows a sweep or a run while it trains. */
export interface Reporter {
  readonly listener: Listener;
  /** Where others print meanwhile. */
  readonly console: Console;
  readonly connect: (controls: SweepControls) => void;
  /** Whether small pictures are shown. */
  readonly previews: boolean;
  /** Resolves when the person has seen the end. */
  readonly ended: () => Promise<void>;
  /** Gives the terminal back. */
  readonly close: () => void;
}

/** @param store the results database, where there is one: the dashboard reads from it what no event tells */
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
