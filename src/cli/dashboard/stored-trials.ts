import { hasEnded } from '../../api/events.js';
import { partMetric } from '../../api/metrics.js';
import type { TrialLibrary } from '../../api/watch.js';
import { chartedTrials } from './state/charted.js';
import { metricsOfFilter } from './state/filter.js';
import { lossTerms } from './state/metrics.js';
import type { Input } from './state/reduce.js';
import { filterText, rowsOf, selectedRow } from './state/rows.js';
import { type DashboardState, selectedTrial } from './state/state.js';
import type { Trial } from './state/trial.js';

/** Milliseconds for reading per frame. */
const budget = 20;
/** Rows around the selected one to read ahead. */
const rowsAround = 40;

/** Loads data from the store that no event reported, once the user views it: curves of earlier trials, details. */
export class StoredTrials {
  readonly #library: TrialLibrary;
  readonly #histories = new Set<string>();
  readonly #details = new Map<number, string>();
  readonly #pictures = new Set<string>();
  readonly #finals = new Set<string>();
  #behind = false;

  constructor(library: TrialLibrary) {
    this.#library = library;
  }

  /** Whether there is more to read. */
  get isBehind(): boolean {
    return this.#behind;
  }

  /** Reads what the dashboard needs now, within the time budget. */
  wanted(state: DashboardState, now: number): readonly Input[] {
    const inputs: Input[] = [];
    const started = performance.now();
    this.#behind = false;
    for (const metric of tabulated(state)) inputs.push(...this.#finalsOf(state, metric));
    const selected = selectedTrial(state);
    if (selected !== null) inputs.push(...this.#detailsOf(selected), ...this.#picturesOf(selected, now));
    for (const trial of inSight(state)) {
      if (!this.#lacksCurves(trial)) continue;
      if (performance.now() - started > budget) {
        this.#behind = true;
        break;
      }
      inputs.push(...this.#historyOf(trial, now));
    }
    return inputs;
  }

  /** Once; trials that end later are reported by events. */
  #finalsOf({ trials }: DashboardState, metric: string): readonly Input[] {
    if (this.#finals.has(metric)) return [];
    this.#finals.add(metric);
    const lacking = trials.filter(({ state, final }) => hasEnded(state) && !Object.hasOwn(final, metric));
    const values = this.#library.finals(
      lacking.flatMap(({ runId }) => runId ?? []),
      metric,
    );
    return values.size === 0 ? [] : [{ kind: 'finals', metric, values }];
  }

  #lacksCurves({ runId, state, steps, epochs }: Trial): boolean {
    return runId !== null && hasEnded(state) && steps.size === 0 && epochs.size === 0 && !this.#histories.has(runId);
  }

  #historyOf({ trial, runId }: Trial, now: number): readonly Input[] {
    if (runId === null) return [];
    this.#histories.add(runId);
    return this.#library.history(trial, runId).map((event) => ({ kind: 'event', event, now }));
  }

  /** Pictures stored at the end replace the last previews. */
  #picturesOf({ trial, runId, state }: Trial, now: number): readonly Input[] {
    if (runId === null || !hasEnded(state) || this.#pictures.has(runId)) return [];
    this.#pictures.add(runId);
    return this.#library.pictures(trial, runId).map((event) => ({ kind: 'event', event, now }));
  }

  /** Once per state of the run. */
  #detailsOf({ trial, runId, state }: Trial): readonly Input[] {
    if (runId === null || this.#details.get(trial) === `${runId} ${state}`) return [];
    this.#details.set(trial, `${runId} ${state}`);
    return [{ kind: 'details', trial, details: this.#library.details(runId) }];
  }
}

/** Metrics used by columns or the filter of the trial table. */
function tabulated(state: DashboardState): readonly string[] {
  const terms = lossTerms(state.trials).map((term) => partMetric('train', term));
  return [...new Set([...terms, ...metricsOfFilter(filterText(state))])];
}

/** The selected trial, the charted ones, and neighbours of the selected one. */
function inSight(state: DashboardState): readonly Trial[] {
  const { rows } = rowsOf(state);
  const place = Math.max(0, selectedRow(state, rows));
  const near = rows.slice(Math.max(0, place - rowsAround), place + rowsAround).flatMap(({ replicates }) => replicates);
  return [...new Set([...chartedTrials(state), ...near])];
}
