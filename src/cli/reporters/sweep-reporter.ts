import type { SweepControls, SweepListener } from '../../api/events.js';
import { openStore, type Store } from '../../api/results.js';
import { storedTrials } from '../../api/watch.js';
import type { Console } from '../console.js';
import type { ReporterName } from '../sweep-run-options.js';
import { jsonSweepReporter } from './sweep-json.js';
import { plainSweepReporter } from './sweep-plain.js';

/** What shows a sweep while it runs. */
export interface SweepReporter {
  readonly listener: SweepListener;
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

/**
 * @param name null for what fits the terminal
 * @param store the results database, where there is one: the dashboard reads from it what no event tells
 */
export async function sweepReporter(
  console: Console,
  name: ReporterName | null,
  store: string | null,
): Promise<SweepReporter> {
  switch (name) {
    case 'json':
      return simple(console, jsonSweepReporter(console));
    case 'plain':
      return simple(console, plainSweepReporter(console));
    case 'silent':
      return simple(console, () => {});
    case 'dashboard':
    case null:
      return (await dashboardReporter(name !== null, store)) ?? simple(console, plainSweepReporter(console));
  }
}

function simple(console: Console, listener: SweepListener): SweepReporter {
  const nothing = () => {};
  return { listener, console, connect: nothing, previews: false, ended: async () => {}, close: nothing };
}

/** Null where the terminal can't show it, unless it was asked for. */
async function dashboardReporter(asked: boolean, path: string | null): Promise<SweepReporter | null> {
  const { stdin, stdout, env } = process;
  if (!asked && (!stdout.isTTY || !stdin.isTTY)) return null;
  const { canShowDashboard, openDashboard } = await import('../dashboard/dashboard.js');
  if (!canShowDashboard(stdin, stdout, env)) return null;
  const dashboard = await openDashboard({ mode: 'sweep', stdin, stdout, env, library: null });
  let stored: Store | null = null;
  const offerStored = async (file: string) => {
    try {
      stored = await openStore(file, { mode: 'read' });
      dashboard.offer(storedTrials(stored));
    } catch (error) {
      // The sweep goes on without what is only shown; its own writer says what is wrong with the database.
      dashboard.console.err(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    listener: (event) => {
      dashboard.listener(event);
      if (event.event === 'sweep_started' && path !== null && stored === null) void offerStored(path);
    },
    console: dashboard.console,
    connect: (controls) => dashboard.connect(controls),
    previews: true,
    ended: () => dashboard.ended,
    close: () => {
      dashboard.close();
      stored?.close();
    },
  };
}
