import { builtinWords } from '../../api/compiler.js';
import {
  chartPng,
  chartSvg,
  storedChart,
  titledChart,
  titledPng,
  titledSvg,
  titleOfPicture,
  UntitledPicture,
} from '../../api/figures.js';
import {
  drawCharts,
  namesBundle,
  type RunRecord,
  readStore,
  resolveSubject,
  type Store,
  tableImportance,
  tableOf,
} from '../../api/results.js';
import { defineCommand, joined } from '../command.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { choiceOption, databaseOption, subjectsHelp } from '../options.js';
import { withResultsOf } from '../results.js';
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
          choiceOption('--format <format>', 'png, svg or both; both for charts by default, png for pictures', [
            'png',
            'svg',
            'both',
          ]),
        )
        .option('-o, --output <folder>', 'where to', 'figures'),
      addMetricOptions(command),
    ),
  run({ console, refuse }, [names], options) {
    const ofRun = (run: string) =>
      refuse(['metric', 'goal', 'of'], `is for charts, and ${run} is one run: its pictures are drawn`);
    const [first = ''] = names;
    if (names.length === 1 && namesBundle(first)) {
      return withResultsOf(first, options.db, builtinWords, (store, id) => {
        ofRun(first);
        return writePictures(console, store, { run: store.findRun(id), named: first, ...options });
      });
    }
    return readStore(options.db, async (store) => {
      const subjects = names.map((name) => resolveSubject(store, name));
      const [only] = subjects;
      if (subjects.length === 1 && only?.kind === 'run') {
        ofRun(only.run.id);
        return writePictures(console, store, { run: only.run, named: only.run.id, ...options });
      }
      const { format = 'both' } = options;
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
  readonly output: string;
  readonly format?: 'png' | 'svg' | 'both' | undefined;
}

async function writePictures(
  console: Console,
  store: Store,
  { run, named, output, format = 'png' }: Wanted,
): Promise<ExitCode> {
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
    const png = store.readFile(picture);
    const title = titleOfPicture(run, picture.name);
    const base = `${run.id}-${picture.name}`;
    try {
      if (format !== 'svg') console.out(`${writeFigure(output, base, await titledPng(png, title))}\n`);
      if (format !== 'png') {
        const chart = await storedChart(store, run, picture.name, builtinWords);
        const svg = chart === null ? titledSvg(png, title) : chartSvg(await titledChart(chart, title));
        console.out(`${writeChart(output, base, await svg)}\n`);
      }
    } catch (error) {
      if (!(error instanceof UntitledPicture)) throw error;
      console.out(`${writeFigure(output, base, png)}\n`);
    }
  }
  return exitCodes.ok;
}
