import type { ComparedExperiment, Comparison } from '../../api/compare.js';
import { printable } from '../../api/compiler.js';
import { formatTable, markdownText } from '../table-formats.js';
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

/** Formats a comparison for a pull request comment. */
export function comparisonMarkdown(comparison: Comparison, options: RenderOptions): string {
  const changed = comparison.experiments.filter(({ status }) => status !== 'same');
  const same = comparison.experiments.filter(({ status }) => status === 'same').map(({ name }) => codeSpan(name));
  const title = `### Results: ${markdownText(comparison.old)} → ${markdownText(comparison.new)}\n`;
  const none = changed.length === 0 ? ['No experiment changed.\n'] : [];
  const unchanged = same.length === 0 || options.onlyChanged ? [] : [`Unchanged: ${same.join(', ')}\n`];
  return [title, ...changed.map((each) => experimentMarkdown(each, options)), ...none, ...unchanged].join('\n');
}

function experimentMarkdown(experiment: ComparedExperiment, { precision, onlyChanged }: RenderOptions): string {
  const columns = metricColumns(new Numbers(precision));
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`**${title}**\n`, `${lines.map((line) => `- ${markdownText(line)}\n`).join('')}`];
  const results = experiment.results.flatMap((result) => {
    const rows = shownMetrics(result, onlyChanged);
    return [
      `**${markdownText(resultsHeading(result))}**\n`,
      ...(rows.length === 0 ? [] : [formatTable(columns, rows, 'md')]),
      ...resultsNotes(result).map((note) => `${markdownText(note)}\n`),
    ];
  });
  const fenced = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`<details><summary>${title}</summary>\n`, fence(lines.map(printable)), '</details>\n'];
  return [
    `#### ${markdownText(headingOf(experiment))}\n`,
    ...list('experiment', experimentLines(experiment)),
    ...list('identity', experiment.identity.map(identityLine)),
    ...results,
    ...experiment.notes.map((note) => `> ${markdownText(note)}\n`),
    ...fenced('runs', experiment.runs.flatMap(runLines)),
    ...fenced('diagnostics', diagnosticsOf(experiment)),
  ].join('\n');
}

/** A fenced block longer than any fence inside it. */
function fence(lines: readonly string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length);
  const marks = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run + 1), 3));
  return `${marks}\n${lines.join('\n')}\n${marks}\n`;
}

/** Inline code; a backtick would end it. */
function codeSpan(text: string): string {
  return `\`${printable(text).replaceAll('`', "'")}\``;
}
