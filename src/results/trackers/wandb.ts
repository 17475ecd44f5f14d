import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { protobufEncoder } from '../../runtime/formats/protobuf.js';
import { pathPart, type TrackedPoint, type TrackedRun, type TrackerFile } from './tracked-runs.js';

/** The fields of wandb_internal.proto that we write. */
const encode = protobufEncoder({
  Record: {
    num: { id: 1, type: 'int64' },
    history: { id: 2, type: 'HistoryRecord' },
    summary: { id: 3, type: 'SummaryRecord' },
    metric: { id: 12, type: 'MetricRecord' },
    run: { id: 17, type: 'RunRecord' },
    exit: { id: 18, type: 'RunExitRecord' },
    header: { id: 21, type: 'HeaderRecord' },
  },
  HeaderRecord: { version_info: { id: 1, type: 'VersionInfo' } },
  VersionInfo: { producer: { id: 1, type: 'string' }, min_consumer: { id: 2, type: 'string' } },
  RunRecord: {
    run_id: { id: 1, type: 'string' },
    project: { id: 3, type: 'string' },
    config: { id: 4, type: 'ConfigRecord' },
    run_group: { id: 6, type: 'string' },
    display_name: { id: 8, type: 'string' },
    start_time: { id: 17, type: 'Timestamp' },
  },
  Timestamp: { seconds: { id: 1, type: 'int64' }, nanos: { id: 2, type: 'int32' } },
  ConfigRecord: { update: { id: 1, type: 'Item', rule: 'repeated' } },
  SummaryRecord: { update: { id: 1, type: 'Item', rule: 'repeated' } },
  HistoryRecord: { item: { id: 1, type: 'Item', rule: 'repeated' }, step: { id: 2, type: 'HistoryStep' } },
  HistoryStep: { num: { id: 1, type: 'int64' } },
  Item: {
    key: { id: 1, type: 'string' },
    nested_key: { id: 2, type: 'string', rule: 'repeated' },
    value_json: { id: 16, type: 'string' },
  },
  MetricRecord: {
    name: { id: 1, type: 'string' },
    glob_name: { id: 2, type: 'string' },
    step_metric: { id: 4, type: 'string' },
    options: { id: 6, type: 'MetricOptions' },
  },
  MetricOptions: {
    step_sync: { id: 1, type: 'bool' },
    hidden: { id: 2, type: 'bool' },
    defined: { id: 3, type: 'bool' },
  },
  RunExitRecord: { exit_code: { id: 1, type: 'int32' }, runtime: { id: 2, type: 'int32' } },
});

/**
 * A folder for each run, as W&B creates offline: `wandb sync` uploads them.
 * @param title of the group, if there are several runs
 */
export function* wandbFiles(runs: Iterable<TrackedRun>, title: string): Iterable<TrackerFile> {
  for (const run of runs) {
    const { record, started } = run;
    const id = createHash('sha256')
      .update(`${record.identity} ${record.id} ${record.started}`)
      .digest('hex')
      .slice(0, 16);
    const stamp = new Date(started * 1000).toISOString().replace(/\..*$/, '').replace(/[-:]/g, '').replace('T', '_');
    yield { path: `offline-run-${stamp}-${id}/run-${id}.wandb`, content: logOf([...recordsOf(run, id, title)]) };
  }
}

function* recordsOf(run: TrackedRun, id: string, title: string): Iterable<Uint8Array> {
  const { record, name, parameters, finals, started, ended } = run;
  let num = 0;
  const made = (content: object) => encode('Record', { num: ++num, ...content });
  const { identity, weightsSha256, data, dataSha256, backend, seed } = record;
  const aedsl = { run: record.id, identity, weights_sha256: weightsSha256, data, data_sha256: dataSha256, backend };
  yield made({ header: { version_info: { producer: 'aedsl', min_consumer: '0.70.0' } } });
  yield made({
    run: {
      run_id: id,
      project: pathPart(record.experiment),
      config: {
        update: Object.entries({ ...parameters, seed, aedsl }).map(([key, value]) => ({
          key,
          value_json: json(value),
        })),
      },
      run_group: title,
      display_name: name,
      start_time: { seconds: Math.floor(started), nanos: Math.round((started % 1) * 1000) * 1e6 },
    },
  });
  yield made({ metric: { name: 'epoch', options: { defined: true } } });
  yield made({ metric: { glob_name: '*', step_metric: 'epoch', options: { step_sync: true, defined: true } } });
  const last = new Map<string, number>();
  for (const [step, points] of byEpoch(run.points).entries()) {
    const [{ epoch, time } = { epoch: 0, time: started }] = points;
    const values = points.map(({ metric, value }): readonly [string, number] => [metric, value]);
    for (const [metric, value] of values) last.set(metric, value);
    const items = [
      ...values,
      ['epoch', epoch],
      ['_step', step],
      ['_timestamp', time],
      ['_runtime', time - started],
    ] as const;
    yield made({
      history: {
        item: items.map(([key, value]) => ({ nested_key: [key], value_json: json(value) })),
        step: { num: step },
      },
    });
  }
  const summary = [...last, ...Object.entries(finals)];
  yield made({ summary: { update: summary.map(([key, value]) => ({ nested_key: [key], value_json: json(value) })) } });
  yield made({ exit: { exit_code: record.status === 'complete' ? 0 : 1, runtime: Math.round(ended - started) } });
}

function byEpoch(points: readonly TrackedPoint[]): readonly (readonly TrackedPoint[])[] {
  const moments = new Map<number, TrackedPoint[]>();
  for (const point of points) {
    const together = moments.get(point.moment) ?? [];
    moments.set(point.moment, together);
    together.push(point);
  }
  return [...moments.values()];
}

/** JSON with NaN and infinities as Python's `json` writes them. */
function json(value: unknown): string {
  if (typeof value !== 'number' || Number.isFinite(value)) return JSON.stringify(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

const blockBytes = 32_768;
const headerBytes = 7;

/** Types of a record's fragment in a block: the whole record, or its first, a middle or its last fragment. */
const kinds = { whole: 1, first: 2, middle: 3, last: 4 } as const;

/** A log in LevelDB's format, preceded by W&B's magic bytes; records are fragmented at block boundaries. */
function logOf(records: readonly Uint8Array[]): Uint8Array {
  const mark = Uint8Array.of(...Buffer.from(':W&B'), 0xe1, 0xbe, 0);
  const parts: Uint8Array[] = [mark];
  let at = mark.length;
  for (const record of records) {
    let from = 0;
    do {
      const room = blockBytes - (at % blockBytes);
      if (room < headerBytes) {
        parts.push(new Uint8Array(room));
        at += room;
        continue;
      }
      const to = Math.min(record.length, from + room - headerBytes);
      const isLast = to === record.length;
      const kind = from === 0 ? (isLast ? kinds.whole : kinds.first) : isLast ? kinds.last : kinds.middle;
      parts.push(framed(record.subarray(from, to), kind));
      at += headerBytes + to - from;
      from = to;
    } while (from < record.length);
  }
  return Buffer.concat(parts);
}

function framed(bytes: Uint8Array, kind: number): Uint8Array {
  const part = new Uint8Array(headerBytes + bytes.length);
  const view = new DataView(part.buffer);
  view.setUint32(0, crc32(bytes, crc32(Uint8Array.of(kind))), true);
  view.setUint16(4, bytes.length, true);
  view.setUint8(6, kind);
  part.set(bytes, headerBytes);
  return part;
}
