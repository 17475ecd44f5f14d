import { type Comparison, compare, gateFailures, readGate, readSelection } from '../../api/compare.js';
import { projectOf } from '../../api/project.js';
import { defineCommand, joined } from '../command.js';
import { comparisonMarkdown } from '../diff/markdown.js';
import { comparisonCsv, comparisonJson } from '../diff/records.js';
import { comparisonText } from '../diff/text.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { databaseOption, precisionOption, repeatedOption } from '../options.js';
import { addFormatOptions, formatOf } from '../table-formats.js';

/** Shows what changed between two revisions, runs or sweeps. */
export const command = defineCommand({
  about:
    'Show what changed between two commits, runs or sweeps: the experiments, their identities and their results. By default HEAD is compared with the working tree.',
  examples: ['aedsl diff', 'aedsl diff HEAD~1 HEAD', 'aedsl diff r1 r2', "aedsl diff --fail-on 'test.loss>+5%'"],
  usage: (command) =>
    joined(
      command
        .argument(
          '[what...]',
          'revisions as git writes them (HEAD against the working tree by default), two runs, two sweeps; experiments',
        )
        .option('--only-changed', 'leave out what is the same')
        .addOption(precisionOption)
        .addOption(
          repeatedOption(
            '--fail-on <limit>',
            "exit 1 if a metric changed by more: 'validation.loss>+1%'; may be repeated",
          ),
        )
        .option('--figures <folder>', 'write the pictures of both sides beside each other')
        .addOption(databaseOption('the results, for curves and the first step that differs')),
      addFormatOptions(command),
    ),
  async run({ console, refuse, words: known }, [words], options) {
    const format = formatOf(options);
    if (format === 'json' || format === 'csv') refuse(['precision'], 'has no effect: JSON and CSV have all digits');
    const gates = (options.failOn ?? []).map(readGate);
    const rendering = {
      precision: options.precision,
      onlyChanged: options.onlyChanged === true,
    };
    const project = projectOf(words);
    const comparison = await compare(readSelection(words, project), project, options.db, await known());
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
  },
});

/** Only problems of the new version count; those of the old one are history. */
function trouble({ experiments }: Comparison): ExitCode {
  if (experiments.some(({ new: now }) => now !== null && now.compiled === null)) return exitCodes.experiment;
  if (experiments.some(({ new: now }) => now !== null && now.lockProblem !== null)) return exitCodes.environment;
  return exitCodes.ok;
}
