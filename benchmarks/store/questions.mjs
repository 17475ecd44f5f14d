// What is asked of the database that large-database.mjs builds. `node benchmarks/store/questions.mjs DATABASE QUESTION` asks one
// of them in this process, which has answered none before, and prints the milliseconds that it took.
import { fileURLToPath } from 'node:url';
import { renderToString } from 'ink';
import { createElement } from 'react';
import { App } from '../../dist/src/cli/dashboard/components/app.js';
import { themeOf } from '../../dist/src/cli/dashboard/drawing/theme.js';
import { reduce } from '../../dist/src/cli/dashboard/state/reduce.js';
import { initialState } from '../../dist/src/cli/dashboard/state/state.js';
import { StoredTrials } from '../../dist/src/cli/dashboard/stored-trials.js';
import { main } from '../../dist/src/cli/program.js';
import { watch } from '../../dist/src/results/watch.js';
import { openDatabase } from '../../dist/src/runtime/store/sqlite.js';
import { openStore } from '../../dist/src/runtime/store/store.js';

const silent = {
  out: () => {},
  err: () => {},
  data: () => {},
  redraw: () => {},
  colour: { out: false, err: false },
  interactive: false,
  columns: 200,
  unread: new AbortController().signal,
  incomplete: () => false,
  flushed: () => Promise.resolve(),
};

/** A question that opens the database itself. */
const opening = (ask) => (db) => () => ask(db);
/** A whole command but for the start of Node. */
const command = (...words) =>
  opening(async (db) => {
    const code = await main([...words, '--db', db], silent);
    if (code !== 0) throw new Error(`aedsl ${words.join(' ')} ended with ${code}`);
  });
/** A question to a store that is open. */
const stored = (ask) => async (db) => {
  const store = await openStore(db, { mode: 'read' });
  return () => ask(store);
};
const runsOf = (store) => store.sweep('s1').trials;
const middle = (store) => `r${runsOf(store) >> 1}`;

/** By name: what prepares it, and gives what is timed. */
export const questions = {
  'sweeps, newest first': stored((store) => store.sweeps(50)),
  'a sweep by its name': stored((store) => store.sweep('large')),
  'all trials of a sweep': stored((store) => store.sweepTrials('s1')),
  'the newest 50 runs': stored((store) => store.listRuns({ limit: 50 })),
  'a run by its id': stored((store) => store.findRun(middle(store))),
  'a complete run by its identity': stored((store) => store.findComplete('1'.padStart(64, '0'))),
  'all metrics of the epochs of a run': stored((store) => store.readEpochs(middle(store))),
  'a series of a run': stored((store) => store.readSeries(middle(store), 'train', 'loss')),
  'best of a metric, all trials': stored((store) =>
    store.trials.bests(
      store.sweepTrials('s1').flatMap(({ runId }) => runId ?? []),
      'validation.mse',
      'min',
    ),
  ),
  ls: command('ls'),
  'ls SWEEP': command('ls', 's1'),
  'ls SWEEP --metric validation.mse': command('ls', 's1', '--metric', 'validation.mse'),
  'show SWEEP': command('show', 's1'),
  'show SWEEP --metric validation.mse': command('show', 's1', '--metric', 'validation.mse'),
  'show RUN': command('show', 'r1'),
  'watch: the first poll': opening(async (db) => begun(await openStore(db, { mode: 'read' }))),
  'watch: a poll without a change': async (db) => {
    const dashboard = begun(await openStore(db, { mode: 'read' }));
    return () => dashboard.poll();
  },
  'watch: a poll with one trial changed': async (db) => {
    const dashboard = begun(await openStore(db, { mode: 'read' }));
    changeATrial(db);
    return () => {
      dashboard.poll();
      changeATrial(db);
    };
  },
  ...Object.fromEntries(
    [
      ['trials', '1'],
      ['charts', '2'],
      ['map', '6'],
    ].map(([view, key]) => [
      `watch: the first frame of ${view}`,
      async (db) => {
        const dashboard = begun(await openStore(db, { mode: 'read' }));
        return () => dashboard.frame(key);
      },
    ]),
  ),
  'watch: a further frame of trials': async (db) => {
    const dashboard = begun(await openStore(db, { mode: 'read' }));
    for (let i = 0; i < 20; i++) dashboard.frame('j');
    return () => dashboard.frame('j');
  },
};

/** A dashboard that has polled once: what `aedsl watch` does, but for the terminal. */
function begun(store) {
  const watched = watch(store, 's1', 'ranking');
  const library = new StoredTrials(watched.library);
  const theme = themeOf({ COLORTERM: 'truecolor', TERM: 'xterm-256color' }, true);
  let state = initialState('watch', { columns: 200, rows: 60 }, 0);
  const take = (input) => {
    state = reduce(state, input);
  };
  const poll = () => {
    for (const event of watched.poll()) take({ kind: 'event', event, now: 0 });
  };
  poll();
  return {
    poll,
    /** After a key. */
    frame(key) {
      take({ kind: 'key', key, now: 0 });
      for (const input of library.wanted(state, 0)) take(input);
      const nothing = () => {};
      const parts = { state, theme, graphics: { kind: 'none' }, onKey: nothing, onScrollLimit: nothing };
      return renderToString(createElement(App, parts), { columns: 200 });
    },
  };
}

/** As another process would. Done twice, nothing is changed. */
function changeATrial(db) {
  const writer = openDatabase(db);
  writer.exec(`
    UPDATE sweep_trials SET state = iif(state = 'complete', 'cached', 'complete') WHERE sweep = 1 AND trial = 7;
    UPDATE sweeps SET updated = updated || '+' WHERE sweep = 1;`);
  writer.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , db, name] = process.argv;
  const action = await questions[name](db);
  const before = process.cpuUsage();
  const began = performance.now();
  await action();
  const elapsed = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ processor: (user + system) / 1000, elapsed }));
}
