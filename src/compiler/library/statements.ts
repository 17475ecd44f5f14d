/** Documentation of a statement, a setting or an axis, for the reference, `aedsl help` and editors. */
export interface Usage {
  /** Syntax; Markdown if there are several forms. */
  readonly usage: string;
  readonly doc: string;
}

export interface StatementUsage extends Usage {
  readonly often: string;
}

/** Every statement of an experiment, in the order of the reference. */
export const statementUsages = {
  param: {
    usage: 'param name = value where condition',
    often: 'any number',
    doc: 'a value that can be changed from outside, with the values it may have',
  },
  let: {
    usage: 'let name = value',
    often: 'any number',
    doc: 'a name for an expression',
  },
  data: {
    usage: 'data set(…) { transforms }',
    often: 'once',
    doc: 'what is learned from',
  },
  target: {
    usage: 'target set(…) { transforms }',
    often: 'at most once',
    doc: 'what the decoder must give, if that isn’t the input: an example for each of the data, in the same order',
  },
  corrupt: {
    usage: '`corrupt word(…)` or `corrupt { words }`',
    often: 'at most once',
    doc: 'what is done to the input, in this order, and not to the target',
  },
  encoder: {
    usage: 'encoder { layers }',
    often: 'once',
    doc: 'from the input to the code',
  },
  decoder: {
    usage: '`decoder { layers }` or `decoder tied(encoder, output=…)`',
    often: 'once',
    doc: 'from the code back to the input',
  },
  loss: {
    usage: 'loss expression',
    often: 'once, if there is a `train`',
    doc: 'what is minimised',
  },
  pretrain: {
    usage: 'pretrain stage(…) { settings }',
    often: 'any number',
    doc: 'stages before the training, in their order',
  },
  train: {
    usage: 'train optimizer(…) { settings }',
    often: 'at most once',
    doc: 'the training of the whole network',
  },
  show: {
    usage: 'show { figures }',
    often: 'at most once',
    doc: 'pictures of the result',
  },
  evaluate: {
    usage: 'evaluate { measures }',
    often: 'at most once',
    doc: 'measures beside the loss',
  },
  sweep: {
    usage: 'sweep { axes }',
    often: 'at most once',
    doc: 'the grid that `aedsl sweep` runs',
  },
  without: {
    usage: 'without statement',
    often: 'any number',
    doc: 'takes away what the parent says',
  },
} satisfies Readonly<Record<string, StatementUsage>>;

/** Words for the values of an axis. */
export const axisUsages: Readonly<Record<string, Usage>> = {
  range: {
    usage: 'range(from, to, step)',
    doc: 'from `from` on, without `to`; the step is 1 if it is left out',
  },
  linspace: { usage: 'linspace(from, to, count)', doc: 'in equal steps, with both ends' },
  logspace: { usage: 'logspace(from, to, count)', doc: 'in equal ratios, with both ends' },
  choice: { usage: 'choice(a, b, …)', doc: 'these; drawn, if trials are drawn' },
  uniform: { usage: 'uniform(from, to)', doc: 'drawn: every number equally likely' },
  loguniform: { usage: 'loguniform(from, to)', doc: 'drawn: every magnitude equally likely' },
  int: { usage: 'int(from, to)', doc: 'drawn: whole numbers, with both ends' },
};

/** Settings that a `sweep` may have besides its axes. */
export const sweepSettingUsages: Readonly<Record<string, Usage>> = {
  zip: {
    usage: 'zip = [rho, beta]',
    doc: 'axes that go step by step together, with as many values each; `[[rho, beta], [hidden, lr]]` are two such groups',
  },
  table: {
    usage: 'table = "trials.csv"',
    doc: 'a file of trials: the first row names axes, every other row has a value for each',
  },
  trials: { usage: 'trials = 20', doc: 'how many points of the drawn axes' },
  method: {
    usage: 'method = sobol',
    doc: 'how they are drawn: `random` or `sobol`, or proposed from the results of earlier trials: `tpe` or `cmaes`',
  },
  lag: { usage: 'lag = 4', doc: 'with `tpe` and `cmaes`: point i depends on the results of points 0 to i − lag' },
  draw_seed: { usage: 'draw_seed = 2', doc: 'draws other points' },
  metric: { usage: 'metric = "validation.loss"', doc: 'what the sweep is about: a metric of the validation part' },
  objectives: {
    usage: 'objectives = ["test.sse", "test.knn"]',
    doc: 'two to four metrics that it is judged by together, each with its own goal: tables show the Pareto front',
  },
  goal: { usage: 'goal = max', doc: 'whether it is to be small (`min`) or large' },
  of: { usage: 'of = last', doc: 'whether the best value over the epochs (`best`) or the last counts' },
  prune: {
    usage: 'prune = halving(reduction=3, from=1)',
    doc:
      'ends bad trials early: `halving` after epoch `from`, `from · reduction`, …, where the best of `reduction` go on; ' +
      '`asha(reduction, from)` likewise without waiting for the others, so it depends on which trials run together (on a cluster: on their order); ' +
      '`median(from, every)` where a trial is worse than the median',
  },
};

/** Members of `input`. */
export const inputMembers: Readonly<Record<string, string>> = {
  shape: 'the shape as a list, channels first: `[1, 28, 28]`',
  size: 'how many values an example has',
  channels: 'the channels of an image',
  height: 'the rows of an image',
  width: 'the columns of an image',
};

/** Table of the statements. */
export function statementTable(): string {
  const rows = Object.values(statementUsages).map(
    ({ usage, often, doc }) => `| ${usage.includes('`') ? usage : `\`${usage}\``} | ${often} | ${doc} |`,
  );
  return ['| statement | how often | what it says |', '|---|---|---|', ...rows].join('\n');
}

/** Table of axes or of settings of a sweep. */
export function usageTable(usages: Readonly<Record<string, Usage>>, heading: readonly [string, string]): string {
  const rows = Object.values(usages).map(({ usage, doc }) => `| \`${usage}\` | ${doc} |`);
  return [`| ${heading.join(' | ')} |`, '|---|---|', ...rows].join('\n');
}
