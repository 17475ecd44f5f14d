import { printable } from '../../api/compiler.js';
import {
  type ComparedSetting,
  type Comparison,
  compareSettings,
  describeChoice,
  findSetting,
  readStore,
  readTrialTable,
  type SettingSummary,
  settingName,
  summarizeSettings,
  type TrialTable,
} from '../../api/results.js';
import { groupedText, intervalText, numberText, signedText } from '../../api/text.js';
import { defineCommand, joined } from '../command.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { databaseOption, subjectsHelp } from '../options.js';
import { settingJson } from '../show-sweep.js';
import { addFormatOptions, type Column, formatOf, printTable, withParameterNames } from '../table-formats.js';
import { addReplicationOptions, arrange, tableRequest } from '../table-options.js';
import { bestColumn, settingColumns } from '../trial-columns.js';

interface Row extends SettingSummary {
  /** Null for the baseline. */
  readonly compared: ComparedSetting | null;
}

/** Compares settings of sweeps, and runs, with a baseline, seed by seed. */
export const command = defineCommand({
  about:
    'Compare settings or runs with a baseline, paired by seed; or, with --consistency, what the seeds of each setting learned.',
  examples: ['aedsl compare s1 --baseline rho=0.01', 'aedsl compare r1 r2', 'aedsl compare s1 --consistency'],
  usage: (command) =>
    joined(
      command
        .argument('<sweep|run...>', `${subjectsHelp}; \`last\` alone is the newest sweep`)
        .addOption(databaseOption('the results'))
        .option('--baseline <setting>', 'rho=0.05, a run of it, best or first')
        .option('--consistency', 'how alike the units and the codes of the seeds are: PW-MCC and CKA')
        .option('-o, --output <folder>', 'with --consistency: draw stable and unstable features there'),
      joined(addReplicationOptions(command), addFormatOptions(command)),
    ),
  run({ console, refuse, words }, [subjects], options) {
    const format = formatOf(options);
    if (options.consistency === true) {
      const why = 'compares a metric, and --consistency what was learned';
      refuse(['baseline', 'interval', 'width', 'perSeed'], why);
    } else refuse(['output'], 'is for the picture of --consistency');
    const summary = { interval: options.interval, width: options.width ?? null };
    return readStore(options.db, async (store) => {
      // A run alone has nothing to be compared with.
      const sweep = subjects.length === 1 && subjects[0] === 'last' ? store.sweep('last') : null;
      const table = readTrialTable(store, sweep === null ? subjects : [sweep.id], tableRequest(options));
      if (options.consistency === true) {
        const { showConsistency } = await import('../consistency.js');
        return showConsistency(console, table, await words(), options);
      }
      const baseline = findSetting(table, options.baseline ?? (subjects.length > 1 ? 'first' : 'best'));
      const comparison = compareSettings(table, baseline);
      const settings = [baseline, ...comparison.others.map(({ setting }) => setting)];
      const rows = summarizeSettings(store, settings, table, summary).map(
        (row, i): Row => ({ ...row, compared: comparison.others[i - 1] ?? null }),
      );
      const columns = withParameterNames<Row>([
        ...settingColumns(table, { perSeed: options.perSeed === true, width: summary.width }),
        ...differenceColumns(comparison),
        bestColumn(table),
      ]);
      const { shown, left } = arrange(rows, columns, options, format);
      if (format === 'json') {
        for (const row of shown) console.out(jsonLine(rowJson(row)));
        return exitCodes.ok;
      }
      if (format === 'text') console.out(`${printable(`${table.title}: ${describeChoice(table.choice)}`)}\n\n`);
      printTable(console, columns, shown, format);
      if (format === 'text') console.out(notes(table, comparison));
      if (left > 0) console.err(`${groupedText(left)} more: -n 0 shows all\n`);
      return exitCodes.ok;
    });
  },
});

function rowJson({ compared, ...summary }: Row) {
  const comparison = compared?.comparison ?? null;
  return {
    ...settingJson(summary),
    baseline: compared === null,
    difference: comparison?.difference ?? null,
    pairs: comparison?.pairs ?? null,
    relative: comparison?.relative ?? null,
    wins: compared?.wins ?? null,
    p: comparison?.p ?? null,
    pHolm: compared?.p ?? null,
    significant: compared?.significant ?? null,
    effectSize: comparison?.effectSize ?? null,
    warning: comparison?.warning ?? null,
  };
}

function differenceColumns({ others }: Comparison): readonly Column<Row>[] {
  if (others.length === 0) return [];
  const replicated = others.some(({ comparison }) => (comparison?.pairs ?? 0) > 1);
  const difference = ({ compared }: Row) => compared?.comparison?.difference ?? null;
  const plain: readonly Column<Row>[] = [
    {
      heading: 'difference',
      key: 'difference',
      text: (row) => (row.compared === null ? 'baseline' : signed(difference(row)?.mean)),
      value: (row) => difference(row)?.mean ?? null,
    },
    {
      heading: 'relative',
      key: 'relative',
      text: ({ compared }) => percent(compared?.comparison?.relative),
      value: ({ compared }) => compared?.comparison?.relative ?? null,
    },
  ];
  if (!replicated) return plain;
  return [
    ...plain,
    {
      heading: 'interval',
      key: 'differenceInterval',
      only: 'people',
      text: (row) => {
        const interval = difference(row)?.interval;
        return interval ? intervalText(interval) : '';
      },
      value: () => null,
    },
    {
      heading: 'differenceLow',
      key: 'differenceLow',
      only: 'programs',
      text: () => '',
      value: (row) => difference(row)?.interval?.low ?? null,
    },
    {
      heading: 'differenceHigh',
      key: 'differenceHigh',
      only: 'programs',
      text: () => '',
      value: (row) => difference(row)?.interval?.high ?? null,
    },
    {
      heading: 'better',
      key: 'wins',
      text: ({ compared }) => (compared?.comparison ? `${compared.wins} of ${compared.comparison.pairs}` : ''),
      value: ({ compared }) => compared?.wins ?? null,
    },
    {
      heading: 'p',
      key: 'pHolm',
      text: ({ compared }) => verdict(compared),
      value: ({ compared }) => compared?.p ?? null,
    },
    {
      heading: 'effect',
      key: 'effectSize',
      text: ({ compared }) => effect(compared?.comparison?.effectSize ?? null),
      value: ({ compared }) => compared?.comparison?.effectSize ?? null,
    },
  ];
}

function notes({ settings }: TrialTable, { baseline, others, family, warning }: Comparison): string {
  if (settings.length < 2) return '\nthere is one setting, and nothing to compare it with\n';
  const unpaired = others.filter(({ comparison }) => comparison === null).length;
  const paired = others.some(({ comparison }) => (comparison?.pairs ?? 0) > 1);
  const tested = others.filter(({ p }) => p !== null).length;
  const against = printable(`differences are relative to ${settingName(baseline)}`);
  const chosen = family > tested ? ', because the baseline was chosen as the best of them' : '';
  const adjusted = `p and interval are Holm-adjusted for ${family} comparisons${chosen}`;
  const lines = [
    paired ? `${against}, taken seed by seed` : against,
    ...(tested > 0
      ? [`paired t test${family > 1 ? `; ${adjusted}` : ''}; ~ is within the noise; effect: Cohen's d of the pairs`]
      : []),
    ...(warning === null ? [] : [warning]),
    ...(unpaired === 0 ? [] : [`${unpaired} ${unpaired === 1 ? 'setting shares' : 'settings share'} no seed with it`]),
  ];
  return `\n${lines.map((line) => `${line}\n`).join('')}`;
}

function signed(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-';
  return signedText(value, 4);
}

function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return '';
  return `${signedText(share * 100, 3)}%`;
}

/** In the format of `aedsl diff`. */
function verdict(compared: ComparedSetting | null): string {
  if (compared === null || compared.p === null) return '';
  const p = compared.p < 0.0001 ? '<0.0001' : numberText(compared.p, 2);
  return compared.significant ? p : `~ (${p})`;
}

function effect(size: number | null): string {
  return size === null ? '' : numberText(size, 3);
}
