import { termLabel } from './definitions.js';
import { presentName } from './former-names.js';
import { type DataPart, partMetric, readMetric } from './metric-name.js';

/** The parts of the data as Keras, Lightning and their loggers begin the names of metrics. */
const partsElsewhere: ReadonlyMap<string, DataPart> = new Map([
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['train', 'train'],
  ['training', 'train'],
  ['test', 'test'],
]);

/** What another library calls `val_loss` or `train/mse`, as it is called here; null for any other name. */
export function metricElsewhere(name: string): string | null {
  const [, before = '', quantity = ''] = /^([a-z]+)[._/](.+)$/.exec(name) ?? [];
  const part = partsElsewhere.get(before);
  if (part === undefined) return null;
  const own = partMetric(part, quantity);
  return own === name ? null : own;
}

/** Of the metrics, the one that a person means by its name in another library, or by its quantity alone; null for none. */
export function metricMeant(name: string, metrics: readonly string[]): string | null {
  const own = metricElsewhere(name) ?? name;
  const known = [own, presentName(own)].find((one) => metrics.includes(one));
  if (known !== undefined) return known;
  const { scope, quantity } = readMetric(own);
  const measured = scope.kind === 'part' ? quantity : own;
  return (
    metrics.find((metric) => metric === measured || termLabel(readMetric(metric).quantity) === termLabel(measured)) ??
    null
  );
}
