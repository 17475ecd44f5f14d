import { changeText, type Explanation, explainRuns, type Part } from '../../api/compare.js';
import { builtinWords, printable } from '../../api/compiler.js';
import { namesBundle, type RunRecord, runNamed } from '../../api/results.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { databaseOption, jsonOption } from '../options.js';
import { withResultsOf } from '../results.js';
import { table } from '../table.js';

/** Compares the identities and environments of two runs. */
export const command = defineCommand({
  about: 'Say why two runs are the same trial, or which parts of their identities differ.',
  examples: ['aedsl explain r1 r2'],
  usage: (command) =>
    command
      .argument('<a>', 'a run, or a bundle (.tgz)')
      .argument('<b>', 'another')
      .addOption(databaseOption('the results'))
      .addOption(jsonOption('as one object')),
  async run({ console, words }, [a, b], options) {
    const [one, other] = [await recordOf(a, options.db), await recordOf(b, options.db)];
    const explanation = explainRuns(one, other, await words());
    console.out(options.json ? jsonLine({ event: 'explained', ...explanation }) : text(explanation));
    return exitCodes.ok;
  },
});

/** Titles a bundle's run by the bundle: two bundles may have runs of the same number. */
function recordOf(what: string, database: string): Promise<RunRecord> {
  return withResultsOf(what, database, builtinWords, async (store, id) => {
    const run = await runNamed(store, id);
    return namesBundle(what) ? { ...run, id: what } : run;
  });
}

function text({ runs, sameTrial, identity, environment, changes, sameWeights }: Explanation): string {
  const [a, b] = runs;
  const differing = identity.filter(({ same }) => !same).map(({ name }) => name);
  const lines = [
    sameTrial
      ? `${a} and ${b} are the same trial\n`
      : `${a} and ${b} are two trials, with different ${differing.join(', ')}\n`,
    weightsText(sameTrial, sameWeights),
    `identity\n${partsTable(identity, runs)}`,
    changes === null ? 'one of the experiments does not compile, so they cannot be compared\n' : '',
    changes !== null && changes.length > 0 ? `experiment\n${changes.map((c) => `  ${changeText(c)}\n`).join('')}` : '',
    `environment (beside the identity; no result depends on it)\n${partsTable(environment, runs)}`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function weightsText(sameTrial: boolean, same: boolean | null): string {
  if (same === null) return 'one of them has no weights to compare\n';
  if (same) return 'their weights are the same to the last bit\n';
  return sameTrial ? 'and yet their weights differ: `aedsl diff` shows from which step\n' : '';
}

function partsTable(parts: readonly Part[], [a, b]: Explanation['runs']): string {
  const rows = parts.map(({ name, a: left, b: right, same }) => [`  ${name}`, short(left), same ? '=' : short(right)]);
  return table(['  part', a, b], rows);
}

function short(value: string | null): string {
  return printable((value ?? '-').replace(/[0-9a-f]{40,64}/g, (hash) => hash.slice(0, 12)));
}
