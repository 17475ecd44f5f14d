import type { RunSummary } from '../../runtime/store/records.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { wholeNumber } from '../options.js';
import { withResults } from '../results.js';
import { shortNumber, table } from '../table.js';

export interface ListOptions {
  readonly db: string;
  readonly limit: string;
  readonly json?: boolean;
}

/** The metrics that are worth a column, most telling first. */
const telling = ['test.sse', 'test.loss', 'validation.loss', 'train.loss'];

export function ls(console: Console, options: ListOptions): Promise<ExitCode> {
  const limit = wholeNumber('limit', options.limit, 1) ?? 50;
  return withResults(options.db, (store) => {
    const runs = store.listRuns({ limit }).map((run) => ({ run, metrics: store.readFinal(run.id) }));
    if (options.json) {
      for (const { run, metrics } of runs) console.out(jsonLine(runJson(run, metrics)));
      return exitCodes.ok;
    }
    const shown = telling.filter((name) => runs.some(({ metrics }) => metrics[name] !== undefined));
    const rows = runs.map(({ run, metrics }) => [
      run.id,
      run.experiment,
      run.status,
      String(run.seed),
      run.backend,
      run.data,
      ...shown.map((name) => (metrics[name] === undefined ? '' : shortNumber(metrics[name]))),
      run.started.slice(0, 16).replace('T', ' '),
      run.weightsSha256?.slice(0, 12) ?? '',
    ]);
    const headings = ['run', 'experiment', 'status', 'seed', 'backend', 'data', ...shown, 'started', 'weights'];
    console.out(runs.length === 0 ? 'no runs yet\n' : table(headings, rows));
    return exitCodes.ok;
  });
}

/** The names that `docs/events.md` promises. */
export function runJson(run: RunSummary, metrics: Readonly<Record<string, number>>) {
  const { id: runId, identity: trialId, ...rest } = run;
  return { runId, trialId, ...rest, metrics };
}
