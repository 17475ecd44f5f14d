import { builtinWords } from '../../api/compiler.js';
import { resolveSubject, tableOf } from '../../api/results.js';
import { defineCommand, joined } from '../command.js';
import { exitCodes, Failure } from '../failure.js';
import { jsonLine } from '../json.js';
import { databaseOption, subjectHelp } from '../options.js';
import { withResultsOf } from '../results.js';
import { runDetail, runPage } from '../show-run.js';
import { settingsTable, sweepJson, sweepPage } from '../show-sweep.js';
import { addFormatOptions, formatOf } from '../table-formats.js';
import { addReplicationOptions, tableRequest } from '../table-options.js';

/** Shows a run, or a sweep with a summary of its settings. */
export const command = defineCommand({
  about: 'Show a run in detail, or the settings of a sweep, each averaged over its seeds.',
  examples: ['aedsl show last', 'aedsl show s1 --metric test.sse', 'aedsl show s1 --importance'],
  usage: (command) =>
    joined(
      command
        .argument('<run|sweep>', subjectHelp)
        .addOption(databaseOption('the results'))
        .option('--importance', 'how much each parameter matters'),
      joined(addReplicationOptions(command), addFormatOptions(command)),
    ),
  run({ console, refuse }, [id], options) {
    const format = formatOf(options);
    return withResultsOf(id, options.db, builtinWords, (store, named) => {
      const subject = resolveSubject(store, named);
      if (subject.kind === 'run') {
        refuse(
          ['metric', 'goal', 'of', 'sort', 'limit', 'interval', 'width', 'perSeed', 'importance'],
          `is for sweeps, and ${subject.run.id} is one run`,
        );
        if (format === 'csv' || format === 'md') {
          throw new Failure(exitCodes.usage, `--${format} is for sweeps`, `aedsl export ${subject.run.id} --as csv`);
        }
        console.out(format === 'json' ? jsonLine(runDetail(store, subject.run)) : runPage(store, subject.run));
        return exitCodes.ok;
      }
      const table = tableOf(store, [subject], tableRequest(options));
      const { width = null, perSeed = false, importance = false } = options;
      const page = { ...options, width, perSeed, importance };
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
  },
});
