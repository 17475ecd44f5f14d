import { ownValue } from '../../../api/compiler.js';
import { partMetric, termLabel } from '../../../api/metrics.js';
import { parameterHeading } from '../../../api/results.js';
import { clockText, steadyText } from '../../../api/text.js';
import { lossTerms, ranking, scoreOf } from './metrics.js';
import { type DashboardState, parameterText } from './state.js';
import { epochOf, latest, progressOf, secondsLeft, type Trial } from './trial.js';

/** A column of the trial table, with its sort and filter value. */
export interface Column {
  /** Its name in filters. */
  readonly id: string;
  readonly title: string;
  readonly side: 'start' | 'end';
  /** Columns with the lowest ranks are kept if space is short. */
  readonly rank: number;
  /** Sort value; null sorts last in any order. */
  readonly value: (trial: Trial) => number | string | null;
  readonly text: (trial: Trial) => string;
  /** The param it shows; null for other columns. */
  readonly parameter: string | null;
}

/** Headings of the table of settings. */
const headingsOfSettings = ['seeds', 'mean', 'interval', 'sd', 'states'] as const;

/** All columns, in screen order. A param that collides with another column is `param.name`. */
export function columnsOf(state: DashboardState): readonly Column[] {
  const { leading, following } = ownColumns(state);
  const own = [...leading, ...following].map((column): Column => ({ ...column, parameter: null }));
  const others = new Set([...own.flatMap(({ id, title }) => [id, title]), ...headingsOfSettings]);
  const parameters = (state.sweep?.varying ?? []).map((name) => parameterColumn(name, parameterHeading(name, others)));
  return [...own.slice(0, leading.length), ...parameters, ...own.slice(leading.length)];
}

function parameterColumn(name: string, heading: string): Column {
  return {
    id: heading,
    title: heading,
    side: 'end',
    rank: 1,
    value: ({ parameters }) => {
      const value = ownValue(parameters, name);
      return typeof value === 'number' ? value : value === undefined ? null : parameterText(value);
    },
    text: ({ parameters }) => parameterText(ownValue(parameters, name)),
    parameter: name,
  };
}

type OwnColumn = Omit<Column, 'parameter'>;

/** The columns before and after the params. */
function ownColumns(state: DashboardState): {
  readonly leading: readonly OwnColumn[];
  readonly following: readonly OwnColumn[];
} {
  const objective = ranking(state);
  // Until the first epoch has a mean, show the last step.
  const loss = (id: string, title: string, name: string, rank: number): OwnColumn => {
    const value = (trial: Trial) => latest(trial, partMetric('train', name)) ?? latest(trial, name);
    return { id, title, side: 'end', rank, value, text: (trial) => metricText(value(trial)) };
  };
  const replicated = state.trials.some(({ seed }) => seed !== state.trials[0]?.seed);
  const leading: readonly OwnColumn[] = [
    { id: 'trial', title: '#', side: 'end', rank: 0, value: ({ trial }) => trial, text: ({ trial }) => String(trial) },
    { id: 'status', title: 'status', side: 'start', rank: 0, value: (t) => t.state, text: (t) => t.state },
  ];
  const following: readonly OwnColumn[] = [
    {
      id: 'seed',
      title: 'seed',
      side: 'end',
      rank: replicated ? 1 : 7,
      value: ({ seed }) => seed,
      text: ({ seed }) => String(seed),
    },
    {
      id: 'epoch',
      title: 'epoch',
      side: 'end',
      rank: 2,
      value: (trial) => epochOf(trial)?.epoch ?? null,
      text: (trial) => {
        const epoch = epochOf(trial);
        return epoch === null ? '' : `${epoch.epoch}/${epoch.of}`;
      },
    },
    {
      id: 'progress',
      title: 'progress',
      side: 'start',
      rank: 5,
      value: (trial) => {
        const share = progressOf(trial);
        return share === null ? null : share * 100;
      },
      text: () => '',
    },
    {
      id: 'best',
      title: objective.of,
      side: 'end',
      rank: 2,
      value: (trial) => scoreOf(trial, objective),
      text: (trial) => metricText(scoreOf(trial, objective)),
    },
    loss('loss', 'loss', 'loss', 3),
    ...lossTerms(state.trials).map((term) => loss(term, termLabel(term), term, 6)),
    { id: 'curve', title: 'curve', side: 'start', rank: 4, value: () => null, text: () => '' },
    {
      id: 'left',
      title: 'left',
      side: 'end',
      rank: 3,
      value: secondsLeft,
      text: (trial) => {
        const left = secondsLeft(trial);
        return left === null ? '' : clockText(left);
      },
    },
    {
      id: 'speed',
      title: 'steps/s',
      side: 'end',
      rank: 8,
      value: ({ state: now, stepsPerSecond }) => (now === 'running' ? stepsPerSecond : null),
      text: ({ state: now, stepsPerSecond }) =>
        now === 'running' && stepsPerSecond !== null ? String(Math.round(stepsPerSecond)) : '',
    },
    { id: 'run', title: 'run', side: 'start', rank: 9, value: ({ runId }) => runId, text: ({ runId }) => runId ?? '' },
  ];
  return { leading, following };
}

/** Empty for a missing metric. */
export function metricText(value: number | null): string {
  return value === null ? '' : steadyText(value);
}
