import crc32c from 'crc-32/crc32c.js';
import { partOf } from '../../metrics/metric-name.js';
import type { ParameterValue } from '../../runtime/events.js';
import { protobufEncoder } from '../../runtime/formats/protobuf.js';
import {
  lastEpoch,
  measuredAtEnd,
  pathPart,
  type TrackedRun,
  type TrackerFile,
  valuesOfParameters,
  valueText,
} from './tracked-runs.js';

/** The fields that we write of TensorFlow's event.proto, summary.proto and the hyperparameter plugin. */
const encode = protobufEncoder({
  Event: {
    wall_time: { id: 1, type: 'double' },
    step: { id: 2, type: 'int64' },
    file_version: { id: 3, type: 'string' },
    summary: { id: 5, type: 'Summary' },
  },
  Summary: { value: { id: 1, type: 'SummaryValue', rule: 'repeated' } },
  SummaryValue: {
    tag: { id: 1, type: 'string' },
    simple_value: { id: 2, type: 'float' },
    image: { id: 4, type: 'Image' },
    tensor: { id: 8, type: 'Tensor' },
    metadata: { id: 9, type: 'Metadata' },
  },
  Image: {
    height: { id: 1, type: 'int32' },
    width: { id: 2, type: 'int32' },
    colorspace: { id: 3, type: 'int32' },
    encoded_image_string: { id: 4, type: 'bytes' },
  },
  Tensor: { dtype: { id: 1, type: 'int32' }, tensor_shape: { id: 2, type: 'TensorShape' } },
  TensorShape: { dim: { id: 2, type: 'Dimension', rule: 'repeated' } },
  Dimension: { size: { id: 1, type: 'int64' } },
  Metadata: { plugin_data: { id: 1, type: 'PluginData' } },
  PluginData: { plugin_name: { id: 1, type: 'string' }, content: { id: 2, type: 'bytes' } },
  Hyperparameters: {
    version: { id: 1, type: 'int32' },
    experiment: { id: 2, type: 'Experiment' },
    session_start_info: { id: 3, type: 'SessionStart' },
    session_end_info: { id: 4, type: 'SessionEnd' },
  },
  Experiment: {
    name: { id: 6, type: 'string' },
    hparam_infos: { id: 4, type: 'ParameterInfo', rule: 'repeated' },
    metric_infos: { id: 5, type: 'MetricInfo', rule: 'repeated' },
  },
  ParameterInfo: {
    name: { id: 1, type: 'string' },
    type: { id: 4, type: 'int32' },
    domain_discrete: { id: 5, type: 'ListValue' },
  },
  MetricInfo: { name: { id: 1, type: 'MetricName' } },
  MetricName: { group: { id: 1, type: 'string' }, tag: { id: 2, type: 'string' } },
  SessionStart: {
    hparams: { id: 1, type: 'Value', keyType: 'string' },
    start_time_secs: { id: 5, type: 'double' },
  },
  SessionEnd: { status: { id: 1, type: 'int32' }, end_time_secs: { id: 2, type: 'double' } },
  ListValue: { values: { id: 1, type: 'Value', rule: 'repeated' } },
  Value: {
    number_value: { id: 2, type: 'double' },
    string_value: { id: 3, type: 'string' },
    bool_value: { id: 4, type: 'bool' },
  },
});

/**
 * Files that TensorBoard reads: a folder of events for each run, and the experiment of the hyperparameters above them.
 * @param title of the experiment
 */
export function* tensorboardFiles(runs: Iterable<TrackedRun>, title: string): Iterable<TrackerFile> {
  const seen: Pick<TrackedRun, 'parameters' | 'finals' | 'started'>[] = [];
  for (const run of runs) {
    seen.push({ parameters: withSeed(run), finals: run.finals, started: run.started });
    const path = `${pathPart(run.record.id)}/events.out.tfevents.${Math.floor(run.started)}.aedsl`;
    yield { path, content: joined([...eventsOf(run)].map(record)) };
  }
  const started = seen.reduce((first, run) => Math.min(first, run.started), Number.MAX_SAFE_INTEGER);
  const events = [
    fileVersion(started),
    hyperparameters('experiment', started, { experiment: experimentOf(seen, title) }),
  ];
  if (seen.length > 0)
    yield { path: `events.out.tfevents.${Math.floor(started)}.aedsl`, content: joined(events.map(record)) };
}

function* eventsOf(run: TrackedRun): Iterable<Uint8Array> {
  const {
    points,
    pictures,
    started,
    ended,
    record: { status },
  } = run;
  yield fileVersion(started);
  const hparams = Object.fromEntries(
    Object.entries(withSeed(run)).map(([name, value]) => [name, protobufValue(value)]),
  );
  yield hyperparameters('session_start_info', started, {
    session_start_info: { hparams, start_time_secs: started },
  });
  for (const { metric, epoch, value, time } of points) {
    yield summary(time, epoch, { tag: tagOf(metric), simple_value: value });
  }
  const last = lastEpoch(run);
  for (const [metric, value] of measuredAtEnd(run)) {
    yield summary(ended, last, { tag: tagOf(metric), simple_value: value });
  }
  for (const { name, bytes } of pictures) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 24) continue;
    const [width, height] = [view.getUint32(16), view.getUint32(20)];
    const image = { width: width % 2 ** 31, height: height % 2 ** 31, colorspace: 3, encoded_image_string: bytes };
    yield summary(ended, last, { tag: `pictures/${name}`, image });
  }
  yield hyperparameters('session_end_info', ended, {
    session_end_info: { status: status === 'complete' ? 1 : 2, end_time_secs: ended },
  });
}

/** `train.loss.mse` → `train/loss.mse`: TensorBoard groups charts by what is before the slash. */
function tagOf(metric: string): string {
  return metric.includes('/') ? metric : metric.replace('.', '/');
}

function withSeed({ parameters, record: { seed } }: TrackedRun): Readonly<Record<string, ParameterValue>> {
  return { ...parameters, seed };
}

function experimentOf(runs: readonly Pick<TrackedRun, 'parameters' | 'finals'>[], title: string): object {
  const all = [...new Set(runs.flatMap(({ finals }) => Object.keys(finals)))];
  const ofTest = all.filter((metric) => partOf(metric) === 'test');
  const metrics = ofTest.length > 0 ? ofTest : all;
  return {
    name: title,
    hparam_infos: [...valuesOfParameters(runs)].map(([name, values]) => {
      const distinct = [...new Map(values.map((value) => [valueText(value), value])).values()];
      const types = new Set(distinct.map((value) => typeOf(value)));
      const [type = 1] = types.size === 1 ? types : [1];
      return { name, type, domain_discrete: { values: distinct.map(protobufValue) } };
    }),
    metric_infos: metrics.map((metric) => ({ name: { group: '', tag: tagOf(metric) } })),
  };
}

/** `DataType` of the plugin: 1 is text, 2 a truth value, 3 a number. */
function typeOf(value: ParameterValue): 1 | 2 | 3 {
  return typeof value === 'number' ? 3 : typeof value === 'boolean' ? 2 : 1;
}

function protobufValue(value: ParameterValue): object {
  if (typeof value === 'number') return { number_value: value };
  return typeof value === 'boolean' ? { bool_value: value } : { string_value: valueText(value) };
}

function hyperparameters(tag: string, time: number, content: object): Uint8Array {
  return summary(time, 0, {
    tag: `_hparams_/${tag}`,
    tensor: { dtype: 1, tensor_shape: { dim: [{}] } },
    metadata: {
      plugin_data: { plugin_name: 'hparams', content: encode('Hyperparameters', { version: 0, ...content }) },
    },
  });
}

function summary(time: number, step: number, value: object): Uint8Array {
  return encode('Event', { wall_time: time, step, summary: { value: [value] } });
}

function fileVersion(time: number): Uint8Array {
  return encode('Event', { wall_time: time, file_version: 'brain.Event:2' });
}

/** A record of TFRecord: length, its checksum, the bytes, their checksum. */
function record(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(bytes.length + 16);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, masked(framed.subarray(0, 8)), true);
  framed.set(bytes, 12);
  view.setUint32(12 + bytes.length, masked(bytes), true);
  return framed;
}

/** The checksum of bytes, turned by 15 bits, so that a record within a record has no valid one. */
function masked(bytes: Uint8Array): number {
  const checksum = crc32c.buf(bytes) >>> 0;
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
