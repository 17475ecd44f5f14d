import { usualCurves } from '../../metrics/usual-metric.js';
import type { Store } from '../../runtime/store/store.js';
import type { ResultSet } from './version.js';

/** The curves of two runs with one seed. */
export interface RunDifference {
  /** The sweep cell of both; empty for the experiment as written. */
  readonly params: readonly string[];
  readonly seed: number;
  readonly runs: readonly [string, string];
  /** First difference between the step series, in updates from 1; null if they agree as far as both go. */
  readonly parts: { readonly stage: string; readonly step: number; readonly metric: string } | null;
  readonly curves: readonly CurvePair[];
}

export interface CurvePair {
  readonly metric: string;
  /** After each epoch. */
  readonly old: readonly number[];
  readonly new: readonly number[];
}

/** Compares the stored runs of the seeds that both sides have. */
export function runDifferences(before: ResultSet, after: ResultSet, store: Store): readonly RunDifference[] {
  const single = before.measured.seeds.length === 1 && after.measured.seeds.length === 1;
  return before.measured.seeds.flatMap((seed, i): readonly RunDifference[] => {
    const a = before.runs[i] ?? null;
    const b = after.runs[single ? 0 : after.measured.seeds.indexOf(seed)] ?? null;
    if (a === null || b === null || a === b) return [];
    const [parts, drawn] = [partingStep(a, b, store), curves(a, b, store)];
    return [{ params: before.params, seed, runs: [a, b], parts, curves: drawn }];
  });
}

function partingStep(a: string, b: string, store: Store): RunDifference['parts'] {
  const stages = store.findRun(a).stages.map(({ stage }) => stage);
  for (const stage of stages) {
    const series = (id: string) => store.listSeries(id).filter((each) => each.stage === stage);
    const common = series(a).filter(({ metric }) => series(b).some((other) => other.metric === metric));
    const first = common
      .map(({ metric }) => ({
        metric,
        step: firstDifference(store.readSeries(a, stage, metric).values, store.readSeries(b, stage, metric).values),
      }))
      .filter(({ step }) => step !== null)
      .sort((x, y) => (x.step ?? 0) - (y.step ?? 0) || Number(y.metric === 'loss') - Number(x.metric === 'loss'))[0];
    if (first && first.step !== null) return { stage, step: first.step + 1, metric: first.metric };
  }
  return null;
}

function firstDifference(a: Float32Array, b: Float32Array): number | null {
  const steps = Math.min(a.length, b.length);
  for (let step = 0; step < steps; step++) if (!Object.is(a[step], b[step])) return step;
  return a.length === b.length ? null : steps;
}

function curves(a: string, b: string, store: Store): readonly CurvePair[] {
  const of = (id: string, metric: string) =>
    store
      .readEpochs(id)
      .filter((each) => each.metric === metric)
      .map(({ value }) => value);
  const metric = usualCurves().find((name) => of(a, name).length > 1 && of(b, name).length > 1);
  return metric === undefined ? [] : [{ metric, old: of(a, metric), new: of(b, metric) }];
}
