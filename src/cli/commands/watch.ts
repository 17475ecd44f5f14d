import { setTimeout as pause } from 'node:timers/promises';
import { builtinWords } from '../../api/compiler.js';
import type { JournalEvent, Listener } from '../../api/events.js';
import { readStore } from '../../api/results.js';
import { bringSweep } from '../../api/training.js';
import { type Watch, watch as watchResults } from '../../api/watch.js';
import { defineCommand } from '../command.js';
import { type Console, Styled } from '../console.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { endingSignals } from '../interruption.js';
import { databaseOption, jsonOption } from '../options.js';
import { jsonReporter } from '../reporters/reporter.js';
import { plainSweepReporter } from '../reporters/sweep-plain.js';
import { agreeToPlan } from '../slurm-options.js';

/** Interval between reads of the database. */
const pollMilliseconds = 500;

/** Shows a sweep or run of any database, during or after its training. Read-only. */
export const command = defineCommand({
  about: 'Show the dashboard of a sweep or a run, while it trains or afterwards.',
  examples: ['aedsl watch --once', 'aedsl watch s1 --once'],
  usage: (command) =>
    command
      .argument('[sweep-or-run]', 'a sweep (`s3`, its name) or a run (`r12`); what was begun last by default')
      .addOption(databaseOption('the results'))
      .option('--once', 'print the first screen and end')
      .addOption(jsonOption('one event a line')),
  run({ console }, [subject], options) {
    return readStore(options.db, async (store) => {
      const watched = watchResults(store, subject ?? null, builtinWords, options.json === true ? 'all' : 'ranking');
      if (watched.broughtFrom !== null) await agreeToPlan(console, options.db, watched.broughtFrom.sweep);
      const bringing = broughtAlong(watched, options.db, options.once === true);
      await bringing.first;
      if (options.json === true)
        return follow(console, watched, bringing, jsonReporter(console), options.once === true);
      const { stdin, stdout, env } = process;
      if (options.once === true) {
        const { renderOnce } = await import('../dashboard/once.js');
        console.out(new Styled(renderOnce(watched, stdout, env)));
        return exitCodes.ok;
      }
      const { canShowDashboard, openDashboard } = await import('../dashboard/dashboard.js');
      if (!canShowDashboard(stdin, stdout, env))
        return follow(console, watched, bringing, plainSweepReporter(console), false);
      const dashboard = await openDashboard({
        mode: 'watch',
        stdin,
        stdout,
        env,
        library: watched.library,
        // The clock may have been set back.
        elapsedMilliseconds: Math.max(0, Date.now() - Date.parse(watched.started)),
      });
      const release = closeOnSignals(() => dashboard.close());
      try {
        const left = new AbortController();
        void dashboard.ended.then(() => left.abort());
        while (!left.signal.aborted) {
          for (const event of [...watched.poll(), ...bringing.notes()]) dashboard.listener(event);
          await pause(pollMilliseconds, undefined, { signal: left.signal }).catch(ignoreAbort);
        }
        return exitCodes.ok;
      } finally {
        dashboard.close();
        release();
      }
    });
  },
});

/** Interval between requests to a host, each of which is a connection. */
const bringMilliseconds = 5000;

/** Brings what comes from another host while it is watched. */
interface Bringing {
  /** Resolves once it was brought for the first time, or could not be. */
  readonly first: Promise<void>;
  /** Returns the messages since the last call, and asks the host for more. */
  notes(): readonly JournalEvent[];
}

function broughtAlong({ broughtFrom }: Watch, store: string, once: boolean): Bringing {
  if (broughtFrom === null) return { first: Promise.resolve(), notes: () => [] };
  const { sweep, host } = broughtFrom;
  let notes: JournalEvent[] = [];
  let said = '';
  let isBringing = false;
  let next = 0;
  const bring = async () => {
    isBringing = true;
    const text = await bringSweep(store, sweep).then(
      () => '',
      (error: unknown) => reasonOf(error),
    );
    if (text !== said && text !== '')
      notes.push({ event: 'note', trial: null, text: `nothing comes from ${host}: ${text}` });
    if (text !== said && text === '') notes.push({ event: 'note', trial: null, text: `${host} answers again` });
    said = text;
    next = performance.now() + bringMilliseconds;
    isBringing = false;
  };
  return {
    first: bring(),
    notes() {
      if (!isBringing && !once && performance.now() >= next) void bring();
      const since = notes;
      notes = [];
      return since;
    },
  };
}

/** @throws what is not about the host */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'hint' in error) return error.message;
  throw error;
}

/** Passes events to a listener until the end, or only those so far. */
async function follow(
  console: Console,
  watched: Watch,
  bringing: Bringing,
  listener: Listener,
  once: boolean,
): Promise<ExitCode> {
  while (!console.unread.aborted) {
    for (const event of [...watched.poll(), ...bringing.notes()]) listener(event);
    if (once || watched.isDone()) return exitCodes.ok;
    await pause(pollMilliseconds, undefined, { signal: console.unread }).catch(ignoreAbort);
  }
  return exitCodes.ok;
}

/** A signal ends watching like the key: nothing is lost. */
function closeOnSignals(close: () => void): () => void {
  const names = endingSignals();
  for (const name of names) process.on(name, close);
  return () => {
    for (const name of names) process.off(name, close);
  };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
