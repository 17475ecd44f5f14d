import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { yamlText } from '../../files/quoted.js';
import { lastEpoch, measuredAtEnd, pathPart, type TrackedRun, type TrackerFile, valueText } from './tracked-runs.js';

/**
 * Files of MLflow's file store: an experiment with its runs, whose ids are derived from their content, so that
 * exporting a run again gives the same run.
 * @param folder absolute path of the files, for the locations of artifacts
 */
export function* mlflowFiles(runs: Iterable<TrackedRun>, title: string, folder: string): Iterable<TrackerFile> {
  const experiment = experimentId(title);
  const place = pathToFileURL(folder).href.replace(/\/$/, '');
  let [first, last] = [Number.MAX_SAFE_INTEGER, -1];
  for (const run of runs) {
    first = Math.min(first, milliseconds(run.started));
    last = Math.max(last, milliseconds(run.ended));
    yield* filesOf(run, experiment, `${place}/${experiment}`);
  }
  if (last < 0) return;
  yield {
    path: `${experiment}/meta.yaml`,
    content: yaml({
      artifact_location: `${place}/${experiment}`,
      creation_time: first,
      experiment_id: experiment,
      last_update_time: last,
      lifecycle_stage: 'active',
      name: title,
    }),
  };
}

function* filesOf(run: TrackedRun, experiment: string, place: string): Iterable<TrackerFile> {
  const { record, name, parameters, points, pictures } = run;
  const id = digest(`${record.identity} ${record.id} ${record.started}`).slice(0, 32);
  const ended = milliseconds(run.ended);
  const file = (path: string, content: Uint8Array | string): TrackerFile => ({
    path: `${experiment}/${id}/${path}`,
    content,
  });
  yield file(
    'meta.yaml',
    yaml({
      artifact_uri: `${place}/${id}/artifacts`,
      end_time: ended,
      entry_point_name: '',
      experiment_id: experiment,
      lifecycle_stage: 'active',
      run_id: id,
      run_name: name,
      run_uuid: id,
      source_name: '',
      source_type: 4,
      source_version: '',
      start_time: milliseconds(run.started),
      status: statuses[record.status] ?? FAILED,
      tags: [],
      user_id: '',
    }),
  );
  for (const [parameter, value] of Object.entries({ ...parameters, seed: record.seed })) {
    yield file(`params/${pathPart(parameter)}`, oneLine(valueText(value)).slice(0, 6000));
  }
  const lines = new Map<string, string[]>();
  const add = (metric: string, value: number, epoch: number, time: number) => {
    const path = metric.split('/').map(pathPart).join('.');
    const own = lines.get(path) ?? [];
    lines.set(path, own);
    own.push(`${milliseconds(time)} ${numberText(value)} ${epoch}\n`);
  };
  for (const { metric, value, epoch, time } of points) add(metric, value, epoch, time);
  for (const [metric, value] of measuredAtEnd(run)) add(metric, value, lastEpoch(run), run.ended);
  for (const [path, text] of lines) yield file(`metrics/${path}`, text.join(''));
  const tags = {
    'mlflow.runName': name,
    'mlflow.source.name': record.file ?? record.experiment,
    'mlflow.source.type': 'LOCAL',
    'aedsl.run': record.id,
    'aedsl.identity': record.identity,
    'aedsl.weights_sha256': record.weightsSha256 ?? '',
    'aedsl.data': record.data,
    'aedsl.data_sha256': record.dataSha256,
    'aedsl.backend': record.backend,
  };
  for (const [tag, value] of Object.entries(tags)) yield file(`tags/${tag}`, oneLine(value));
  for (const picture of pictures) yield file(`artifacts/pictures/${pathPart(picture.name)}.png`, picture.bytes);
}

const FAILED = 4;

/** `RunStatus` of MLflow: 1 runs, 3 has finished, 4 has failed, 5 was killed. */
const statuses: Readonly<Partial<Record<string, number>>> = {
  running: 1,
  complete: 3,
  pruned: 5,
  stopped: 5,
  interrupted: 5,
};

/** The same for the same title; MLflow's own are numbers of 18 digits too. */
function experimentId(title: string): string {
  return ((BigInt(`0x${digest(title).slice(0, 15)}`) % 900_000_000_000_000_000n) + 100_000_000_000_000_000n).toString();
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** Formats a number for Python's `float`. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
}

function yaml(fields: Readonly<Record<string, string | number | readonly string[]>>): string {
  const text = (value: string | number | readonly string[]) =>
    typeof value === 'string' ? yamlText(value) : JSON.stringify(value);
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${text(value)}\n`)
    .join('');
}
