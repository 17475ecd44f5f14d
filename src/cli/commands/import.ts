import { takeIn } from '../../api/compare.js';
import type { Words } from '../../api/compiler.js';
import { UsageError } from '../../api/project.js';
import { type ImportOutcome, importFrom, namesBundle } from '../../api/results.js';
import { defineCommand } from '../command.js';
import { sayWaiting } from '../console.js';
import { exitCodes } from '../failure.js';
import { databaseOption, jsonOption } from '../options.js';

/** Imports another database, and prints the new ids of its runs and sweeps. */
export const command = defineCommand({
  about: 'Copy runs and sweeps of another database, or the run of a bundle, into this one.',
  examples: ['aedsl import cluster.db', 'aedsl import cluster.db s1'],
  usage: (command) =>
    command
      .argument('<other>', 'the other database, or a bundle (.tgz); it is only read')
      .argument('[sweep|run...]', 'some of it: ids and names as `aedsl ls --db OTHER.db` lists them; all by default')
      .addOption(databaseOption('the results'))
      .addOption(jsonOption('as one object')),
  async run({ console, commandLine, words }, [other, subjects], options) {
    const outcome = namesBundle(other)
      ? await bundled(other, subjects, options.db, commandLine, await words())
      : await importFrom({
          other,
          subjects,
          store: options.db,
          onWait: sayWaiting(console),
          commandLine,
        });
    if (options.json === true) {
      console.data(`${JSON.stringify(outcome)}\n`);
      return exitCodes.ok;
    }
    const results = [...outcome.sweeps, ...outcome.runs];
    for (const { from, to, known } of results)
      console.out(known ? `${from} is here already: ${to}\n` : `${from} → ${to}\n`);
    for (const id of outcome.running) console.err(`${id} is running there; import it when it has ended\n`);
    const added = results.filter(({ known }) => !known).length;
    console.out(`${added} imported, ${results.length - added} here already\n`);
    return exitCodes.ok;
  },
});

/** Imports a bundle, which has one run. */
async function bundled(
  path: string,
  subjects: readonly string[],
  database: string,
  commandLine: readonly string[],
  words: Words,
): Promise<ImportOutcome> {
  if (subjects.length > 0) throw new UsageError('a bundle has one run', `leave out ${subjects.join(' ')}`);
  const run = await takeIn(path, database, commandLine.join(' '), words);
  return { runs: [run], sweeps: [], running: [] };
}
