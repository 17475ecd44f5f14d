import { builtinWords } from '../../api/compiler.js';
import { openStore, type Store } from '../../api/results.js';
import { storedTrials } from '../../api/watch.js';
import { canShowDashboard, openDashboard } from '../dashboard/dashboard.js';
import type { Reporter } from './reporter.js';

/** Null if the terminal cannot show it. */
export async function dashboardReporter(path: string | null): Promise<Reporter | null> {
  const { stdin, stdout, env } = process;
  if (!canShowDashboard(stdin, stdout, env)) return null;
  const dashboard = await openDashboard({ mode: 'sweep', stdin, stdout, env, library: null });
  let stored: Store | null = null;
  const offerStored = async (file: string) => {
    try {
      stored = await openStore(file, { mode: 'read' });
      dashboard.offer(storedTrials(stored, builtinWords));
    } catch (error) {
      // The training continues without the view; its own writer reports problems with the database.
      dashboard.console.err(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    listener: (event) => {
      dashboard.listener(event);
      if (event.event === 'started' && path !== null && stored === null) void offerStored(path);
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
