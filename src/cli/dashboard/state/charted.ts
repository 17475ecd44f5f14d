import { rankedTrials, ranking } from './metrics.js';
import { settingKey } from './rows.js';
import { type DashboardState, selectedTrial } from './state.js';
import type { Trial } from './trial.js';

const withoutMarks = 6;
const mostMarked = 64;

/**
 * Trials to draw, by number: the marked ones; if none are marked, the selected one, those training, and the best of the
 * others.
 */
export function chartedTrials(state: DashboardState): readonly Trial[] {
  const { trials, ui } = state;
  if (ui.marked.size > 0) return trials.filter(({ trial }) => ui.marked.has(trial)).slice(0, mostMarked);
  const selected = selectedTrial(state);
  const running = trials.filter((trial) => trial.state === 'running' || trial.state === 'paused');
  const ranked = rankedTrials(state, ranking(state)).map(({ trial }) => trial);
  const chosen = new Set([...(selected ? [selected] : []), ...running, ...ranked].slice(0, withoutMarks));
  return trials.filter((trial) => chosen.has(trial));
}

/** A setting with charted trials. */
export interface Setting {
  readonly trials: readonly Trial[];
}

/** The charted trials' settings, with all their seeds. */
export function chartedSettings(state: DashboardState): readonly Setting[] {
  const keys = new Set(chartedTrials(state).map(settingKey));
  const settings = new Map<string, Trial[]>([...keys].map((key) => [key, []]));
  for (const trial of state.trials) settings.get(settingKey(trial))?.push(trial);
  return [...settings.values()].map((trials) => ({ trials }));
}

/** Number of hues. */
const hues = 8;

/** A hue for each charted trial, kept as long as possible while others come and go. */
export function chartHues(state: DashboardState): ReadonlyMap<number, number> {
  const taken = new Set<number>();
  const assigned = new Map<number, number>();
  const chosen = state.ui.grouped
    ? chartedSettings(state).map(({ trials }) => trials.map(({ trial }) => trial))
    : chartedTrials(state).map(({ trial }) => [trial]);
  for (const numbers of chosen) {
    const wanted = (numbers[0] ?? 0) % hues;
    const free = Array.from({ length: hues }, (_, i) => (wanted + i) % hues).find((hue) => !taken.has(hue)) ?? wanted;
    taken.add(free);
    for (const number of numbers) assigned.set(number, free);
  }
  return assigned;
}
