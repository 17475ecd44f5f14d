import { createHash } from 'node:crypto';
import { bundleRun } from '../../api/compare.js';
import { recordedIn } from '../../api/project.js';
import { readStore, runNamed } from '../../api/results.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { databaseOption } from '../options.js';
import { writeOutput } from '../writing-files.js';

/** Writes a run with everything needed to verify it elsewhere, and prints the file's hash. */
export const command = defineCommand({
  about: 'Pack a run with everything that is needed to verify it on another machine, except the data.',
  examples: ['aedsl bundle r1', 'aedsl bundle last -o run.tgz'],
  usage: (command) =>
    command
      .argument('<run>', 'an id as `aedsl ls` lists it, `last`, or an experiment, whose latest complete run is meant')
      .option('-o, --output <file>', 'the .tgz to write')
      .addOption(databaseOption('the results')),
  run({ console }, [id], options) {
    return readStore(options.db, async (store) => {
      const run = await runNamed(store, id);
      const path = options.output ?? `${run.id}.tgz`;
      const bytes = bundleRun(store, run.id, recordedIn(options.db));
      writeOutput(path, bytes);
      console.err(`${path} (${(bytes.length / 1e6).toFixed(1)} MB) · check it elsewhere: aedsl verify ${path}\n`);
      console.out(`${createHash('sha256').update(bytes).digest('hex')}  ${path}\n`);
      return exitCodes.ok;
    });
  },
});
