import type { Command } from '@commander-js/extra-typings';
import { drawMethods, type Words } from '../api/compiler.js';
import { findExperiment } from '../api/project.js';
import { axisName, type SweepOptions } from '../api/training.js';
import { joined } from './command.js';
import { addTrainingOptions, choiceOption, integerOption, repeatedOption } from './options.js';

/** Options that define a sweep's trials. */
export function addSweepPlanOptions(command: Command) {
  const planned = command
    .option('--seeds <n>', 'each trial with the seeds 1 to n, or with a list of them')
    .addOption(repeatedOption('--zip <names>', 'axes that advance together: rho,beta'))
    .addOption(integerOption('--trials <n>', 'how many points to draw from uniform, loguniform, int and choice', 1))
    .addOption(
      choiceOption(
        '--method <name>',
        'how they are drawn: random, or sobol for a quasi-random sequence; or tpe or cmaes, which learn from the results of earlier trials',
        drawMethods,
      ),
    )
    .addOption(
      integerOption(
        '--lag <q>',
        'with tpe and cmaes: point i depends on the results of points 0 to i−q, however many train at one time (default: 4)',
        1,
      ),
    )
    .addOption(integerOption('--draw-seed <n>', 'draw other points', 0))
    .option('--only', "leave out the file's own sweep")
    .option('--metric <name>', 'the objective, such as validation.loss')
    .addOption(
      repeatedOption(
        '--objective <name>',
        'a metric that the trials are judged by, given twice or more for a Pareto front: test.sse',
      ),
    )
    .addOption(choiceOption('--goal <goal>', 'min or max', ['min', 'max']))
    .addOption(choiceOption('--of <which>', 'the best value over the epochs, or the last', ['best', 'last']))
    .option('--prune <rule>', 'end bad trials early: halving, halving:reduction=3:from=1, median, asha');
  return joined(planned, addTrainingOptions(command).option('-y, --yes', 'allow more than 10,000 trials'));
}

type SweepPlanOptions = ReturnType<ReturnType<typeof addSweepPlanOptions>['opts']>;

/** Converts a command line to the options of `planSweep`. @param words `[FILE|EXPERIMENT] axis…` @throws UsageError */
export function sweepOptions(words: readonly string[], options: SweepPlanOptions, library: Words): SweepOptions {
  const [first, ...rest] = words;
  const startsWithAxis = first === undefined || axisName(first) !== null || first.startsWith('@');
  const axes = startsWithAxis ? words : rest;
  const names = axes.flatMap((word) => axisName(word) ?? []);
  const found = findExperiment(startsWithAxis ? null : first, names);
  return {
    library,
    source: found.source,
    experiment: found.experiment,
    axes,
    fileAxes: options.only !== true,
    zip: options.zip ?? [],
    seeds: options.seeds ?? null,
    draws: options.trials ?? null,
    method: options.method ?? null,
    drawSeed: options.drawSeed ?? null,
    lag: options.lag ?? null,
    metric: options.metric ?? null,
    objectives: options.objective ?? [],
    goal: options.goal ?? null,
    of: options.of ?? null,
    prune: options.prune ?? null,
    data: options.data ?? null,
    epochs: options.epochs ?? null,
    maxSteps: options.maxSteps ?? null,
    mostParameters: options.maxParameters ?? null,
    ...(options.yes ? { mostTrials: null } : {}),
  };
}
