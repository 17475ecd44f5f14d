import { type LogEntry, type MetricLog, metricLog } from '../../api/compare.js';
import { printable } from '../../api/compiler.js';
import { isLoss } from '../../api/metrics.js';
import { projectOf } from '../../api/project.js';
import { signedText } from '../../api/text.js';
import { defineCommand, joined } from '../command.js';
import { Numbers, probabilityText } from '../diff/numbers.js';
import { sparkline } from '../diff/sparkline.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { experimentHelp, precisionOption } from '../options.js';
import { addFormatOptions, type Column, formatOf, formatTable, markdownText } from '../table-formats.js';

/** Shows a metric over the commits that touched an experiment. */
export const command = defineCommand({
  about:
    'Show a metric over the commits that touched an experiment. The values are read from the committed lock files.',
  examples: ['aedsl log sparse', 'aedsl log sparse test.sse'],
  usage: (command) =>
    joined(
      command
        .argument('<experiment>', experimentHelp)
        .argument(
          '[metric]',
          'such as test.loss (default: the validation or the test loss, or the squared error where the loss itself changed)',
        )
        .option('--rev <revision>', 'the newest commit', 'HEAD')
        .addOption(precisionOption),
      addFormatOptions(command),
    ),
  async run({ console, refuse, words }, [experiment, metric], options) {
    const format = formatOf(options);
    if (format === 'json' || format === 'csv') refuse(['precision'], 'has no effect: JSON and CSV have all digits');
    const numbers = new Numbers(options.precision);
    const found = metricLog(experiment, metric ?? null, {
      project: projectOf([experiment]),
      revision: options.rev,
      words: await words(),
    });
    if (format === 'json') {
      for (const [i, entry] of found.entries.entries()) {
        const { experiment: name, metric: of, largest } = found;
        console.out(jsonLine({ event: 'commit', experiment: name, metric: of, ...entry, largest: i === largest }));
      }
      return exitCodes.ok;
    }
    const table = formatTable(columns(numbers), found.entries.toReversed(), format);
    if (format === 'csv') console.data(table);
    else {
      const text = format === 'md' ? markdownText : (line: string) => printable(line);
      const [above, below] = [heading(found), verdict(found, numbers)].map((lines) =>
        lines.split('\n').map(text).join('\n'),
      );
      console.out(`${above}\n${table}${below}`);
    }
    return exitCodes.ok;
  },
});

function columns(numbers: Numbers): readonly Column<LogEntry>[] {
  return [
    {
      heading: 'commit',
      key: 'commit',
      text: ({ commit }) => commit.sha.slice(0, 7),
      value: ({ commit }) => commit.sha,
    },
    {
      heading: 'date',
      key: 'date',
      text: ({ commit }) => commit.date.slice(0, 10),
      value: ({ commit }) => commit.date,
    },
    { heading: 'mean', key: 'mean', text: (entry) => meanText(entry, numbers), value: ({ mean }) => mean },
    { heading: 'change', key: 'difference', text: (entry) => changeOf(entry, numbers), value: (e) => e.difference },
    {
      heading: 'p',
      key: 'adjusted_p',
      only: 'programs',
      text: () => '',
      value: ({ p }) => p,
    },
    { heading: 'what', key: 'subject', text: ({ commit }) => commit.subject, value: ({ commit }) => commit.subject },
    {
      heading: 'experiment',
      key: 'changes',
      text: ({ changes, note }) => [...changes, ...(note === null ? [] : [note])].join('; '),
      value: ({ changes }) => changes.join('; '),
    },
  ];
}

function meanText({ values, mean, sd }: LogEntry, numbers: Numbers): string {
  return values.length === 0 ? '' : numbers.side({ values, mean, sd, epoch: null });
}

/** `+0.012 (+3.1 %)`, with `~` if the change is within the noise of the seeds. */
function changeOf({ values, moved, difference, relative, significant }: LogEntry, numbers: Numbers): string {
  if (values.length === 0 || difference === null) return '';
  if (!moved) return '=';
  if (!Number.isFinite(difference)) return 'not finite';
  const percent = relative === null ? '' : ` (${signedText(100 * relative, 3)} %)`;
  return `${numbers.change(difference)}${percent}${significant ? '' : ' ~'}`;
}

function heading({ experiment, metric, lossesDiffer, entries, shallow }: MetricLog): string {
  const known = entries.filter(({ values }) => values.length > 0).map(({ mean }) => mean);
  const counts = [...new Set(entries.flatMap(({ values }) => (values.length > 0 ? [values.length] : [])))].sort();
  const seeds = `${counts.join(' or ')} seed${counts.join() === '1' ? '' : 's'}`;
  const cut = shallow ? ', as far as this shallow clone goes' : '';
  const units = isLoss(metric) ? ', which cannot be compared' : '';
  const changed = lossesDiffer ? `; the loss itself changed, so its values are in different units${units}` : '';
  return `${experiment} ${metric}, mean of ${seeds}${cut}${changed}\n${sparkline(known)}  oldest → newest\n`;
}

function verdict({ entries, largest }: MetricLog, numbers: Numbers): string {
  const entry = largest === null ? undefined : entries[largest];
  if (!entry) return '\nno commit moved it\n';
  const { commit, difference, p, significant } = entry;
  const most = `${commit.sha.slice(0, 7)} moved it most: ${changeOf(entry, numbers)}, ${commit.subject}`;
  if (!Number.isFinite(difference)) return `\n${most}\n`;
  const test = `paired t test, Holm-adjusted for all moves: ${p === null ? '' : probabilityText(p)}`;
  const noise = p === null ? 'too few seeds to distinguish it from noise' : test;
  return `\n${most}\n${significant || p === null ? noise : `~ is within the noise (${test})`}\n`;
}
