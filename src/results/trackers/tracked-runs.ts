import { ownValue } from '../../compiler/ir/value.js';
import type { ParameterValue } from '../../runtime/events.js';
import type { RunRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import type { TableSubject } from '../table-subject.js';

/** A run as trackers of experiments know one: what it was given, and what was measured when. */
export interface TrackedRun {
  readonly record: RunRecord;
  /** `s3 trial 4, seed 1`, or `sparse, seed 1` for a run by itself. */
  readonly name: string;
  /** The params of the experiment; the seed is no part of them. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly points: readonly TrackedPoint[];
  /** The metrics at the end, by name. */
  readonly finals: Readonly<Record<string, number>>;
  /** PNG. */
  readonly pictures: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Seconds since 1970. */
  readonly started: number;
  readonly ended: number;
}

/** The value of a metric after an epoch. */
export interface TrackedPoint {
  /** `train.loss`; in a stage of pretraining `pretrain/train.loss`. */
  readonly metric: string;
  readonly epoch: number;
  readonly value: number;
  /** From 1: the same for all that was measured after one epoch of one stage. */
  readonly moment: number;
  /** Seconds since 1970; epochs are taken to be equally long. */
  readonly time: number;
}

/** A file of a tracker's, in a folder that is given elsewhere. */
export interface TrackerFile {
  /** Relative, with `/` between its parts, each of them letters, digits, `_`, `-` and `.`. */
  readonly path: string;
  readonly content: Uint8Array | string;
}

/** The runs of a sweep, or one run, each read on demand. */
export function* trackedRuns(store: Store, subject: TableSubject): Iterable<TrackedRun> {
  if (subject.kind === 'run') {
    yield trackedRun(store, subject.run.id, `${subject.run.experiment}, seed ${subject.run.seed}`, {});
    return;
  }
  const { id } = subject.sweep;
  for (const { runId, trial, seed, parameters } of store.sweepTrials(id)) {
    if (runId !== null) yield trackedRun(store, runId, `${id} trial ${trial}, seed ${seed}`, parameters);
  }
}

function trackedRun(
  store: Store,
  id: string,
  name: string,
  varied: Readonly<Record<string, ParameterValue>>,
): TrackedRun {
  const record = store.findRun(id);
  const started = Date.parse(record.started) / 1000;
  const ended = Date.parse(record.finished ?? record.updated) / 1000;
  const epochs = store.readEpochs(id);
  const moments = [...new Set(epochs.map(({ stage, epoch }) => `${stage}\n${epoch}`))];
  const order = new Map(moments.map((moment, i) => [moment, i + 1]));
  const points = epochs.map(({ stage, epoch, metric, value }): TrackedPoint => {
    const moment = order.get(`${stage}\n${epoch}`) ?? 0;
    const share = moment / moments.length;
    const full = stage === 'train' ? metric : `${stage}/${metric}`;
    return { metric: full, epoch, value, moment, time: started + share * (ended - started) };
  });
  const own = Object.fromEntries(record.parameters.map((parameter) => [parameter.name, parameter.value]));
  return {
    record,
    name,
    parameters: { ...own, ...varied },
    points,
    finals: store.readFinal(id),
    pictures: store
      .listFiles(id, 'figure')
      .flatMap((file) => (file.extension === 'png' ? [{ name: file.name, bytes: store.readFile(file) }] : [])),
    started,
    ended,
  };
}

/** The metrics at the end that no epoch has. */
export function measuredAtEnd({ points, finals }: TrackedRun): readonly (readonly [metric: string, value: number])[] {
  const measured = new Set(points.map(({ metric }) => metric));
  return Object.entries(finals).filter(([metric]) => !measured.has(metric));
}

/** The last epoch of a run, at which what is measured at the end is shown. */
export function lastEpoch({ points }: TrackedRun): number {
  return points.reduce((last, { epoch }) => Math.max(last, epoch), 0);
}

/** Converts a name to a safe path segment: `filters(code)` becomes `filters-code`. */
export function pathPart(name: string): string {
  const plain = name
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|-$/g, '')
    .slice(0, 120);
  return plain === '' ? '_' : plain;
}

/** A value as a text; lists as JSON. */
export function valueText(value: ParameterValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** All runs' values of each parameter, in the order they are met. */
export function valuesOfParameters(
  runs: readonly Pick<TrackedRun, 'parameters'>[],
): ReadonlyMap<string, readonly ParameterValue[]> {
  const names = [...new Set(runs.flatMap(({ parameters }) => Object.keys(parameters)))];
  return new Map(
    names.map((name) => {
      const values = runs.flatMap(({ parameters }) => ownValue(parameters, name) ?? []);
      return [name, values];
    }),
  );
}
