import { Argument, Option } from '@commander-js/extra-typings';
import { readStore } from '../../api/results.js';
import { queueActions, queueSweep, seedSweep } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { sayWaiting } from '../console.js';
import { exitCodes, Failure } from '../failure.js';
import { jsonLine } from '../json.js';
import { databaseOption, dataFolderOption, integerOption, jsonOption } from '../options.js';
import { agreeToPlan, thisProgram } from '../slurm-options.js';
import { noteListener, tellSubmitted } from '../submitted-text.js';

const help = `
  hold      keep waiting trials in the queue; those that train go back to it, and continue from their last checkpoint
  release   let held trials go on
  stop      end their tasks, with a checkpoint; \`aedsl resume\` submits them again
  first     let the other waiting tasks of the sweep give way to these
  seeds     train the settings of these trials with --seeds more seeds, in tasks of their own

A task may train several trials (--per-task): what is done to one is done to all of them. Trials on the cores of a
host can only be stopped, all at once, or given more seeds.
`;

const mostTrials = 1_000_000;

/** Holds, releases, stops or prefers trials of a submitted sweep, or adds seeds to it. */
export const command = defineCommand({
  about:
    'Hold, release, stop or prefer trials of a sweep that was submitted to Slurm or to another host, or add seeds to it.',
  examples: ['aedsl queue stop s1'],
  usage: (command) =>
    command
      .addArgument(new Argument('<what>', 'what to do').choices([...queueActions, 'seeds'] as const))
      .argument('[sweep]', 'a sweep (s3, or its name); the newest by default')
      .addOption(new Option('--trials <numbers>', 'such as 3,5-8; all by default').argParser(readTrials))
      .addOption(integerOption('--seeds <n>', 'for `seeds`: how many more seeds of each setting', 1, mostTrials))
      .addOption(dataFolderOption)
      .addOption(jsonOption('as one object'))
      .addOption(databaseOption('the results'))
      .addHelpText('after', help),
  async run(
    { console, commandLine, refuse, words },
    [action, sweep = 'last'],
    { db: store, trials = null, seeds, dataFolder = null, json },
  ) {
    const id = await readStore(store, (results) => results.sweep(sweep)?.id ?? sweep);
    await agreeToPlan(console, store, id, { submits: action === 'seeds' });
    if (action === 'seeds') {
      if (seeds === undefined) {
        throw new Failure(exitCodes.usage, 'how many seeds?', `such as \`aedsl queue seeds ${id} --seeds 5\``);
      }
      const library = await words();
      const connections = { listener: noteListener(console), onWait: sayWaiting(console) };
      const request = { library, store, sweep: id, dataFolder, commandLine, ...connections };
      tellSubmitted(console, await seedSweep(request, thisProgram(), { trials, seeds }), json === true);
      return exitCodes.ok;
    }
    refuse(['seeds', 'dataFolder'], 'is for `aedsl queue seeds`');
    const queued = await queueSweep({ store, sweep: id }, { action, trials });
    if (json === true) console.out(jsonLine({ event: 'queued', action, ...queued }));
    else {
      const done = { hold: 'held', release: 'released', stop: 'stopped', first: 'preferred' }[action];
      console.out(`${queued.sweep}: ${done}: ${queued.trials.length === 0 ? 'none' : queued.trials.join(', ')}\n`);
      for (const note of queued.notes) console.err(`${note}\n`);
    }
    return exitCodes.ok;
  },
});

/** @throws Failure */
function readTrials(text: string): readonly number[] {
  const trials = new Set<number>();
  for (const part of text.split(',')) {
    const [, first = '', last = first] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === '' || to < from || to >= mostTrials) {
      throw new Failure(exitCodes.usage, `'${text}' names no trials`, 'numbers and ranges, such as --trials 3,5-8');
    }
    for (let trial = from; trial <= to; trial++) trials.add(trial);
  }
  return [...trials];
}
