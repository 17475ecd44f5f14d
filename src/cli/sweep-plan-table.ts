import { ownValue, printable } from '../api/compiler.js';
import type { ParameterValue } from '../api/events.js';
import { type Explanation, parameterHeading } from '../api/results.js';
import { largest } from '../api/statistics.js';
import { countText, durationText, groupedText } from '../api/text.js';
import type { PlannedTrial, SweepPlan } from '../api/training.js';
import { jsonLine } from './json.js';
import { table } from './table.js';

export interface KnownSpeed {
  /** Measured on earlier runs; null if there are none. */
  readonly stepsPerSecond: (trial: PlannedTrial) => number | null;
  /** Trials that train at the same time. */
  readonly jobs: number;
}

/** Longer tables omit their middle. */
const mostRows = 60;

/** Shows what a sweep would do: its trials, their updates, and the estimated time. */
export function sweepPlanTable(plan: SweepPlan, known: KnownSpeed): string {
  const { trials, seeds } = plan;
  const names = plan.axes.map(({ name }) => name);
  const withSeed = seeds.length > 1;
  const following = [...(withSeed ? ['seed'] : []), 'steps', 'time'];
  const others = new Set(['trial', ...following]);
  const headings = ['trial', ...names.map((name) => parameterHeading(name, others)), ...following];
  const row = (trial: PlannedTrial) => [
    String(trial.trial),
    ...names.map((name) => shown(ownValue(trial.parameters, name))),
    ...(withSeed ? [String(trial.seed)] : []),
    `${trial.stopsEarly ? '≤' : ''}${groupedText(trial.steps)}`,
    secondsText(secondsOf(trial, known)),
  ];
  const first = trials.length > mostRows ? trials.slice(0, mostRows - 10) : trials;
  const last = trials.length > mostRows ? trials.slice(-10) : [];
  const lines = table(headings, [...first, ...last].map(row))
    .trimEnd()
    .split('\n');
  const left = trials.length - first.length - last.length;
  if (left > 0) lines.splice(first.length + 1, 0, `… ${groupedText(left)} more …`);
  return `${[...summary(plan), '', ...lines, '', total(plan, known)].join('\n')}\n`;
}

/** The same as JSON lines: one per trial, then the total. */
export function* sweepPlanJson(plan: SweepPlan, known: KnownSpeed): Iterable<string> {
  for (const trial of plan.trials) {
    yield jsonLine({
      event: 'planned_trial',
      trial: trial.trial,
      parameters: trial.parameters,
      seed: trial.seed,
      steps: trial.steps,
      seconds: secondsOf(trial, known),
    });
  }
  yield jsonLine({
    event: 'planned',
    experiment: plan.experiment,
    file: plan.source.path,
    axes: plan.axes,
    seeds: plan.seeds,
    objective: plan.objective,
    ...(plan.moreObjectives.length === 0 ? {} : { moreObjectives: plan.moreObjectives }),
    pruning: plan.pruning,
    trials: plan.search === null ? plan.trials.length : plan.search.points * plan.search.seeds.length,
    ...(plan.search === null ? {} : { search: searchJson(plan.search) }),
    steps: plan.trials.reduce((sum, { steps }) => sum + steps, 0),
    jobs: Math.min(known.jobs, plan.trials.length),
  });
}

function summary(plan: SweepPlan): readonly string[] {
  const { axes, trials, seeds, fixed, draws, objective, pruning, search } = plan;
  const grid = [
    ...axes.map(({ name, values }) => (search === null ? `${name} (${values.length})` : name)),
    ...(seeds.length > 1 ? [`seed (${seeds.length})`] : []),
  ];
  const varying = grid.length > 0 ? `: ${grid.join(', ')}` : '';
  const given = Object.entries(fixed).map(([name, value]) => `${name}=${shown(value)}`);
  return [
    `${plan.experiment} (${plan.source.path}): ${countText(search === null ? trials.length : search.points * seeds.length, 'trial')}${varying}`,
    ...(given.length > 0 ? [`in all of them: ${given.join(' ')}`] : []),
    ...(seeds.length === 1 && seeds[0] !== 1 ? [`seed ${seeds[0]}`] : []),
    ...(draws ? [drawsText(draws, search)] : []),
    ...(plan.moreObjectives.length > 0 ? [`objectives: ${objectivesText(plan)}`] : []),
    ...(objective && plan.moreObjectives.length === 0
      ? [`objective: ${objective.metric}, ${objective.goal}, ${objective.of} of the epochs`]
      : []),
    ...(pruning ? [`pruning: ${describePruning(pruning)}`] : []),
  ];
}

function objectivesText({ objective, moreObjectives }: SweepPlan): string {
  const all = objective === null ? [] : [objective, ...moreObjectives];
  return all.map(({ metric, goal }) => `${metric}, ${goal}`).join('; ');
}

function drawsText({ method, count }: NonNullable<SweepPlan['draws']>, search: SweepPlan['search']): string {
  const points = countText(count, 'point');
  if (search !== null) {
    const first = Math.min(search.lag, count);
    return `${points} proposed by ${method} with lag ${search.lag}: below are the first ${first}, the others depend on results`;
  }
  return method === 'sobol' ? `${points} of Sobol's sequence` : `${points} drawn at random`;
}

function searchJson({ method, lag, points }: NonNullable<SweepPlan['search']>) {
  return { method, lag, points };
}

function describePruning(pruning: NonNullable<SweepPlan['pruning']>): string {
  switch (pruning.kind) {
    case 'halving':
      return `successive halving: after epoch ${pruning.from} the best 1/${pruning.reduction} continue, and so on`;
    case 'asha':
      return `asynchronous halving (it depends on the schedule), from epoch ${pruning.from} by ${pruning.reduction}`;
    case 'median':
      return `below the median after epoch ${pruning.from}, then every ${pruning.every}`;
  }
}

function total({ trials, pruning, search }: SweepPlan, known: KnownSpeed): string {
  // Undecided points are assumed to be like the decided ones.
  const count = search === null ? trials.length : search.points * search.seeds.length;
  const times = count / trials.length;
  const steps = Math.round(times * trials.reduce((sum, trial) => sum + trial.steps, 0));
  const atMost = pruning !== null || trials.some(({ stopsEarly }) => stopsEarly) ? 'at most ' : '';
  const seconds = trials.map((trial) => secondsOf(trial, known));
  const work = seconds.every((each) => each !== null)
    ? seconds.reduce<number>((sum, s) => sum + (s ?? 0), 0) * times
    : null;
  const jobs = Math.min(known.jobs, trials.length);
  const longest = largest(
    seconds.map((each) => each ?? 0),
    0,
  );
  const time =
    work === null
      ? 'time unknown: no earlier run to estimate it from'
      : `about ${durationText(Math.max(work / jobs, longest))}${jobs > 1 ? ` with ${jobs} at a time` : ''}`;
  return `${countText(count, 'trial')}, ${atMost}${countText(steps, 'step')}, ${time}`;
}

function secondsOf(trial: PlannedTrial, known: KnownSpeed): number | null {
  const rate = known.stepsPerSecond(trial);
  return rate === null || !(rate > 0) ? null : trial.steps / rate;
}

function shown(value: ParameterValue | undefined): string {
  const text = Array.isArray(value) ? `[${value.join(', ')}]` : String(value ?? '');
  return printable(text.length > 24 ? `${text.slice(0, 23)}…` : text);
}

function secondsText(seconds: number | null): string {
  return seconds === null ? 'unknown' : durationText(seconds);
}

/** A row for each trial: whether it would train, and why. */
export function explanationTable(plan: SweepPlan, explained: readonly Explanation[], json: boolean): string {
  if (json) return explained.map(jsonLine).join('');
  const names = plan.axes.map(({ name }) => name);
  const rows = explained.map(({ trial, trains, reason }) => {
    const { parameters = {}, seed = 0 } = plan.trials[trial] ?? {};
    return [
      String(trial),
      ...names.map((name) => String(ownValue(parameters, name))),
      String(seed),
      trains ? 'trains' : 'cached',
      reason,
    ];
  });
  const trained = explained.filter(({ trains }) => trains).length;
  return `${table(['trial', ...names, 'seed', '', 'why'], rows)}\n${trained} of ${explained.length} would train\n`;
}
