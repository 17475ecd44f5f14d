import { ownValue, printable } from '../../api/compiler.js';
import {
  type Ended,
  type EpochDone,
  hasEnded,
  isTraining,
  type JournalEvent,
  type Listener,
  type ParameterValue,
  type Started,
  type SweepTrialSummary,
  type TrainingEvent,
  type TrialState,
  type TrialStateChanged,
} from '../../api/events.js';
import { usualMetric } from '../../api/metrics.js';
import { objectivesOf } from '../../api/results.js';
import { countText, durationText, numberText } from '../../api/text.js';
import type { Console } from '../console.js';
import { evaluatingText } from '../evaluating-text.js';
import type { Clock } from './progress.js';

/** Milliseconds between progress lines of a trial. */
const QUIET = 60_000;

/**
 * For pipes, logs and plain terminals: on `out` what the sweep is, how each trial ended, and the outcome; on `err` a
 * line when a trial starts, and its progress once a minute.
 */
export function plainSweepReporter(console: Console, clock: Clock = () => performance.now()): Listener {
  const trials = new Map<number, SweepTrialSummary>();
  const places = new Map<number, TrialProgress>();
  const finals = new Map<number, Readonly<Record<string, number>>>();
  let ranking: Pick<Started, 'objective' | 'moreObjectives' | 'comparable' | 'search'> = {
    objective: null,
    comparable: 'loss',
  };
  const print = (text: string) => console.out(`${printable(text)}\n`);
  const note = (text: string) => console.err(`${printable(text)}\n`);
  const nameOf = (trial: number) => {
    const { parameters = {}, seed = 0 } = trials.get(trial) ?? {};
    const values = Object.entries(parameters).map(([name, value]) => `${name}=${shown(value)}`);
    return `${String(trial).padStart(String(Math.max(0, trials.size - 1)).length)}  ${[...values, `seed=${seed}`].join(' ')}`;
  };
  const scored = (trial: number) => {
    const values = objectivesOf(ranking).flatMap(({ metric }) => {
      const value = ownValue(finals.get(trial) ?? {}, metric);
      return value === undefined ? [] : `${metric} ${numberText(value)}`;
    });
    return [`trial ${nameOf(trial).trim()}`, ...values].join('  ');
  };
  const tell = (change: Omit<TrialStateChanged, 'event'>) => {
    if (change.metrics !== null) finals.set(change.trial, change.metrics);
    const say = hasEnded(change.state) ? print : note;
    if (isTold(change)) say(`${nameOf(change.trial)}  ${stateText(change, ranking)}`);
    places.set(change.trial, { told: clock(), epochs: null });
  };
  const follow = (trial: number, training: TrainingEvent) => {
    const place = places.get(trial);
    if (!place) return;
    if (training.event === 'stage_started') place.epochs = training.epochs;
    if ((training.event !== 'epoch' && training.event !== 'evaluating') || clock() - place.told < QUIET) return;
    place.told = clock();
    const text = training.event === 'epoch' ? epochText(training, place.epochs) : evaluatingText(training);
    note(`${nameOf(trial)}  ${text}`);
  };
  return (event: JournalEvent) => {
    if (isTraining(event)) {
      follow(event.trial, event);
      return;
    }
    switch (event.event) {
      case 'started': {
        for (const trial of event.trials) trials.set(trial.trial, trial);
        ranking = event;
        const { id, name, data, backend, jobs, threads } = event;
        const each = threads > 1 ? `, ${threads} threads each` : '';
        const { search } = event;
        const how = search === undefined ? '' : ` by ${search.method}, lag ${search.lag}`;
        const count = `${countText(search?.trials ?? trials.size, 'trial')}${how}`;
        const facts = [id ?? 'not stored', name, count, data, backend];
        print([...facts.filter((fact) => fact !== ''), `${jobs} at a time${each}`].join(' · '));
        for (const { ended, ...trial } of event.trials) if (ended) tell({ ...trial, ...ended, weightsSha256: null });
        break;
      }
      case 'comparable':
        ranking = { ...ranking, comparable: event.comparable };
        break;
      case 'trials_added':
        for (const trial of event.trials) trials.set(trial.trial, trial);
        // Those that a search proposes are told as they begin.
        if (ranking.search === undefined) print(`${countText(event.trials.length, 'trial')} added`);
        break;
      case 'trial_state':
        tell(event);
        break;
      case 'rung': {
        const { rung, epoch, kept, pruned } = event;
        print(`rung ${rung}, after epoch ${epoch}: ${kept.length} go on, ${pruned.length} pruned`);
        break;
      }
      case 'jobs':
        note(`${countText(event.jobs, 'trial')} at a time`);
        break;
      case 'note':
        note(event.trial === null ? event.text : `trial ${event.trial}: ${event.text}`);
        break;
      case 'ended':
        for (const line of summary(event, nameOf, scored)) print(line);
        if (event.status === 'interrupted' && event.id !== null) note(`aedsl resume ${event.id} continues it`);
        break;
      case 'preview':
      case 'worker':
      case 'action':
        break;
    }
  };
}

/** The last reported progress of a trial. */
interface TrialProgress {
  told: number;
  /** Epochs of the stage. */
  epochs: number | null;
}

function epochText({ stage, epoch, metrics }: EpochDone, epochs: number | null): string {
  const names = Object.keys(metrics);
  const name = usualMetric(names, 'loss') ?? names[0];
  const value = name === undefined ? undefined : metrics[name];
  const place = `${stage} ${epoch}${epochs === null ? '' : `/${epochs}`}`;
  return name === undefined || value === undefined ? place : `${place}  ${name} ${numberText(value)}`;
}

/** A trial put back in the queue is not reported. */
function isTold({ state, runId }: Pick<TrialStateChanged, 'state' | 'runId'>): boolean {
  if (state === 'queued') return false;
  return state !== 'interrupted' || runId !== null;
}

function stateText(
  { state, runId, reason, metrics, weightsSha256 }: Omit<TrialStateChanged, 'event'>,
  { objective: about, comparable }: Pick<Started, 'objective' | 'comparable'>,
): string {
  const words = [state, ...(runId === null || state === 'cached' ? [] : [runId])];
  const metric = metrics && (about?.metric ?? usualMetric(Object.keys(metrics), comparable));
  const value = metrics && metric ? ownValue(metrics, metric) : undefined;
  if (metric && value !== undefined) words.push(`${metric} ${numberText(value)}`);
  if (weightsSha256 !== null && hasWeights(state)) words.push(`weights ${weightsSha256.slice(0, 12)}`);
  if (reason !== null) words.push(`(${reason})`);
  return words.join('  ');
}

function hasWeights(state: TrialState): boolean {
  return state === 'complete' || state === 'cached';
}

/** Most trials of a front that the last lines name. */
const mostOfFront = 10;

/** @param scored a trial with its objectives */
function summary(
  { counts, best, front, seconds }: Ended,
  nameOf: (trial: number) => string,
  scored: (trial: number) => string,
): readonly string[] {
  const states = Object.entries(counts).map(([state, n]) => `${n} ${state}`);
  const ended = `${states.join(', ')} in ${durationText(seconds)}`;
  if (front !== undefined) {
    const shown = front.slice(0, mostOfFront).map((trial) => `  ${scored(trial)}`);
    const more = front.length > shown.length ? [`  and ${front.length - shown.length} more`] : [];
    return [ended, `Pareto front: ${countText(front.length, 'trial')}`, ...shown, ...more];
  }
  return best === null ? [ended] : [ended, `best: trial ${nameOf(best).trim()}`];
}

function shown(value: ParameterValue): string {
  return typeof value === 'number' ? numberText(value) : String(value);
}
