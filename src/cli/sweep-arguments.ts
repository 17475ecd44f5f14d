import type { Command } from 'commander';
import { drawMethods } from '../compiler/expand/sweep-request.js';
import { findExperiment } from '../project/experiments.js';
import { UsageError } from '../project/params.js';
import { axisName } from '../sweep/plan/axis-text.js';
import type { SweepOptions } from '../sweep/plan/sweep-options.js';
import { exitCodes, Failure } from './failure.js';
import { wholeNumber } from './options.js';

/** What the command line says of the trials of a sweep, as commander has read it. */
export interface SweepCommandOptions {
  readonly seeds?: string;
  readonly zip?: readonly string[];
  readonly trials?: string;
  readonly method?: string;
  readonly drawSeed?: string;
  readonly only?: boolean;
  readonly metric?: string;
  readonly goal?: string;
  readonly of?: string;
  readonly prune?: string;
  readonly data?: string;
  readonly epochs?: string;
  readonly maxSteps?: string;
  readonly maxParameters?: string;
  readonly yes?: boolean;
}

/** The options that say which trials a sweep has. */
export function addSweepPlanOptions(command: Command): Command {
  return command
    .option('--seeds <n>', 'each trial with the seeds 1 to n, or with a list of them')
    .option('--zip <names>', 'axes that go step by step together: rho,beta', collect)
    .option('--trials <n>', 'how many points to draw of uniform, loguniform, int and choice')
    .option('--method <name>', 'how they are drawn: random, or sobol for a quasi-random sequence')
    .option('--draw-seed <n>', 'draw other points')
    .option('--only', "leave out the file's own sweep")
    .option('--metric <name>', 'what the sweep is about, such as validation.loss')
    .option('--goal <goal>', 'min or max')
    .option('--of <which>', 'the best value over the epochs, or the last')
    .option('--prune <rule>', 'end bad trials early: halving, halving:reduction=3:from=1, median, asha')
    .option('--epochs <n>', "in place of every stage's epochs")
    .option('--max-steps <n>', 'end each stage after n updates')
    .option('--data <set>', 'another data set, with as many examples as it has')
    .option('--max-parameters <n>', 'refuse larger models')
    .option('-y, --yes', 'more than 10,000 trials are meant');
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/**
 * The options of `planSweep` that a command line stands for.
 * @param words `[FILE|EXPERIMENT] axis…`
 * @throws Failure, UsageError
 */
export function sweepOptions(words: readonly string[], options: SweepCommandOptions): SweepOptions {
  const [first, ...rest] = words;
  const startsWithAxis = first === undefined || axisName(first) !== null || first.startsWith('@');
  const axes = startsWithAxis ? words : rest;
  for (const word of axes) {
    if (axisName(word) !== null || word.startsWith('@')) continue;
    throw new UsageError(`'${word}' is not an axis and its values`, 'write it as: rho=0.01,0.05');
  }
  const names = axes.flatMap((word) => axisName(word) ?? []);
  const found = findExperiment(startsWithAxis ? null : first, names);
  return {
    source: found.source,
    experiment: found.experiment,
    axes,
    fileAxes: options.only !== true,
    zip: options.zip ?? [],
    seeds: options.seeds ?? null,
    draws: wholeNumber('trials', options.trials, 1),
    method: oneOf('method', options.method, drawMethods),
    drawSeed: wholeNumber('draw-seed', options.drawSeed, 0),
    metric: options.metric ?? null,
    goal: oneOf('goal', options.goal, ['min', 'max']),
    of: oneOf('of', options.of, ['best', 'last']),
    prune: options.prune ?? null,
    data: options.data ?? null,
    epochs: wholeNumber('epochs', options.epochs, 1),
    maxSteps: wholeNumber('max-steps', options.maxSteps, 1),
    mostParameters: wholeNumber('max-parameters', options.maxParameters, 1),
    ...(options.yes ? { mostTrials: null } : {}),
  };
}

function oneOf<T extends string>(name: string, value: string | undefined, options: readonly T[]): T | null {
  if (value === undefined) return null;
  const found = options.find((option) => option === value);
  if (found !== undefined) return found;
  throw new Failure(exitCodes.usage, `--${name} must be ${options.join(' or ')}, and this is '${value}'`);
}
