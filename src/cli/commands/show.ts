import { tableOf } from '../../results/sweep-table.js';
import { resolveSubject } from '../../results/table-subject.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { jsonLine } from '../json.js';
import { withResultsOf } from '../results.js';
import { runDetail, runPage } from '../show-run.js';
import { type SweepPageOptions, settingsTable, sweepJson, sweepPage } from '../show-sweep.js';
import { formatOf } from '../table-formats.js';
import { intervalMethod, type TableOptions, tableRequest } from '../table-options.js';

export interface ShowOptions extends TableOptions {
  readonly interval?: string;
  readonly width?: string;
  readonly perSeed?: boolean;
  readonly importance?: boolean;
}

/** A run, or a sweep with what its settings come to. */
export function show(console: Console, id: string, options: ShowOptions): Promise<ExitCode> {
  const format = formatOf(options);
  return withResultsOf(id, options.db, (store, named) => {
    const subject = resolveSubject(store, named);
    if (subject.kind === 'run') {
      if (format === 'csv' || format === 'md') {
        throw new Failure(exitCodes.usage, `--${format} is for sweeps`, `aedsl export ${subject.run.id} --as csv`);
      }
      console.out(format === 'json' ? jsonLine(runDetail(store, subject.run)) : runPage(store, subject.run));
      return exitCodes.ok;
    }
    const table = tableOf(store, [subject], tableRequest(options));
    const page = sweepPageOptions(options);
    switch (format) {
      case 'text':
        console.out(sweepPage(store, subject.sweep, table, page));
        break;
      case 'json':
        console.out(jsonLine(sweepJson(store, subject.sweep, table, page)));
        break;
      case 'csv':
        console.data(settingsTable(store, table, page, format).text);
        break;
      case 'md':
        console.out(settingsTable(store, table, page, format).text);
        break;
    }
    return exitCodes.ok;
  });
}

export function sweepPageOptions(options: ShowOptions): SweepPageOptions {
  return {
    ...options,
    interval: intervalMethod(options.interval),
    width: widthOf(options.width),
    perSeed: options.perSeed === true,
    importance: options.importance === true,
  };
}

/** @throws Failure for what is no width */
export function widthOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const width = Number(text);
  if (width > 0 && Number.isFinite(width)) return width;
  throw new Failure(exitCodes.usage, `--width takes a number above 0, not '${text}'`, "it is the whole interval's");
}
