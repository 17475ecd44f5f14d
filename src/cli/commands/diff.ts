import { type Comparison, compare } from '../../compare/diff/compare.js';
import { gateFailures, readGate } from '../../compare/diff/gate.js';
import { readSelection } from '../../compare/diff/selection.js';
import { projectOf } from '../../project/versioned-project.js';
import type { Console } from '../console.js';
import { comparisonMarkdown } from '../diff/markdown.js';
import { comparisonCsv, comparisonJson } from '../diff/records.js';
import { comparisonText } from '../diff/text.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { wholeNumber } from '../options.js';
import { type FormatOptions, formatOf } from '../table-formats.js';

export interface DiffOptions extends FormatOptions {
  readonly db: string;
  readonly onlyChanged?: boolean;
  readonly precision: string;
  readonly failOn: readonly string[];
  readonly figures?: string;
}

/** What changed between two revisions, runs or sweeps. */
export async function diff(console: Console, words: readonly string[], options: DiffOptions): Promise<ExitCode> {
  const format = formatOf(options);
  const gates = options.failOn.map(readGate);
  const rendering = {
    precision: wholeNumber('precision', options.precision, 1, 100) ?? 6,
    onlyChanged: options.onlyChanged === true,
  };
  const project = projectOf(words);
  const comparison = await compare(readSelection(words, project), project, options.db);
  switch (format) {
    case 'text':
      console.out(comparisonText(comparison, rendering));
      break;
    case 'md':
      console.out(comparisonMarkdown(comparison, rendering));
      break;
    case 'json':
      console.out(comparisonJson(comparison, rendering.onlyChanged));
      break;
    case 'csv':
      console.data(comparisonCsv(comparison, rendering.onlyChanged));
      break;
  }
  if (options.figures !== undefined) {
    const { writeComparedFigures } = await import('../diff/figures.js');
    const written = await writeComparedFigures(comparison, options.db, options.figures);
    if (written.length === 0)
      console.err('no pictures: the results have no runs of both sides that drew the same ones\n');
    for (const path of written) console[format === 'text' ? 'out' : 'err'](`${path}\n`);
  }
  const failures = gateFailures(comparison, gates);
  for (const { gate, experiment, reason } of failures) console.err(`${gate.text}: ${experiment}: ${reason}\n`);
  return failures.length > 0 ? exitCodes.failed : trouble(comparison);
}

/** The new side has to be in order; what is wrong with the old one is history. */
function trouble({ experiments }: Comparison): ExitCode {
  if (experiments.some(({ new: now }) => now !== null && now.compiled === null)) return exitCodes.experiment;
  if (experiments.some(({ new: now }) => now !== null && now.lockProblem !== null)) return exitCodes.environment;
  return exitCodes.ok;
}
