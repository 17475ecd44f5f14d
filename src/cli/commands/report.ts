import { resolveSweep, sweepReport } from '../../api/results.js';
import { defineCommand, joined } from '../command.js';
import { exitCodes } from '../failure.js';
import { databaseOption } from '../options.js';
import { withResults } from '../results.js';
import { addMetricOptions, intervalOption, tableRequest } from '../table-options.js';
import { writeOutput } from '../writing-files.js';

/** Writes a sweep as one HTML file. */
export const command = defineCommand({
  about: 'Write a self-contained HTML report of a sweep: tables, charts, pictures, and what it takes to repeat it.',
  examples: ['aedsl report', 'aedsl report s1 -o report.html'],
  usage: (command) =>
    joined(
      command
        .argument('[sweep]', 'a sweep (s3, or by name)', 'last')
        .addOption(databaseOption('the results'))
        .addOption(intervalOption)
        .option('-o, --output <file>', 'the file to write; the name of the sweep by default'),
      addMetricOptions(command),
    ),
  run({ console }, [name], options) {
    return withResults(options.db, async (store) => {
      const sweep = resolveSweep(store, name);
      const request = { ...tableRequest(options), interval: options.interval };
      const path = options.output ?? `${sweep.id}-${sweep.name.replace(/[^\w.-]+/g, '-')}.html`;
      const text = await sweepReport(store, sweep, request);
      writeOutput(path, text);
      console.out(`${path}\n`);
      return exitCodes.ok;
    });
  },
});
