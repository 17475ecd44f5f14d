import { printable, type Words } from '../api/compiler.js';
import { chartPng, chartSvg } from '../api/figures.js';
import type { Consistency, TrialTable } from '../api/results.js';
import { consistencyChart, consistencyOf, stableFrom } from '../api/results.js';
import { intervalText, numberText, percentText } from '../api/text.js';
import type { Console } from './console.js';
import { type ExitCode, exitCodes, Failure } from './failure.js';
import { type Column, formatOf, printTable, withParameterNames } from './table-formats.js';
import { arrange, type OrderOptions } from './table-options.js';
import { parameterColumns } from './trial-columns.js';
import { writeChart, writeFigure } from './writing-files.js';

interface Options extends OrderOptions {
  readonly db: string;
  readonly output?: string | undefined;
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
  readonly md?: boolean | undefined;
}

/** Shows what the seeds of each setting of a table have in common. */
export async function showConsistency(
  console: Console,
  table: TrialTable,
  library: Words,
  options: Options,
): Promise<ExitCode> {
  const format = formatOf(options);
  const found = await consistencyOf(table, {
    library,
    store: options.db,
    onProgress: ({ what, done, of }) => console.redraw(`comparing ${what}: ${Math.floor((100 * done) / of)} %`),
  }).finally(() => console.redraw(''));
  if (found.length === 0) {
    throw new Failure(
      exitCodes.usage,
      `no two trials of ${table.title} differ by their seed alone and have ended`,
      'train a sweep with --seeds 3',
    );
  }
  const columns = columnsOf(table);
  const { shown } = arrange(found, columns, options, format);
  if (format === 'text') console.out(`${printable(table.title)}: what its seeds have in common\n\n`);
  printTable(console, columns, shown, format);
  if (format === 'text') console.out(notes(found));
  if (options.output !== undefined) {
    const chart = await consistencyChart(found);
    if (chart === null) {
      throw new Failure(
        exitCodes.usage,
        'there are no directions of units to draw',
        'a decoder of one dense layer has them',
      );
    }
    const base = `${table.sweeps.map(({ id }) => id).join('-') || 'runs'}-consistency`;
    console.err(`${writeFigure(options.output, base, await chartPng(chart))}\n`);
    console.err(`${writeChart(options.output, base, await chartSvg(chart))}\n`);
  }
  return exitCodes.ok;
}

function columnsOf(table: TrialTable): readonly Column<Consistency>[] {
  return withParameterNames<Consistency>([
    ...parameterColumns(table, ({ setting }: Consistency) => setting),
    {
      heading: 'seeds',
      key: 'seeds',
      text: ({ seeds }) => String(seeds.length),
      value: ({ seeds }) => seeds.length,
    },
    ...summaryColumns('PW-MCC', 'pwMcc', ({ mcc }) => mcc),
    {
      heading: 'stable',
      key: 'stable',
      text: ({ stable }) => (stable === null ? '-' : percentText(stable)),
      value: ({ stable }) => stable,
    },
    ...summaryColumns('CKA', 'cka', ({ cka }) => cka),
  ]);
}

function summaryColumns(
  heading: string,
  key: string,
  of: (row: Consistency) => Consistency['mcc'],
): readonly Column<Consistency>[] {
  const end = (which: 'low' | 'high'): Column<Consistency> => {
    const name = `${key}${which === 'low' ? 'Low' : 'High'}`;
    return {
      heading: name,
      key: name,
      only: 'programs',
      text: () => '',
      value: (row) => of(row)?.interval?.[which] ?? null,
    };
  };
  return [
    {
      heading,
      key,
      text: (row) => {
        const mean = of(row)?.mean;
        return mean === undefined || Number.isNaN(mean) ? '-' : numberText(mean);
      },
      value: (row) => of(row)?.mean ?? null,
    },
    {
      heading: '95% interval',
      key: `${key}Interval`,
      only: 'people',
      text: (row) => {
        const interval = of(row)?.interval;
        return interval ? intervalText(interval) : '';
      },
      value: () => null,
    },
    end('low'),
    end('high'),
  ];
}

function notes(found: readonly Consistency[]): string {
  const lines = [
    'PW-MCC: mean |cosine| of the units of two seeds, assigned one to one, over all pairs of seeds',
    `stable: share of the units whose counterparts have a mean |cosine| of ${stableFrom} or more`,
    'CKA: how alike the codes of two seeds are, of up to 1,000 test examples',
    ...(found.some(({ mcc }) => mcc === null)
      ? ['-: units have directions only with a decoder of one dense layer']
      : []),
    found.some(({ seeds }) => seeds.length > 2)
      ? "intervals: jackknife over the seeds, since pairs share them; Student's t"
      : 'intervals need three seeds: --seeds 3',
  ];
  return `\n${lines.map((line) => `${line}\n`).join('')}`;
}
