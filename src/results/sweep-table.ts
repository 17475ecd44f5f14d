import { ownValue } from '../compiler/ir/value.js';
import { partMetric } from '../metrics/metric-name.js';
import type { MeasuredObjective } from '../metrics/usual-metric.js';
import type { ParameterValue, TrialState } from '../runtime/events.js';
import type { RunStatus } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import type { SweepRecord, SweepTrialRecord } from '../runtime/store/sweep-records.js';
import type { RunOutcome } from '../runtime/store/trials-reader.js';
import { frontOf, objectivesOf } from '../sweep/sweep-front.js';
import type { Words } from '../words/word.js';
import { chooseMetric, type MetricChoice, type MetricRequest, type MetricValue, valuesOf } from './metric-choice.js';
import { resolveSubject, type TableSubject } from './table-subject.js';

/** A trial of a sweep, or a run named on its own. */
export interface TableTrial {
  /** `s3`; null for a run. */
  readonly sweepId: string | null;
  /** From 0; null for a run. */
  readonly trial: number | null;
  /** Null before it trains. */
  readonly runId: string | null;
  /** SHA-256 of everything that decides the result. */
  readonly identity: string;
  readonly seed: number;
  readonly state: TrialState | RunStatus;
  /** Explains the state, if needed. */
  readonly reason: string | null;
  /** The table's `varying` parameters; those its experiment lacks are omitted. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** The table's metric; NaN if it has none. */
  readonly value: number;
  /** Epoch of the value, if it has one. */
  readonly epoch: number | null;
  /** Trained to the end: only these are averaged and can be the best. */
  readonly ended: boolean;
}

export interface TableRequest extends MetricRequest {
  /** Whose metrics are known. */
  readonly words: Words;
  /** Other metrics to show. */
  readonly also?: readonly string[];
}

/** Trials that differ only in the seed. */
export interface Setting {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly trials: readonly TableTrial[];
  /** Trials that count, by seed: one for each seed, trained to the end, with a finite value. */
  readonly replicates: readonly TableTrial[];
}

export interface ParetoTable {
  readonly objectives: readonly MeasuredObjective[];
  readonly settings: ReadonlySet<Setting>;
  /** Means over the seeds, one for each objective; NaN if there are none. */
  readonly means: ReadonlyMap<Setting, readonly number[]>;
}

export interface TrialTable {
  /** `s3 · sparse`, `r1, r2` */
  readonly title: string;
  readonly sweeps: readonly SweepRecord[];
  readonly choice: MetricChoice;
  /** Other metrics to show. */
  readonly also: readonly string[];
  /** Parameters that differ between trials, in the order of the axes. */
  readonly varying: readonly string[];
  /** In plan order. */
  readonly trials: readonly TableTrial[];
  readonly settings: readonly Setting[];
  /** By mean over seeds; null if no trial has a value. */
  readonly best: Setting | null;
  /** The objectives of a sweep with several, and the settings that no other beats; null for other tables. */
  readonly front: ParetoTable | null;
}

/** The default second metric: the error that all experiments share. */
const usual = partMetric('test', 'sse');

/** A trial before the varying parameters are known. */
interface Candidate {
  readonly sweep: SweepRecord | null;
  readonly record: SweepTrialRecord | null;
  readonly runId: string | null;
  readonly experiment: string;
  readonly identity: string;
  readonly seed: number;
  readonly state: TrialState;
  /** Null before it trains, and if the sweep has all that is needed. */
  readonly outcome: RunOutcome | null;
  /** Shared between trials of one setting of a sweep. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/**
 * Reads sweeps and runs into one table.
 *
 * @param names sweeps (`s3`, or by name) and runs (`r12`, `last`)
 * @throws UsageError for an unknown name, or a metric that no run has
 */
export function readTrialTable(store: Store, names: readonly string[], request: TableRequest): TrialTable {
  return tableOf(
    store,
    names.map((name) => resolveSubject(store, name)),
    request,
  );
}

/** Like {@link readTrialTable}, for resolved subjects. */
export function tableOf(store: Store, subjects: readonly TableSubject[], request: TableRequest): TrialTable {
  const candidates = readCandidates(store, subjects);
  const sweeps = subjects.flatMap((subject) => (subject.kind === 'sweep' ? [subject.sweep] : []));
  const runIds = runIdsOf(candidates);
  const choice = chooseMetric(store, runIds, sweeps, request, request.words);
  const values = valuesOf(store, runIds, choice, knownValues(candidates, choice));
  const [only] = sweeps;
  const objectives = only && subjects.length === 1 ? objectivesOf(only) : [];
  const further = request.metric ? [] : objectives.map(({ metric }) => metric);
  const there = new Set(store.trials.finalNames(runIds, [...further, ...(request.also ?? [usual])]));
  const also = [...new Set([...further, ...(request.also ?? [usual])])].filter(
    (name) => name !== choice.metric && there.has(name),
  );
  const varying = namesThatDiffer(candidates, sweeps);
  const varied = variedParameters(candidates, varying);
  const trials = candidates.map(({ sweep, record, runId, identity, seed, state, parameters }): TableTrial => {
    const found = runId === null ? undefined : values.get(runId);
    const own = varied.get(parameters);
    if (!own) throw new RangeError(`${runId ?? identity} has no parameters in the table`);
    return {
      sweepId: sweep?.id ?? null,
      trial: record?.trial ?? null,
      runId,
      identity,
      seed,
      state,
      reason: record?.reason ?? null,
      parameters: own,
      value: found?.value ?? Number.NaN,
      epoch: found?.epoch ?? null,
      ended: state === 'complete' || state === 'cached',
    };
  });
  const settings = settingsOf(trials);
  const front = objectives.length === 0 ? null : paretoTable(store, settings, objectives);
  const best = front === null ? bestOf(settings, choice) : null;
  return { title: titleOf(subjects), sweeps, choice, also, varying, trials, settings, best, front };
}

function paretoTable(
  store: Store,
  settings: readonly Setting[],
  objectives: readonly MeasuredObjective[],
): ParetoTable {
  const names = objectives.map(({ metric }) => metric);
  const ended = settings.map(({ trials }) =>
    trials.flatMap(({ ended, runId }) => (ended && runId !== null ? [runId] : [])),
  );
  const finals = store.trials.finals(ended.flat(), names);
  const metrics = ended.map((runs) => runs.map((run) => finals.get(run) ?? {}));
  return {
    objectives,
    settings: new Set(frontOf(metrics, objectives).flatMap((i) => settings.slice(i, i + 1))),
    means: new Map(
      settings.map((setting, i) => [
        setting,
        names.map((name) => {
          const values = (metrics[i] ?? []).map((one) => ownValue(one, name) ?? Number.NaN);
          return values.reduce((sum, value) => sum + value, 0) / values.length;
        }),
      ]),
    ),
  };
}

/** Mean over the replicates; NaN if there are none. */
export function meanOf({ replicates }: Setting): number {
  return replicates.reduce((sum, { value }) => sum + value, 0) / replicates.length;
}

/** The setting with the best mean; the first of equals. */
function bestOf(settings: readonly Setting[], { goal }: Pick<MetricChoice, 'goal'>): Setting | null {
  const sign = goal === 'min' ? 1 : -1;
  let best: { setting: Setting; mean: number } | null = null;
  for (const setting of settings) {
    const mean = meanOf(setting) * sign;
    if (mean < (best?.mean ?? Number.POSITIVE_INFINITY)) best = { setting, mean };
  }
  return best?.setting ?? null;
}

/** The replicate with the best value; null if there is none. */
export function bestTrial({ replicates }: Setting, { goal }: Pick<MetricChoice, 'goal'>): TableTrial | null {
  const sign = goal === 'min' ? 1 : -1;
  return replicates.reduce<TableTrial | null>(
    (best, trial) => (best === null || trial.value * sign < best.value * sign ? trial : best),
    null,
  );
}

function readCandidates(store: Store, subjects: readonly TableSubject[]): readonly Candidate[] {
  // A sweep declares what varies; several subjects may differ in anything.
  const only = subjects[0];
  if (only && subjects.length === 1 && only.kind === 'sweep') return candidatesOf(store, only);
  const found = subjects.flatMap((subject) => candidatesOf(store, subject));
  const runIds = found.flatMap(({ runId }) => runId ?? []);
  const outcomes = store.trials.outcomes(runIds);
  const withOutcome = found.map((one) => ({ ...one, outcome: outcomes.get(one.runId ?? '') ?? null }));
  const parameters = store.trials.parameters(runIds);
  return withOutcome.map((one) => ({ ...one, parameters: allParameters(one, parameters.get(one.runId ?? '') ?? []) }));
}

function candidatesOf(store: Store, subject: TableSubject): readonly Candidate[] {
  switch (subject.kind) {
    case 'run': {
      const { id, experiment, identity, seed, status } = subject.run;
      const own = { runId: id, experiment, identity, seed, state: status, outcome: null, parameters: {} };
      return [{ sweep: null, record: null, ...own }];
    }
    case 'sweep':
      return store.sweepTrials(subject.sweep.id).map((record) => ({
        sweep: subject.sweep,
        record,
        runId: record.runId,
        experiment: subject.sweep.experiment,
        identity: record.identity,
        seed: record.seed,
        state: record.state,
        outcome: null,
        parameters: record.parameters,
      }));
  }
}

/** Includes the experiment, so that runs of two experiments can be told apart. */
function allParameters(
  { outcome, experiment, parameters }: Candidate,
  ofRun: readonly { readonly name: string; readonly value: ParameterValue }[],
): Readonly<Record<string, ParameterValue>> {
  return {
    experiment: outcome?.experiment ?? experiment,
    ...Object.fromEntries(ofRun.map(({ name, value }) => [name, value])),
    ...(outcome ? { data: outcome.data, backend: outcome.backend, ir: outcome.irSha256.slice(0, 8) } : {}),
    ...parameters,
  };
}

/** `ir` is a column only if nothing else distinguishes two experiments. */
function namesThatDiffer(candidates: readonly Candidate[], sweeps: readonly SweepRecord[]): readonly string[] {
  const axes = sweeps.flatMap((sweep) => sweep.axes.map(({ name }) => name));
  const distinct = [...new Set(candidates.map(({ parameters }) => parameters))];
  const names = new Set([...axes, ...distinct.flatMap((parameters) => Object.keys(parameters))]);
  const [first] = distinct;
  const differ = [...names].filter((name) => {
    const text = JSON.stringify(first && ownValue(first, name));
    return distinct.some((parameters) => JSON.stringify(ownValue(parameters, name)) !== text);
  });
  const others = differ.filter((name) => name !== 'ir');
  if (!differ.includes('ir')) return others;
  const irs = new Map<string, string>();
  const ambiguous = distinct.some((parameters) => {
    const key = JSON.stringify(others.map((name) => ownValue(parameters, name) ?? null));
    const ir = String(parameters.ir ?? irs.get(key) ?? '');
    const known = irs.get(key);
    irs.set(key, ir);
    return known !== undefined && known !== ir;
  });
  return ambiguous ? differ : others;
}

/** Picks the named parameters. Equal results share one object, which identifies the setting. */
function variedParameters(candidates: readonly Candidate[], names: readonly string[]) {
  const byText = new Map<string, Readonly<Record<string, ParameterValue>>>();
  const distinct = new Set(candidates.map(({ parameters }) => parameters));
  return new Map(
    [...distinct].map((parameters) => {
      const named = names.flatMap((name) => {
        const value = ownValue(parameters, name);
        return value === undefined ? [] : [[name, value] as const];
      });
      const text = JSON.stringify(named);
      const varied = byText.get(text) ?? Object.fromEntries(named);
      byText.set(text, varied);
      return [parameters, varied];
    }),
  );
}

function settingsOf(trials: readonly TableTrial[]): readonly Setting[] {
  const groups = new Map<TableTrial['parameters'], TableTrial[]>();
  for (const trial of trials) {
    const group = groups.get(trial.parameters);
    if (group) group.push(trial);
    else groups.set(trial.parameters, [trial]);
  }
  return [...groups].map(([parameters, group]) => ({ parameters, trials: group, replicates: replicatesOf(group) }));
}

/** Counts a trial that is in two sweeps, or ran twice, once. */
function replicatesOf(trials: readonly TableTrial[]): readonly TableTrial[] {
  const bySeed = new Map<number, TableTrial>();
  for (const trial of trials) {
    if (trial.ended && Number.isFinite(trial.value) && !bySeed.has(trial.seed)) bySeed.set(trial.seed, trial);
  }
  return [...bySeed.values()].sort((a, b) => a.seed - b.seed);
}

function runIdsOf(candidates: readonly Candidate[]): readonly string[] {
  const ids = new Set<string>();
  for (const { runId } of candidates) if (runId !== null) ids.add(runId);
  return [...ids];
}

/** Objective values that sweeps recorded need no further read. */
function knownValues(candidates: readonly Candidate[], choice: MetricChoice): ReadonlyMap<string, MetricValue> {
  const known = new Map<string, MetricValue>();
  for (const { record, sweep } of candidates) {
    if (!record?.runId || record.objective === null || !isObjectiveOf(sweep, choice)) continue;
    known.set(record.runId, { value: record.objective, epoch: record.objectiveEpoch });
  }
  return known;
}

function isObjectiveOf(sweep: SweepRecord | null, { metric, goal, of }: MetricChoice): boolean {
  const objective = sweep?.objective;
  return objective?.metric === metric && objective.goal === goal && objective.of === of;
}

function titleOf(subjects: readonly TableSubject[]): string {
  const names = subjects.map((one) => (one.kind === 'run' ? one.run.id : `${one.sweep.id} · ${one.sweep.name}`));
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/** Details of a table row that the table itself does not depend on, so they are read only for rows shown. */
export interface TrialDetails {
  /** Final values of the table's other metrics, as far as recorded. */
  readonly also: Readonly<Record<string, number>>;
  readonly seconds: number | null;
  readonly weightsSha256: string | null;
}

const none: TrialDetails = { also: {}, seconds: null, weightsSha256: null };

/** @param trials of the table; others are ignored */
export function readDetails(
  store: Store,
  { also }: Pick<TrialTable, 'also'>,
  trials: readonly TableTrial[],
): (trial: TableTrial) => TrialDetails {
  const runIds = trials.flatMap(({ runId }) => runId ?? []);
  const finals = store.trials.finals(runIds, also);
  const endings = store.trials.endings(runIds);
  return ({ runId }) => {
    if (runId === null) return none;
    const { seconds, weightsSha256 } = endings.get(runId) ?? none;
    return { also: finals.get(runId) ?? none.also, seconds, weightsSha256 };
  };
}
