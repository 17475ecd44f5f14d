import type { ComparedExperiment, Comparison } from '../../api/diff/compare.js';
import { formatTable } from '../table-formats.js';
import { Numbers } from './numbers.js';
import {
  experimentLines,
  headingOf,
  identityLine,
  metricColumns,
  resultsHeading,
  resultsNotes,
  shownMetrics,
} from './sections.js';
import { diagnosticsOf, type RenderOptions, runLines } from './text.js';

/** A comparison for a pull request's comment. */
export function comparisonMarkdown(comparison: Comparison, options: RenderOptions): string {
  const changed = comparison.experiments.filter(({ status }) => status !== 'same');
  const same = comparison.experiments.filter(({ status }) => status === 'same').map(({ name }) => `\`${name}\``);
  const title = `### Results: ${escaped(comparison.old)} → ${escaped(comparison.new)}\n`;
  const none = changed.length === 0 ? ['No experiment changed.\n'] : [];
  const unchanged = same.length === 0 || options.onlyChanged ? [] : [`Unchanged: ${same.join(', ')}\n`];
  return [title, ...changed.map((each) => experimentMarkdown(each, options)), ...none, ...unchanged].join('\n');
}

function experimentMarkdown(experiment: ComparedExperiment, { precision, onlyChanged }: RenderOptions): string {
  const columns = metricColumns(new Numbers(precision));
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`**${title}**\n`, `${lines.map((line) => `- ${escaped(line)}\n`).join('')}`];
  const results = experiment.results.flatMap((result) => {
    const rows = shownMetrics(result, onlyChanged);
    return [
      `**${resultsHeading(result)}**\n`,
      ...(rows.length === 0 ? [] : [formatTable(columns, rows, 'md')]),
      ...resultsNotes(result).map((note) => `${escaped(note)}\n`),
    ];
  });
  const fenced = (title: string, lines: readonly string[]) =>
    lines.length === 0
      ? []
      : [`<details><summary>${title}</summary>\n`, `\`\`\`\n${lines.join('\n')}\n\`\`\`\n`, '</details>\n'];
  return [
    `#### ${escaped(headingOf(experiment))}\n`,
    ...list('experiment', experimentLines(experiment)),
    ...list('identity', experiment.identity.map(identityLine)),
    ...results,
    ...experiment.notes.map((note) => `> ${escaped(note)}\n`),
    ...fenced('runs', experiment.runs.flatMap(runLines)),
    ...fenced('diagnostics', diagnosticsOf(experiment)),
  ].join('\n');
}

/** What Markdown would read as its own. */
function escaped(text: string): string {
  return text.replace(/[\\`*_<>|~[\]]/g, (character) => `\\${character}`);
}
