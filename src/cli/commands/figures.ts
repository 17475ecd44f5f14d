import { builtinWords } from '../../api/compiler.js';
import { chartPng, chartSvg } from '../../api/figures.js';
import {
  drawCharts,
  namesBundle,
  type RunRecord,
  resolveSubject,
  type Store,
  tableImportance,
  tableOf,
} from '../../api/results.js';
import { defineCommand, joined } from '../command.js';
import type { Console } from '../console.js';
import { exitCodes, Failure } from '../failure.js';
import { choiceOption, databaseOption, subjectsHelp } from '../options.js';
import { withResults, withResultsOf } from '../results.js';
import { addMetricOptions, tableRequest } from '../table-options.js';
import { writeChart, writeFigure } from '../writing-files.js';

/** Writes a run's pictures under their names in the experiment, or charts of sweeps and runs. */
export const command = defineCommand({
  about: 'Write the pictures of a run, or charts of a sweep or of several runs.',
  examples: ['aedsl figures last', 'aedsl figures s1 --format svg -o charts'],
  usage: (command) =>
    joined(
      command
        .argument('<run|sweep...>', subjectsHelp)
        .addOption(databaseOption('the results'))
        .addOption(
          choiceOption('--format <format>', 'of charts: png, svg or both', ['png', 'svg', 'both']).default('both'),
        )
        .option('-o, --output <folder>', 'where to', 'figures'),
      addMetricOptions(command),
    ),
  run({ console, refuse }, [names], options) {
    const ofRun = (run: string) =>
      refuse(['format', 'metric', 'goal', 'of'], `is for charts, and ${run} is one run: its pictures are drawn`);
    const [first = ''] = names;
    if (names.length === 1 && namesBundle(first)) {
      return withResultsOf(first, options.db, builtinWords, (store, id) => {
        ofRun(first);
        writePictures(console, store, { run: store.findRun(id), named: first, folder: options.output });
        return exitCodes.ok;
      });
    }
    return withResults(options.db, async (store) => {
      const subjects = names.map((name) => resolveSubject(store, name));
      const [only] = subjects;
      if (subjects.length === 1 && only?.kind === 'run') {
        ofRun(only.run.id);
        writePictures(console, store, { run: only.run, named: only.run.id, folder: options.output });
        return exitCodes.ok;
      }
      const { format } = options;
      const table = tableOf(store, subjects, tableRequest(options));
      const charts = await drawCharts(store, table, tableImportance(table));
      if (charts.length === 0) {
        throw new Failure(
          exitCodes.environment,
          `there is nothing to draw of ${table.title} yet`,
          'no epoch has ended',
        );
      }
      const prefix = names.length <= 3 ? names.join('-') : `${names[0]}-and-${names.length - 1}-more`;
      for (const { name, chart } of charts) {
        const base = `${prefix}-${name}`;
        if (format !== 'svg') console.out(`${writeFigure(options.output, base, await chartPng(chart))}\n`);
        if (format !== 'png') console.out(`${writeChart(options.output, base, await chartSvg(chart))}\n`);
      }
      return exitCodes.ok;
    });
  },
});

interface Wanted {
  readonly run: RunRecord;
  /** The run's id, or its bundle. */
  readonly named: string;
  readonly folder: string;
}

function writePictures(console: Console, store: Store, { run, named, folder }: Wanted): void {
  const pictures = store.listFiles(run.id, 'figure');
  if (pictures.length === 0) {
    throw new Failure(
      exitCodes.environment,
      `${named} has no pictures`,
      run.evaluation === null || (run.evaluation === 'complete' && named === run.id)
        ? 'the experiment names them: show { filters(code) }'
        : `\`aedsl evaluate ${named}\` draws those that the experiment names: show { filters(code) }`,
    );
  }
  for (const picture of pictures) {
    console.out(`${writeFigure(folder, `${run.id}-${picture.name}`, store.readFile(picture))}\n`);
  }
}
