import { sweepReport } from '../../results/report/report.js';
import { resolveSweep } from '../../results/table-subject.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { withResults } from '../results.js';
import { intervalMethod, type TableOptions, tableRequest } from '../table-options.js';
import { writeOutput } from '../writing-files.js';

export interface ReportOptions extends TableOptions {
  readonly interval?: string;
  readonly output?: string;
}

/** Writes a sweep as one HTML file. */
export function report(console: Console, name: string, options: ReportOptions): Promise<ExitCode> {
  return withResults(options.db, async (store) => {
    const sweep = resolveSweep(store, name);
    const request = { ...tableRequest(options), interval: intervalMethod(options.interval) };
    const path = options.output ?? `${sweep.id}-${sweep.name.replace(/[^\w.-]+/g, '-')}.html`;
    const text = await sweepReport(store, sweep, request);
    writeOutput(path, text);
    console.out(`${path}\n`);
    return exitCodes.ok;
  });
}
