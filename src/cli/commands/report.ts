import { readStore, resolveSubject, runReport, type Store, sweepReport, type TableSubject } from '../../api/results.js';
import { defineCommand, joined } from '../command.js';
import { exitCodes } from '../failure.js';
import { databaseOption } from '../options.js';
import { addMetricOptions, intervalOption, tableRequest } from '../table-options.js';
import { writeOutput } from '../writing-files.js';

/** Writes a sweep or a run as one HTML file. */
export const command = defineCommand({
  about:
    'Write a self-contained HTML report of a sweep or a run: tables, charts, pictures, and what it takes to repeat it.',
  examples: ['aedsl report', 'aedsl report s1 -o report.html', 'aedsl report r3'],
  usage: (command) =>
    joined(
      command
        .argument('[sweep|run]', 'a sweep (s3, or by name) or a run; `last` is the newest sweep', 'last')
        .addOption(databaseOption('the results'))
        .addOption(intervalOption)
        .option(
          '-o, --output <file>',
          'the file to write, - for standard output; named after the sweep or the run by default',
        ),
      addMetricOptions(command),
    ),
  run({ console, refuse }, [name], options) {
    return readStore(options.db, async (store) => {
      const subject = subjectOf(store, name);
      const path = options.output ?? `${fileName(subject)}.html`;
      if (subject.kind === 'run') refuse(['interval'], 'is for sweeps, whose settings have several seeds');
      const text =
        subject.kind === 'run'
          ? await runReport(store, subject.run, tableRequest(options))
          : await sweepReport(store, subject.sweep, { ...tableRequest(options), interval: options.interval });
      if (path === '-') {
        console.data(text);
        return exitCodes.ok;
      }
      writeOutput(path, text);
      console.out(`${path}\n`);
      return exitCodes.ok;
    });
  },
});

/** `last` is the newest sweep, and without any the newest run. */
function subjectOf(store: Store, name: string): TableSubject {
  const sweep = name === 'last' ? store.sweep(name) : null;
  return sweep ? { kind: 'sweep', sweep } : resolveSubject(store, name);
}

function fileName(subject: TableSubject): string {
  const { id, name } = subject.kind === 'run' ? { id: subject.run.id, name: subject.run.experiment } : subject.sweep;
  return `${id}-${name.replace(/[^\w.-]+/g, '-')}`;
}
